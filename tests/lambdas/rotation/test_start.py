"""How a container of the rotation function starts: its adapters as they are deployed, and the SDK that it runs with."""

import json
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import boto3
import botocore
import pytest

from lambdas.rotation import handler, sdk
from lambdas.rotation.aws import CONFIG
from lambdas.rotation.cognito import UserPool
from lambdas.rotation.ports import Busy
from lambdas.rotation.secrets_manager import SecretsManager
from lambdas.rotation.token_endpoint import OAuthTokenEndpoint
from tests.lambdas.environment import isolate
from tests.lambdas.profiles.dynamodb import serving, truncates

ENDPOINT = "https://auth.example/oauth2/token"
SDK = {"boto3": boto3.__version__, "botocore": botocore.__version__, "add_user_pool_client_secret": True}


@pytest.fixture(autouse=True)
def container(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new container, with the variables that the stack sets."""
    isolate(monkeypatch, "http://127.0.0.1:9")
    monkeypatch.setenv("USER_POOL_ID", "us-east-1_pool")
    monkeypatch.setenv("TOKEN_ENDPOINT", ENDPOINT)
    monkeypatch.setenv("SECRETS", "otto/dev/clients/")
    handler._world.cache_clear()
    sdk.describe_sdk.cache_clear()


def test_the_adapters_are_the_deployed_ones_and_bound_each_call() -> None:
    secrets, clients, endpoint = handler._world()
    assert isinstance(secrets, SecretsManager)
    assert secrets.prefix == "otto/dev/clients/"
    assert isinstance(clients, UserPool)
    assert clients.pool_id == "us-east-1_pool"
    assert isinstance(endpoint, OAuthTokenEndpoint)
    assert endpoint.url == ENDPOINT
    wanted: Any = CONFIG
    for client in (secrets.client, clients.client):
        made: Any = client.meta.config
        assert (made.connect_timeout, made.read_timeout) == (wanted.connect_timeout, wanted.read_timeout)
        assert made.retries["total_max_attempts"] == wanted.retries["total_max_attempts"]


def test_a_container_logs_its_sdk_once(capsys: pytest.CaptureFixture[str]) -> None:
    handler._world()
    handler._world()
    [line] = map(json.loads, capsys.readouterr().out.splitlines())
    assert line.items() >= ({"level": "INFO", "message": "rotation function started"} | SDK).items()


def test_an_sdk_without_the_call_is_an_error_in_the_log(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(handler, "describe_sdk", lambda: SDK | {"add_user_pool_client_secret": False})
    handler._world()
    assert json.loads(capsys.readouterr().out)["level"] == "ERROR"


def test_an_older_sdk_says_that_it_lacks_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boto3, "client", lambda *_, **__: MagicMock(spec=["list_user_pool_clients"]))
    assert sdk.describe_sdk() == SDK | {"add_user_pool_client_secret": False}


def test_the_step_version_answers_with_the_sdk_and_rotates_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handler, "_world", MagicMock(side_effect=AssertionError))
    context = SimpleNamespace(aws_request_id="r", get_remaining_time_in_millis=lambda: 0)
    assert handler.handle({"Step": "version"}, context) == SDK


def test_a_part_of_an_answer_is_no_version_without_a_value(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as server:
        isolate(monkeypatch, f"http://127.0.0.1:{server.server_port}")
        server.answers = [truncates]
        with pytest.raises(Busy, match=r"^GetSecretValue: ConnectionClosedError$"):
            SecretsManager.connect("otto/dev/clients/").read("secret", "v" * 32)
        with pytest.raises(Busy, match=r"^ListUserPoolClientSecrets: ConnectionClosedError$"):
            UserPool.connect("us-east-1_pool").secrets("client")
