"""Which secrets the watch finds overdue, and the line that CloudWatch reads as metrics."""

import io
import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from lambdas.rotation import registration
from lambdas.rotation_watch import handler
from lambdas.rotation_watch.secrets import REGISTERED, judge
from tools import credentials

NOW = datetime(2027, 1, 31, tzinfo=UTC)


WRITTEN = {"c": ["AWSCURRENT"], "b": ["AWSPREVIOUS", "registered-beside:1"]}
"""The versions of a secret that CloudFormation or a person wrote after its last rotation."""


def secret(days: float, **others: Any) -> dict[str, Any]:
    """One that is rotated every 30 days, and was last `days` ago."""
    return {
        "Name": "otto/dev/clients/a",
        "CreatedDate": NOW - timedelta(days=400),
        "LastRotatedDate": NOW - timedelta(days=days),
        "RotationEnabled": True,
        "RotationRules": {"AutomaticallyAfterDays": 30},
        "SecretVersionsToStages": {"b": ["AWSCURRENT", "registered-beside:1"], "a": ["AWSPREVIOUS"]},
    } | others


@pytest.mark.parametrize(
    ("found", "overdue"),
    [
        (secret(0), False),
        (secret(30), False),
        (secret(32), False),
        (secret(32.1), True),
        (secret(400), True),
        (secret(1, RotationEnabled=False), True),
        (secret(1, DeletedDate=NOW), True),
        (secret(1, RotationRules={}), True),
        (secret(1, RotationRules=None), True),
        (secret(1, LastRotatedDate=None), True),
        (secret(1, LastRotatedDate=None, CreatedDate=NOW), False),
    ],
)
def test_a_secret_is_overdue_two_days_after_its_rotation_was_due_or_when_it_has_none(
    found: dict[str, Any], overdue: bool
) -> None:
    assert judge([found], NOW).overdue == ((found["Name"],) if overdue else ())


@pytest.mark.parametrize(
    ("found", "given_up"),
    [
        (secret(0), False),
        (secret(32), False),
        (secret(32.1), True),
        (secret(400, RotationEnabled=False), False),
        (secret(0, LastRotatedDate=None, CreatedDate=NOW - timedelta(minutes=29)), False),
        (secret(0, LastRotatedDate=None, CreatedDate=NOW - timedelta(minutes=31)), True),
        (secret(0, LastRotatedDate=None, CreatedDate=NOW - timedelta(minutes=31), RotationRules={}), False),
        (secret(0, SecretVersionsToStages=WRITTEN), True),
        (secret(0, SecretVersionsToStages=None), True),
        (secret(0, SecretVersionsToStages=WRITTEN | {"d": ["AWSPENDING"]}), True),
        (secret(0, SecretVersionsToStages=WRITTEN, RotationEnabled=False), False),
        (secret(400, DeletedDate=NOW), False),
        (secret(0, SecretVersionsToStages=WRITTEN, LastRotatedDate=None, CreatedDate=NOW), False),
    ],
)
def test_a_rotation_is_given_up_when_it_is_overdue_or_the_first_has_not_ended_or_the_value_was_never_registered(
    found: dict[str, Any], given_up: bool
) -> None:
    assert judge([found], NOW).given_up == ((found["Name"],) if given_up else ())


def test_the_label_of_a_registered_value_is_the_one_that_the_rotation_puts_on() -> None:
    assert REGISTERED == credentials.REGISTERED == registration.BESIDE


def test_the_oldest_is_told_and_the_overdue_are_named() -> None:
    state = judge([secret(3), secret(50, Name="z"), secret(41.5, Name="b")], NOW)
    assert (state.count, state.oldest, state.overdue) == (3, timedelta(days=50), ("b", "z"))


def test_no_secret_is_no_fault() -> None:
    assert judge([], NOW).overdue == ()
    assert judge([], NOW).oldest == timedelta(0)


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> MagicMock:
    client = MagicMock()
    monkeypatch.setattr(handler, "_client", lambda: client)
    monkeypatch.setenv("SECRETS", "otto/dev/clients/")
    monkeypatch.setenv("NAMESPACE", "Otto/dev")
    monkeypatch.setenv("ROTATION", "arn:rotation")
    return client


@pytest.fixture(autouse=True)
def rotation(monkeypatch: pytest.MonkeyPatch) -> MagicMock:
    """The rotation function, which has nothing against any secret unless it is told otherwise."""
    client = MagicMock()
    monkeypatch.setattr(handler, "_functions", lambda: client)
    client.invoke.side_effect = lambda **_: answered({"refused": {}, "wrong": {}})
    return client


def answered(told: Any, **others: str) -> dict[str, Any]:
    return {"Payload": io.BytesIO(json.dumps(told).encode())} | others


def test_every_page_is_counted_in_one_line_of_metrics(listed: MagicMock, capsys: pytest.CaptureFixture[str]) -> None:
    rotated = datetime.now(UTC) - timedelta(days=33)
    pages = [
        {"SecretList": [secret(0, LastRotatedDate=rotated)]},
        {"SecretList": [secret(0, LastRotatedDate=rotated, Name="b")]},
    ]
    listed.get_paginator.return_value.paginate.return_value = pages
    handler.handle({}, SimpleNamespace(aws_request_id="r"))
    [line] = capsys.readouterr().out.splitlines()
    said = json.loads(line)
    [directive] = said["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "Otto/dev"
    assert {each["Name"]: said[each["Name"]] for each in directive["Metrics"]} == {
        "Secrets": 2,
        "SecretsOverdue": 2,
        "SecretsDiffering": 0,
        "OldestSecretDays": 33.0,
    }
    for written in (
        datetime.fromisoformat(said["timestamp"]),
        datetime.fromtimestamp(said["_aws"]["Timestamp"] / 1000, UTC),
    ):
        assert abs(datetime.now(UTC) - written) < timedelta(minutes=1)
    assert (said["level"], said["request_id"], said["overdue"]) == ("WARNING", "r", ["b", "otto/dev/clients/a"])
    listed.get_paginator.return_value.paginate.assert_called_once_with(
        Filters=[{"Key": "name", "Values": ["otto/dev/clients/"]}], IncludePlannedDeletion=True
    )


def test_rotations_that_were_given_up_are_set_going_again_and_what_refuses_one_hides_no_metric(
    listed: MagicMock, capsys: pytest.CaptureFixture[str]
) -> None:
    created = datetime.now(UTC) - timedelta(hours=1)
    secrets = [secret(0, Name=name, LastRotatedDate=None, CreatedDate=created) for name in "abcde"]
    listed.get_paginator.return_value.paginate.return_value = [{"SecretList": secrets}]
    listed.rotate_secret.side_effect = [
        {},
        refused("InvalidRequestException", "A previous rotation isn't complete. That rotation will be reattempted."),
        refused("AccessDeniedException", "You are not allowed."),
        ReadTimeoutError(endpoint_url="https://secretsmanager.example"),
        {},
    ]
    handler.handle({}, SimpleNamespace(aws_request_id="r"))
    assert [call.kwargs["SecretId"] for call in listed.rotate_secret.call_args_list] == list("abcde")
    said = json.loads(capsys.readouterr().out)
    assert said["resumed"] == ["a", "b", "e"]
    assert said["unresumed"] == {"c": "AccessDeniedException", "d": "ReadTimeoutError"}
    assert (said["Secrets"], said["SecretsOverdue"], said["level"]) == (5, 0, "WARNING")


def looked(listed: MagicMock, *names: str) -> None:
    rotated = datetime.now(UTC) - timedelta(days=1)
    secrets = [secret(0, Name=name, LastRotatedDate=rotated) for name in names]
    deleted = secret(0, Name="deleted", LastRotatedDate=rotated, DeletedDate=rotated)
    listed.get_paginator.return_value.paginate.return_value = [{"SecretList": [*secrets, deleted]}]
    handler.handle({}, SimpleNamespace(aws_request_id="r"))


def test_secrets_that_differ_from_their_app_clients_are_counted_and_named_with_why(
    listed: MagicMock, rotation: MagicMock, capsys: pytest.CaptureFixture[str]
) -> None:
    rotation.invoke.side_effect = [answered({"refused": {"b": "its tag"}, "wrong": {"a": "its value"}})]
    looked(listed, "a", "b", "c")
    said = json.loads(capsys.readouterr().out)
    assert (said["level"], said["message"]) == ("WARNING", "a secret and its app client differ")
    assert (said["SecretsDiffering"], said["differing"]) == (2, {"a": "its value", "b": "its tag"})
    [asked] = rotation.invoke.call_args_list
    assert asked.kwargs["FunctionName"] == "arn:rotation"
    assert json.loads(asked.kwargs["Payload"]) == {"Step": "compare", "Secrets": ["a", "b", "c"]}


def test_every_secret_is_compared_a_hundred_at_a_time(listed: MagicMock, rotation: MagicMock) -> None:
    names = [f"{number:03}" for number in range(250)]
    looked(listed, *names)
    asked = [json.loads(call.kwargs["Payload"])["Secrets"] for call in rotation.invoke.call_args_list]
    assert [len(each) for each in asked] == [100, 100, 50]
    assert [name for each in asked for name in each] == names


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (ReadTimeoutError(endpoint_url="https://lambda.example"), "ReadTimeoutError"),
        (lambda: refused("TooManyRequestsException", "Rate Exceeded."), "TooManyRequestsException"),
        (
            lambda: answered({"errorMessage": "a: DescribeSecret: AccessDenied"}, FunctionError="Unhandled"),
            "a: DescribeSecret",
        ),
        (lambda: {"Payload": io.BytesIO(b"")}, "JSONDecodeError"),
    ],
)
def test_what_could_not_be_compared_fails_the_watch_and_hides_nothing_else(
    listed: MagicMock, rotation: MagicMock, answer: Any, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [f"{number:03}" for number in range(101)]
    rotation.invoke.side_effect = [
        answer() if callable(answer) else answer,
        answered({"refused": {"100": "its tag"}, "wrong": {}}),
    ]
    with pytest.raises(handler.Uncompared, match=why):
        looked(listed, *names)
    said = json.loads(capsys.readouterr().out)
    assert said["uncompared"].startswith(why)
    assert (said["level"], said["Secrets"], said["differing"]) == ("WARNING", 102, {"100": "its tag"})


def refused(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "RotateSecret")


def test_secrets_that_cannot_be_listed_are_an_error_that_lambda_counts(listed: MagicMock) -> None:
    listed.get_paginator.side_effect = RuntimeError
    with pytest.raises(RuntimeError):
        handler.handle({}, SimpleNamespace(aws_request_id="r"))
