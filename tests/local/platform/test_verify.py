"""`make verify ENV=local` and `make preflight ENV=local` on the platform that `make up` deployed."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from local import cloud
from local.deployment import CHECKOUT
from tests.local.platform.deployed import Platform
from tests.local.platform.test_commands import run
from tests.local.waiting import wait
from tools.verify.throwaway import MARK


def made(platform: Platform) -> list[str]:
    """What runs of `make verify` made and is there."""
    pool = platform.parameter("user-pool-id")
    clients = platform.emulator.client("cognito-idp").list_user_pool_clients(UserPoolId=pool, MaxResults=60)
    secrets = platform.emulator.client("secretsmanager").get_paginator("list_secrets").paginate()
    names = [each["ClientName"] for each in clients["UserPoolClients"]]
    names += [each["Name"].rpartition("/")[2] for page in secrets for each in page["SecretList"]]
    return [name for name in names if name.startswith(MARK)]


def rows(path: Path) -> dict[str, dict[str, str]]:
    return {row["name"]: row for row in json.loads(path.read_text())}


def test_a_deployed_platform_is_as_we_assume_as_far_as_the_emulator_answers(platform: Platform, tmp_path: Path) -> None:
    file = tmp_path / "rows.json"
    ran = run(
        "local.at_emulator", "--state", str(platform.state),
        "python", "-m", "tools.verify", "dev", "--clients", "2", "--json", str(file),
    )  # fmt: skip
    found = rows(file)
    assert [row for row in found.values() if row["state"] not in ("good", "elsewhere")] == []
    assert (ran.returncode, ran.stderr) == (0, "")
    assert {name for name, row in found.items() if row["state"] == "good"} == {
        "earlier runs", "sdk", "secrets", "described secret", "many clients", "wrong secret", "suspended client",
        "unknown operation", "a reader's write", "a write without a token", "large body", "difference", "clean up",
    }  # fmt: skip
    assert all(row["found"] == "not at the emulator" for row in found.values() if row["state"] == "elsewhere")
    assert f", {sum(row['state'] == 'elsewhere' for row in found.values())} not looked at, " in ran.stdout
    assert platform.credentials("smoke")["client_secret"] not in ran.stdout + file.read_text()
    assert made(platform) == []


def test_a_run_that_is_terminated_removes_what_it_made(platform: Platform) -> None:
    verify = start(platform, "--clients", "20")
    try:
        wait(lambda: made(platform))
        verify.send_signal(signal.SIGTERM)
        shown, _ = verify.communicate(timeout=120)
    finally:
        verify.kill()
    assert (verify.returncode, made(platform)) == (1, [])
    assert shown.splitlines()[-1].endswith(", stopped")


def test_what_a_killed_run_left_is_named_and_then_removed_by_a_later_one(platform: Platform, tmp_path: Path) -> None:
    verify = start(platform, "--clients", "20")
    try:
        wait(lambda: made(platform))
    finally:
        verify.kill()
        verify.communicate()
    assert made(platform)
    file, at = tmp_path / "rows.json", ("local.at_emulator", "--state", str(platform.state))
    looked = run(*at, "python", "-m", "tools.verify", "dev", "--read-only", "--json", str(file))
    assert looked.returncode == 1
    assert rows(file)["earlier runs"]["state"] == "bad"
    assert {name for name, row in rows(file).items() if row["found"] == "not with READ_ONLY=yes"} == {
        "many clients",
        "suspended client",
        "foreign hand",
        "firewall rate",
    }
    assert made(platform)
    assert run(*at, "python", "-m", "tools.verify", "dev", "--clients", "1", "--json", str(file)).returncode == 0
    assert rows(file)["earlier runs"]["found"].endswith("of an earlier run, removed")
    assert made(platform) == []


def start(platform: Platform, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tools.verify", "dev", *arguments],
        cwd=CHECKOUT,
        env=cloud.environment(platform.emulator.endpoint) | {"PATH": os.environ["PATH"]},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_prod_is_only_looked_at_and_what_is_no_environment_is_refused() -> None:
    refused = run("tools.verify", "prod", AWS_IGNORE_CONFIGURED_ENDPOINT_URLS="true")
    assert refused.returncode == 1
    assert refused.stderr.endswith("make verify READ_ONLY=yes ENV=prod\n")
    assert run("tools.verify", "production").stderr == (
        "verify: ENV='production': expected dev, staging, prod, or local\n"
    )


def test_preflight_is_clear_as_far_as_the_emulator_answers(platform: Platform) -> None:
    ran = run("local.at_emulator", "--state", str(platform.state), "python", "-m", "tools.preflight", "dev")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert {line.split()[0] for line in ran.stdout.splitlines()[1:-1]} == {"ok", "-"}
    assert ran.stdout.splitlines()[-1].startswith("preflight: local: 5 ok, 5 not looked at, ")
