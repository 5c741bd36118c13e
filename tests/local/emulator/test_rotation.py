"""Rotation by a Lambda function, through the API.

https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
"""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local.emulator import rotation, rotation_schedule
from local.emulator.process import Emulator
from tests.local.emulator.rotation_function import RotationFunction
from tests.local.waiting import wait

MONTH = {"AutomaticallyAfterDays": 30}


@dataclass(frozen=True)
class Secret:
    emulator: Emulator
    id: str

    @property
    def manager(self) -> Any:
        return self.emulator.client("secretsmanager")

    def labels(self) -> dict[str, list[str]]:
        versions: dict[str, list[str]] = self.manager.describe_secret(SecretId=self.id)["VersionIdsToStages"]
        return versions

    def version(self, label: str) -> str | None:
        return next((version for version, labels in self.labels().items() if label in labels), None)

    def value(self, label: str = "AWSCURRENT") -> str:
        return str(self.manager.get_secret_value(SecretId=self.id, VersionStage=label)["SecretString"])

    def rotate(self, **members: Any) -> str:
        return str(self.manager.rotate_secret(SecretId=self.id, **members)["VersionId"])

    def rotate_to_the_end(self, **members: Any) -> str:
        token = self.rotate(**members)
        wait(lambda: self.version("AWSCURRENT") == token)
        wait(lambda: self.manager.describe_secret(SecretId=self.id).get("LastRotatedDate"))
        return token


@pytest.fixture
def secret(emulator: Emulator, name: str) -> Secret:
    return Secret(emulator, emulator.client("secretsmanager").create_secret(Name=name, SecretString="first")["ARN"])


def test_four_steps_are_called_with_the_real_event(secret: Secret, function: RotationFunction) -> None:
    token = secret.rotate_to_the_end(RotationLambdaARN=function.arn, RotationRules=MONTH)
    events = [record["event"] for record in function.records()]
    assert [event["Step"] for event in events] == ["createSecret", "setSecret", "testSecret", "finishSecret"]
    assert all(event["SecretId"] == secret.id and event["ClientRequestToken"] == token for event in events)
    assert all(sorted(event) == ["ClientRequestToken", "RotationToken", "SecretId", "Step"] for event in events)


def test_the_pending_version_exists_empty_before_the_first_step(secret: Secret, function: RotationFunction) -> None:
    secret.rotate_to_the_end(RotationLambdaARN=function.arn, RotationRules=MONTH)
    assert function.records()[0]["labels"] == ["AWSPENDING"]


def test_the_new_value_is_current_and_the_old_one_previous(secret: Secret, function: RotationFunction) -> None:
    first = secret.version("AWSCURRENT")
    second = secret.rotate_to_the_end(RotationLambdaARN=function.arn, RotationRules=MONTH)
    assert (secret.version("AWSPREVIOUS"), secret.value("AWSPREVIOUS")) == (first, "first")
    third = secret.rotate_to_the_end()
    assert (secret.version("AWSCURRENT"), secret.version("AWSPREVIOUS")) == (third, second)
    assert first not in secret.labels()


def test_a_description_tells_the_rotation_and_its_next_date(secret: Secret, function: RotationFunction) -> None:
    assert "RotationEnabled" not in secret.manager.describe_secret(SecretId=secret.id)
    secret.rotate_to_the_end(RotationLambdaARN=function.arn, RotationRules=MONTH)
    described = secret.manager.describe_secret(SecretId=secret.id)
    assert (described["RotationEnabled"], described["RotationLambdaARN"]) == (True, function.arn)
    assert described["RotationRules"] == MONTH
    rotated, following = (described[date].astimezone(dt.UTC).date() for date in ("LastRotatedDate", "NextRotationDate"))
    assert following - rotated == dt.timedelta(days=30)


@pytest.mark.parametrize(
    ("rules", "days"),
    [
        ({"AutomaticallyAfterDays": 90}, 90),
        ({"ScheduleExpression": "rate(10 days)"}, 10),
        ({"ScheduleExpression": "cron(0 4 1 * ? *)"}, None),
    ],
)
def test_the_next_date_follows_the_schedule(rules: dict[str, Any], days: int | None) -> None:
    midnight = 1_800_000_000 // 86_400 * 86_400
    following = rotation_schedule.next_rotation({"RotationRules": rules, "LastRotatedDate": midnight})
    assert following == (None if days is None else midnight + days * 86_400 + 86_399)


@pytest.mark.parametrize("step", rotation.STEPS)
def test_a_failing_step_is_retried_and_leaves_the_pending_version(
    secret: Secret, function: RotationFunction, step: str
) -> None:
    """NextRotationDate's documentation: "Secrets Manager retries the entire rotation process multiple times"."""
    function.fail_at(step)
    token = secret.rotate(RotationLambdaARN=function.arn, RotationRules=MONTH)
    wait(lambda: function.steps().count(step) == 1 + rotation.RETRIES)
    assert {record["event"]["ClientRequestToken"] for record in function.records()} == {token}
    assert (secret.version("AWSPENDING"), secret.value()) == (token, "first")


def test_rotating_again_after_a_failure_finishes_the_same_version(secret: Secret, function: RotationFunction) -> None:
    function.fail_at("testSecret")
    token = secret.rotate(RotationLambdaARN=function.arn, RotationRules=MONTH)
    wait(lambda: function.steps().count("testSecret") == 1 + rotation.RETRIES)
    function.fail_at("nothing")
    with pytest.raises(secret.manager.exceptions.InvalidRequestException) as refused:
        secret.rotate()
    message = "A previous rotation isn't complete. That rotation will be reattempted."
    assert refused.value.response["Error"]["Message"] == message
    wait(lambda: secret.version("AWSCURRENT") == token)


def test_a_second_rotation_is_refused_while_the_first_runs(secret: Secret, function: RotationFunction) -> None:
    function.fail_at("finishSecret")
    token = secret.rotate(RotationLambdaARN=function.arn, RotationRules=MONTH)
    with pytest.raises(secret.manager.exceptions.InvalidRequestException, match="isn't complete"):
        secret.rotate()
    function.fail_at("nothing")
    wait(lambda: secret.version("AWSCURRENT") == token)


def test_cancelling_ends_the_retries_and_the_schedule(secret: Secret, function: RotationFunction) -> None:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CancelRotateSecret.html"""
    function.fail_at("createSecret")
    token = secret.rotate(RotationLambdaARN=function.arn, RotationRules=MONTH)
    assert secret.manager.cancel_rotate_secret(SecretId=secret.id)["VersionId"] == token
    described = secret.manager.describe_secret(SecretId=secret.id)
    assert not described["RotationEnabled"]
    assert "NextRotationDate" not in described
    assert secret.labels()[token] == ["AWSPENDING"]


def test_not_rotating_immediately_runs_only_the_test_step_and_keeps_the_value(
    secret: Secret, function: RotationFunction
) -> None:
    token = secret.rotate(RotationLambdaARN=function.arn, RotationRules=MONTH, RotateImmediately=False)
    wait(lambda: token not in secret.labels())
    assert function.steps() == ["testSecret"]
    assert secret.value() == "first"


def test_a_secret_without_a_function_cannot_rotate(secret: Secret) -> None:
    with pytest.raises(secret.manager.exceptions.InvalidRequestException, match="Lambda function ARN"):
        secret.rotate()


def test_a_function_that_does_not_permit_secrets_manager_is_refused(
    emulator: Emulator, secret: Secret, name: str
) -> None:
    """https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-required-permissions-function.html"""
    closed = RotationFunction(emulator, f"{name}-closed")
    with pytest.raises(secret.manager.exceptions.ClientError, match="principal secretsmanager") as refused:
        secret.rotate(RotationLambdaARN=closed.arn, RotationRules=MONTH)
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
    assert secret.version("AWSPENDING") is None


def test_a_throttled_function_is_called_until_it_has_room(
    emulator: Emulator, secret: Secret, function: RotationFunction
) -> None:
    limits = emulator.client("lambda")
    limits.put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=0)
    token = secret.rotate(RotationLambdaARN=function.arn, RotationRules=MONTH)
    assert function.steps() == []
    limits.delete_function_concurrency(FunctionName=function.name)
    wait(lambda: secret.version("AWSCURRENT") == token)


def test_rules_that_contradict_each_other_are_refused(secret: Secret, function: RotationFunction) -> None:
    both = {"AutomaticallyAfterDays": 30, "ScheduleExpression": "rate(30 days)"}
    with pytest.raises(secret.manager.exceptions.InvalidParameterException, match="together"):
        secret.rotate(RotationLambdaARN=function.arn, RotationRules=both)


def test_the_function_reaches_the_emulator_and_inherits_no_aws_setting(
    secret: Secret, function: RotationFunction
) -> None:
    secret.rotate_to_the_end(RotationLambdaARN=function.arn, RotationRules=MONTH)
    assert "AWS_ENDPOINT_URL" in function.records()[0]["environment"]
    assert "AWS_PROFILE" not in function.records()[0]["environment"]


def test_no_value_of_a_secret_reaches_the_log(emulator: Emulator, secret: Secret, function: RotationFunction) -> None:
    secret.rotate_to_the_end(RotationLambdaARN=function.arn, RotationRules=MONTH)
    log = Path(emulator.log).read_text()
    assert function.name in log
    assert secret.value() not in log
