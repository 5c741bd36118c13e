"""Steps of a take-over that the emulator does not show: a client that is suspended, and one that is like any other."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest

from lambdas.rotation.ports import Busy, Verdict
from stacks.environments import ENVIRONMENTS
from tools.adopt import managed
from tools.adopt.plan import CLIENT, Adopted, AdoptionError
from tools.place import Place

ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:kept-AbCdEf"
NAMES = {"UserPoolId": "us-east-1_Ab1Cd2Ef3", "ClientId": "1example23456789"}
ADOPTED = Adopted(
    stack="dev/s",
    stack_name="s",
    logical_id="L",
    type=CLIENT,
    identifier=NAMES,
    wanted={"ClientName": "x"},
    template=Path(),
    importable={},
)


def step(verdict: Verdict | Exception, arn: str | None, *, labels: tuple[str, ...] = (), secrets: int = 1) -> Any:
    """A take-over of a client that has so many secrets, and whose own of ours the token endpoint judges so."""
    cognito, manager = MagicMock(), MagicMock()
    cognito.exceptions = SimpleNamespace(ResourceNotFoundException=KeyError, InvalidParameterException=IndexError)
    cognito.describe_user_pool_client.return_value = {"UserPoolClient": {"ClientSecretArn": arn} if arn else {}}
    cognito.list_user_pool_client_secrets.return_value = {
        "ClientSecrets": [
            {"ClientSecretId": str(number), "ClientSecretCreateDate": datetime(2026, 11, 1 + number, tzinfo=UTC)}
            for number in range(secrets)
        ]
    }
    value = {"client_id": NAMES["ClientId"], "client_secret": "G" * 64}
    manager.get_secret_value.return_value = {"SecretString": json.dumps(value)}
    manager.describe_secret.return_value = {"VersionIdsToStages": {"v": ["AWSCURRENT", *labels]}}
    manager.exceptions = SimpleNamespace(InvalidRequestException=ValueError)
    endpoint = MagicMock()
    endpoint.verdict.side_effect = verdict if isinstance(verdict, Exception) else lambda _: verdict
    return managed.TakeOver(cognito, manager, endpoint, Place(environment=ENVIRONMENTS[0]), ADOPTED)


def test_a_suspended_client_is_not_taken_over_and_nothing_is_said_to_work() -> None:
    over = step(Verdict.UNTESTABLE, ARN)
    assert "it is suspended" in over.advance()
    over.cognito.add_user_pool_client_secret.assert_not_called()


@pytest.mark.parametrize(
    ("verdict", "labels", "secrets"),
    [
        (Verdict.UNTESTABLE, (), 2),
        (Verdict.REJECTED, (), 2),
        (Verdict.ACCEPTED, ("registered-beside:0",), 2),
    ],
)
def test_a_client_like_any_other_loses_no_secret(verdict: Verdict, labels: tuple[str, ...], secrets: int) -> None:
    """An adopted one's callers hold the older of its two, until the second rotation."""
    over = step(verdict, None, labels=labels, secrets=secrets)
    assert over.advance() is None
    over.cognito.delete_user_pool_client_secret.assert_not_called()
    over.cognito.add_user_pool_client_secret.assert_not_called()


def test_two_secrets_of_which_neither_is_ours_stop_it_with_the_older_one() -> None:
    over = step(Verdict.REJECTED, ARN, secrets=2)
    assert "--client-secret-id 0" in over.advance()
    over.cognito.delete_user_pool_client_secret.assert_not_called()


def test_a_value_of_another_client_stops_it() -> None:
    over = step(Verdict.ACCEPTED, ARN)
    over.secrets.get_secret_value.return_value = {"SecretString": "{}"}
    with pytest.raises(AdoptionError, match="its value is not of app client 1example23456789"):
        over.advance()


def test_a_token_endpoint_that_does_not_answer_is_asked_until_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(managed, "PATIENCE", 0)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    with pytest.raises(AdoptionError, match="token endpoint: status 503: run it again"):
        step(Busy("token endpoint: status 503"), ARN).advance()


def test_cognitos_rotation_is_put_off_once() -> None:
    manager = MagicMock()
    manager.describe_secret.return_value = {"RotationRules": {"AutomaticallyAfterDays": 7}}
    managed.hold(manager, {"UserPoolClient x": ARN})
    manager.rotate_secret.assert_called_once_with(SecretId=ARN, RotationRules=managed.HELD, RotateImmediately=False)
    manager.describe_secret.return_value = {"RotationRules": dict(managed.HELD)}
    managed.hold(manager, {"UserPoolClient x": ARN})
    manager.rotate_secret.assert_called_once()
