"""What a deleted stack of `staging` retains, as docs/restoring.md tells it: named by preflight, and taken in again."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import cloud, deployment
from local.emulator import process
from local.emulator.process import Emulator
from local.failure import CommandError
from stacks.environments import ENVIRONMENTS
from tests.local.waiting import wait
from tools.cloud import Cloud
from tools.preflight import leftovers
from tools.preflight.plan import Plan
from tools.row import Row, State
from tools.template import Assembly

STAGING = next(each for each in ENVIRONMENTS if each.name == "staging")
FIREWALL = STAGING.stack("firewall")
RESTORING = (deployment.CHECKOUT / "docs" / "restoring.md").read_text()


@pytest.fixture
def emulator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    state = tmp_path / "emulator"
    running = process.start(state=state, port=process.free_port())
    for name, value in cloud.environment(running).items():
        monkeypatch.setenv(name, value)
    deployment.bootstrap(running, state / "bootstrap.log")
    yield running
    process.stop(state)


def groups(emulator: Emulator) -> dict[str, int]:
    """When each log group of the firewall was made."""
    answer = emulator.client("logs").describe_log_groups(logGroupNamePrefix="aws-waf-logs-")
    return {each["logGroupName"]: each["creationTime"] for each in answer["logGroups"]}


def delete(emulator: Emulator) -> None:
    """Delete the stack, by the two commands that the document tells."""
    client = emulator.client("cloudformation")
    client.update_termination_protection(StackName=FIREWALL, EnableTerminationProtection=False)
    client.delete_stack(StackName=FIREWALL)
    wait(lambda: FIREWALL not in {each["StackName"] for each in client.describe_stacks()["Stacks"]})


def found(assembly: Assembly) -> list[Row]:
    """What preflight finds in the way of the deploy."""
    seen = Cloud(region=STAGING.region, emulated=True)
    plan = Plan(environment=STAGING, groups=(), assembly=assembly, bootstrap_version=0, cloud=seen)
    return [row for row in leftovers.look(plan) if row.state is State.BAD]


def test_logs_that_a_deleted_firewall_left_stop_a_new_one_until_it_takes_them_in(
    emulator: Emulator, cdk_out: Path, assembly: Assembly, tmp_path: Path
) -> None:
    def deploy(*select: str) -> None:
        deployment.deploy(emulator, tmp_path / "deploy.log", assembly=cdk_out, select=(*select, "--exclusively"))

    deploy("staging/firewall")
    made = groups(emulator)
    assert len(made) == 2
    delete(emulator)
    assert groups(emulator) == made
    [row] = found(assembly)
    assert row.found == f"AWS::Logs::LogGroup without a stack: {', '.join(sorted(made))}"
    with pytest.raises(CommandError, match="already exists"):
        deploy("staging/firewall")
    delete(emulator)
    [command] = re.findall(r"`node_modules/\.bin/cdk deploy (.+? --import-existing-resources)`", RESTORING)
    deploy(*shlex.split(command.replace("<env>", "staging")))
    assert groups(emulator) == made
    assert found(assembly) == []
