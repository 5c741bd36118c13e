"""Thirty app clients made in one deploy, in a new account: its limit of 10 throttles their first rotations.

`make load`, which every pull request passes as well, makes a hundred: as many as a group holds.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from local import cloud, deployment
from local.emulator import process
from local.emulator.process import Emulator
from stacks.environments import ENVIRONMENTS
from tests.local.conftest import copy_checkout
from tools.resumption import seconds_for

CLIENTS = int(os.environ.get("MANY_CLIENTS", "30"))
NEW_ACCOUNT = 10
GROUP = "many"


def declare(clients: Path) -> None:
    """Write the group and its clients' files into a registry."""
    groups = yaml.safe_load((clients / "groups.yaml").read_text())
    groups[GROUP] = groups["internal"] | {"purpose": "Many services that come on one day."}
    (clients / "groups.yaml").write_text(yaml.safe_dump(groups))
    (clients / GROUP).mkdir()
    entry = yaml.safe_load((clients / "internal" / "lead-enricher.yaml").read_text())
    entry["environments"] = {"dev": {"scopes": ["api.read"]}}
    for number in range(CLIENTS):
        (clients / GROUP / f"{GROUP}-{number:03}.yaml").write_text(yaml.safe_dump(entry, sort_keys=False))


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulator]:
    state = tmp_path / "emulator"
    yield process.start(state=state, port=process.free_port(), concurrency=NEW_ACCOUNT)
    process.stop(state)


def test_all_get_credentials_in_the_time_for_their_number(emulator: Emulator, tmp_path: Path) -> None:
    checkout = copy_checkout(tmp_path)
    declare(checkout / "clients")
    deployment.bootstrap(emulator, Path(emulator.log).with_name("bootstrap.log"))
    deployment.deploy(emulator, Path(emulator.log).with_name("deploy.log"), checkout=checkout)
    waited = subprocess.run(
        [sys.executable, "-m", "tools.credentials", "dev", "--pace", "2"],
        cwd=checkout,
        env=cloud.environment(emulator) | {"PYTHONPATH": str(deployment.CHECKOUT)},
        timeout=seconds_for(CLIENTS),
        capture_output=True,
        text=True,
        check=False,
    )
    assert waited.returncode == 0, waited.stderr
    assert waited.stdout.startswith("credentials: all ")
    assert " failed: throttled" in Path(emulator.log).read_text()
    secrets = emulator.client("secretsmanager")
    for number in range(CLIENTS):
        secret = ENVIRONMENTS[0].credentials(f"{GROUP}-{number:03}")
        assert secrets.describe_secret(SecretId=secret)["LastRotatedDate"]
