"""Credentials and addresses through real boto3: what AWS may answer, and what is said of it."""

import asyncio
import gc
import json
import threading
from typing import Any

import pytest
from botocore.config import Config

import otto_m2m
from otto_m2m import aws, connection
from otto_m2m.aws import Credentials, Platform
from otto_m2m.errors import TokenError
from otto_m2m.httpx import connect, connect_async
from otto_m2m.source import LIMIT, WAIT, TokenSource
from otto_m2m.token_endpoint import TIMEOUT
from tests.callers.faults import AWS_FAULTS
from tests.callers.world import SECRET, TOKEN, Reply, World, refuse, to_json

SHIPPED: Any = aws._CONFIG
NAME = "otto/dev/clients/lead-enricher"


@pytest.fixture(autouse=True)
def _once(monkeypatch: pytest.MonkeyPatch) -> None:
    """One attempt: its pauses between attempts are botocore's own."""
    config = Config(connect_timeout=1, read_timeout=1, retries={"mode": "standard", "total_max_attempts": 1})
    monkeypatch.setattr(aws, "_CONFIG", config)


@pytest.mark.parametrize("reason", AWS_FAULTS)
def test_a_good_token_is_used_whatever_secrets_manager_answers(at_aws: World, reason: str) -> None:
    source = TokenSource(
        Platform("dev", "lead-enricher").read_credentials, lambda _: (TOKEN, 3600),
        clock=lambda: at_aws.now, sleep=at_aws.sleep, begin=lambda work: work(),
    )  # fmt: skip
    first = source.get()
    at_aws.pass_time(0.81)
    at_aws.aws = lambda _: AWS_FAULTS[reason]
    for _ in range(3):
        assert source.get() is first
    assert len(at_aws.sent) == 2
    at_aws.pass_time(0.2)
    with pytest.raises(TokenError) as raised:
        source.get()
    assert str(raised.value) == f"credentials: {NAME}: {reason}"
    assert "CANARY" not in repr(raised.value)
    assert raised.value.__cause__ is raised.value.__context__ is None


def test_a_part_of_an_answer_is_asked_for_again_and_is_no_secret_without_credentials(at_aws: World) -> None:
    at_aws.aws = lambda _: Reply(raw=b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"Name": ')
    with pytest.raises(TokenError, match=f"^credentials: {NAME}: ConnectionClosedError$") as raised:
        Platform("dev", "lead-enricher").read_credentials()
    assert not raised.value.lasting


@pytest.mark.parametrize(
    "stored",
    [
        None, "", "[]", "null", '"text"', "{}", '{"client_id": "id"}', '{"client_id": 7, "client_secret": "s"}',
        '{"client_id": "id", "client_secret": null}', "[" * 20_000, '{"userPoolClientId": "id"}',
    ],
)  # fmt: skip
def test_a_secret_that_holds_no_credentials_is_said_without_its_value(at_aws: World, stored: str | None) -> None:
    at_aws.aws = lambda _: to_json(200, {"Name": NAME} | ({} if stored is None else {"SecretString": stored}))
    with pytest.raises(TokenError, match=f"^credentials: {NAME}: not JSON with client_id and client_secret$"):
        Platform("dev", "lead-enricher").read_credentials()


@pytest.mark.parametrize(
    "stored",
    [
        {"client_id": "id", "client_secret": SECRET},
        {"userPoolId": "pool", "userPoolClientId": "id", "clientSecretValue": SECRET},
    ],
)
def test_the_platforms_secrets_and_those_that_cognito_keeps_itself_are_read(
    at_aws: World, stored: dict[str, str]
) -> None:
    at_aws.aws = lambda _: to_json(200, {"Name": NAME, "SecretString": json.dumps(stored)})
    assert Platform("dev", "lead-enricher").read_credentials() == Credentials("id", SECRET)


def test_another_secret_is_read_where_one_is_named(at_aws: World) -> None:
    stored = {"userPoolId": "pool", "userPoolClientId": "id", "clientSecretValue": SECRET}
    at_aws.aws = lambda _: to_json(200, {"SecretString": json.dumps(stored)})
    arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:kept-AbCdEf"
    assert Platform("dev", "lead-enricher", secret=arn).read_credentials() == Credentials("id", SECRET)
    assert [json.loads(sent.body)["SecretId"] for sent in at_aws.sent] == [arn]
    at_aws.aws = lambda _: refuse("AccessDeniedException")
    with pytest.raises(TokenError, match=f"^credentials: {arn}: AccessDeniedException$"):
        Platform("dev", "lead-enricher", secret=arn).read_credentials()


def test_connect_finds_everything_by_name_for_each_library(at_aws: World) -> None:
    session, url = otto_m2m.connect("dev", "lead-enricher")
    with session:
        assert session.get(url, params={"uri": "x"}).json() == {"uri": "x"}
    client, url = connect("dev", "lead-enricher")
    with client:
        assert client.get(url, params={"uri": "x"}).json() == {"uri": "x"}

    async def call() -> object:
        client, url = await connect_async("dev", "lead-enricher")
        async with client:
            return (await client.get(url, params={"uri": "x"})).json()

    assert asyncio.run(call()) == {"uri": "x"}
    asked = [json.loads(sent.body) for sent in at_aws.sent if "x-amz-target" in sent.headers]
    assert {next(iter(each.values())) for each in asked} == {
        NAME, "/otto/dev/m2m/token-endpoint", "/otto/dev/m2m/profiles-api-url",
    }  # fmt: skip
    assert "us-east-1" in str(at_aws.sent[0].headers)
    assert len(at_aws.token_requests) == 3


@pytest.mark.usefixtures("at_aws")
def test_another_api_is_found_by_its_name() -> None:
    with pytest.raises(TokenError, match=r"^addresses: /otto/dev/m2m/companies-api-url: ParameterNotFound$"):
        otto_m2m.connect("dev", "lead-enricher", api="companies")


def test_a_failure_that_the_caller_gets_is_logged_by_nobody_else(
    at_aws: World, caplog: pytest.LogCaptureFixture
) -> None:
    at_aws.aws = lambda _: refuse("AccessDeniedException")
    with pytest.raises(TokenError):
        asyncio.run(connect_async("dev", "lead-enricher"))
    gc.collect()  # asyncio logs what nobody read when it is collected
    assert [record.name for record in caplog.records if record.name == "asyncio"] == []


def test_an_address_that_aws_does_not_tell_is_named(at_aws: World) -> None:
    at_aws.aws = lambda _: refuse("AccessDeniedException")
    with pytest.raises(TokenError, match=r"^addresses: /otto/dev/m2m/token-endpoint: AccessDeniedException$"):
        otto_m2m.connect("dev", "lead-enricher")
    with pytest.raises(TokenError, match=r"^addresses: /otto/dev/m2m/token-endpoint: AccessDeniedException$"):
        asyncio.run(connect_async("dev", "lead-enricher"))
    at_aws.aws = lambda _: Reply(200, b"<html>")
    with pytest.raises(TokenError, match=r"^addresses: /otto/dev/m2m/token-endpoint: KeyError$"):
        otto_m2m.connect("dev", "lead-enricher")
    at_aws.aws = lambda _: to_json(200, {"Parameter": {"Value": "http://api.example/"}})
    with pytest.raises(TokenError, match=r"^addresses: /otto/dev/m2m/token-endpoint is no https address$"):
        otto_m2m.connect("dev", "lead-enricher")


def test_an_aws_that_never_answers_holds_no_call_longer_than_said(
    at_aws: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    never = threading.Event()
    at_aws.aws = lambda _: Reply(wait=never)
    monkeypatch.setattr(connection, "WAIT", 0.1)
    with pytest.raises(TokenError, match=r"^addresses: no answer within"):
        otto_m2m.connect("dev", "lead-enricher")
    with pytest.raises(TokenError, match=f"^credentials: {NAME}: ReadTimeoutError$"):
        Platform("dev", "lead-enricher").read_credentials()
    never.set()


def test_one_renewal_takes_no_longer_than_a_call_waits() -> None:
    """Two attempts at Secrets Manager, a second between them, and one at the token endpoint."""
    attempts = SHIPPED.retries["total_max_attempts"]
    at_most = attempts * (SHIPPED.connect_timeout + SHIPPED.read_timeout) + 1
    assert at_most + TIMEOUT.connect_timeout + TIMEOUT.read_timeout <= LIMIT
    assert at_most <= WAIT
