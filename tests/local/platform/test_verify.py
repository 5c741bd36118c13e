"""`make verify ENV=local` and `make preflight ENV=local` on the platform that `make up` deployed."""

import json
from pathlib import Path

import boto3
import pytest

from local import cloud
from stacks.environments import ENVIRONMENTS
from tests.local.platform.deployed import Platform
from tests.local.platform.test_commands import run
from tools.preflight.__main__ import preflight
from tools.verify.throwaway import MARK

LEFT = f"{MARK}left"


def made(platform: Platform) -> list[str]:
    """What runs of `make verify` made and is there."""
    pool = platform.parameter("user-pool-id")
    clients = platform.emulator.client("cognito-idp").list_user_pool_clients(UserPoolId=pool, MaxResults=60)
    secrets = platform.emulator.client("secretsmanager").get_paginator("list_secrets").paginate()
    names = [each["ClientName"] for each in clients["UserPoolClients"]]
    names += [each["Name"].rpartition("/")[2] for page in secrets for each in page["SecretList"]]
    return [name for name in names if name.startswith(MARK)]


def leave(platform: Platform) -> None:
    """Make what a killed run leaves behind."""
    pool = platform.parameter("user-pool-id")
    platform.emulator.client("cognito-idp").create_user_pool_client(UserPoolId=pool, ClientName=LEFT)
    platform.emulator.client("secretsmanager").create_secret(Name=f"otto/dev/clients/{LEFT}", SecretString="{}")


def test_a_deployed_platform_is_as_we_assume_as_far_as_the_emulator_answers(platform: Platform, tmp_path: Path) -> None:
    leave(platform)
    assert made(platform) == [LEFT, LEFT]
    file = tmp_path / "rows.json"
    ran = run(
        "local.at_emulator", "--state", str(platform.state),
        "python", "-m", "tools.verify", "dev", "--clients", "2", "--json", str(file),
    )  # fmt: skip
    rows = {row["name"]: row for row in json.loads(file.read_text())}
    assert [row for row in rows.values() if row["state"] not in ("good", "elsewhere")] == []
    assert (ran.returncode, ran.stderr) == (0, "")
    assert {name for name, row in rows.items() if row["state"] == "good"} == {
        "earlier runs", "sdk", "secrets", "described secret", "managed secrets", "many clients", "wrong secret",
        "suspended client", "issuer", "client refusals", "secret refusals", "unknown operation", "a reader's write",
        "a write without a token", "large body", "address not utf-8", "body not utf-8", "head", "difference",
        "clean up",
    }  # fmt: skip
    assert rows["earlier runs"]["found"] == "2 of an earlier run, removed"
    assert all(row["found"] == "not at the emulator" for row in rows.values() if row["state"] == "elsewhere")
    assert f", {sum(row['state'] == 'elsewhere' for row in rows.values())} not looked at, " in ran.stdout
    assert platform.credentials("smoke")["client_secret"] not in ran.stdout + file.read_text()
    assert made(platform) == []


def test_preflight_is_clear_as_far_as_the_emulator_answers(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in cloud.environment(platform.emulator).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    assert preflight(ENVIRONMENTS[0], "local", set()) == 0
    *rows, last = capsys.readouterr().out.splitlines()
    # A row that is too wide goes on below, under its second column.
    assert {line.split()[0] for line in rows[1:] if not line.startswith(" ")} == {"ok", "-"}
    assert last.startswith("preflight: local: 6 ok, 6 not looked at, ")
