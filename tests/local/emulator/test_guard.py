"""Who may call the emulator: no web page, no name but this machine's, and nobody without the key of this run."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local.emulator import key
from local.emulator.process import REGION, Emulator
from tests.local.emulator.requests import LIST, Answer, Request, by_address, signed

KEYS: dict[str, Callable[[Emulator], Request]] = {"by address": by_address, "signed": signed}
"""The two ways to bring the key."""


def require_refused(answer: Answer) -> None:
    """Refused by the guard or by the server's parser, with nothing that a page could read."""
    assert answer.status in (400, 403), answer
    assert "services" not in answer.text, answer
    assert "SecretList" not in answer.text, answer
    assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:{}", "localhost", "localhost:{}", "[::1]:{}", "127.0.0.1:1"])
def test_a_request_with_the_address_is_answered_under_every_name_of_this_machine(emulator: Emulator, host: str) -> None:
    answer = by_address(emulator).with_header("Host", host.format(emulator.port)).send(emulator)
    assert (answer.status, "services" in answer.text) == (200, True)


def test_a_signed_request_is_answered(emulator: Emulator) -> None:
    answer = signed(emulator).send(emulator)
    assert (answer.status, "SecretList" in answer.text) == (200, True)


FOREIGN = (
    *("rebound.example", "rebound.example:{}", "127.0.0.1.nip.io:{}", "localhost.rebound.example:{}", "0.0.0.0:{}"),
    *("127.1:{}", "127.0.0.2:{}", "2130706433:{}", "0x7f000001:{}", "127.0.0.1.:{}", "localhost.:{}", "LOCALHOST:{}"),
    *("x.localhost:{}", "a1b2c3d4.execute-api.localhost:{}", "user@127.0.0.1:{}", "127.0.0.1@rebound.example:{}"),
    *("[::]:{}", "[::ffff:127.0.0.1]:{}", "[0:0:0:0:0:0:0:1]:{}", "::1", "[::1", "127.0.0.1:", "127.0.0.1:port"),
    *("127.0.0.1, rebound.example", "127.0.0.1 rebound.example", "١٢٧.0.0.1", ""),
)


@pytest.mark.parametrize("host", FOREIGN)
@pytest.mark.parametrize("kind", KEYS)
def test_another_host_is_refused_even_with_the_key(emulator: Emulator, kind: str, host: str) -> None:
    require_refused(KEYS[kind](emulator).with_header("Host", host.format(emulator.port)).send(emulator))


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize("hosts", [(), ("127.0.0.1", "rebound.example"), ("rebound.example", "127.0.0.1")])
def test_no_host_and_two_hosts_are_refused(emulator: Emulator, kind: str, hosts: tuple[str, ...]) -> None:
    require_refused(KEYS[kind](emulator).with_header("Host", *hosts).send(emulator))


PAGE: tuple[tuple[str, str], ...] = (
    *(("Origin", origin) for origin in ("null", "http://127.0.0.1:80", "http://127.0.0.1:{}", "https://a.example", "")),
    ("ORIGIN", "null"),
    *(("Sec-Fetch-Site", site) for site in ("cross-site", "same-site", "same-origin", "new-site", "", "none, none")),
)  # fmt: skip


@pytest.mark.parametrize(("name", "value"), PAGE)
@pytest.mark.parametrize("kind", KEYS)
def test_what_a_page_sends_is_refused_even_with_the_key(emulator: Emulator, kind: str, name: str, value: str) -> None:
    require_refused(KEYS[kind](emulator).with_header(name, value.format(emulator.port)).send(emulator))


def test_an_address_that_a_person_types_is_answered(emulator: Emulator) -> None:
    assert by_address(emulator).with_header("Sec-Fetch-Site", "none").send(emulator).status == 200


KEYLESS: dict[str, Callable[[Request], Request]] = {
    "no key": lambda asked: asked.but(target="/_ministack/health"),
    "ministack's other name for it": lambda asked: asked.but(target="/health"),
    "LocalStack's name for it": lambda asked: asked.but(target="/_localstack/health"),
    "another run's": lambda asked: asked.but(target=f"/{'0' * 32}/_ministack/health"),
    "in capitals": lambda asked: asked.but(target=f"{asked.target[:33].upper()}/_ministack/health"),
    "a part of it": lambda asked: asked.but(target=f"{asked.target[:32]}/_ministack/health"),
    "percent-encoded": lambda asked: asked.but(target=f"/%{ord(asked.target[1]):x}{asked.target[2:]}"),
    "after two slashes": lambda asked: asked.but(target=f"/{asked.target}"),
    "after dots": lambda asked: asked.but(target=f"/.{asked.target}"),
    "after other dots": lambda asked: asked.but(target=f"/x/..{asked.target}"),
    "before another": lambda asked: asked.but(target=f"/x{asked.target}"),
    "as a query": lambda asked: asked.but(target=f"/_ministack/health?{asked.target[1:33]}"),
    "as a whole URL": lambda asked: asked.but(target=f"http://127.0.0.1{asked.target}"),
    "as another's URL": lambda asked: asked.but(target=f"http://rebound.example{asked.target}"),
    "as an authority": lambda asked: asked.but(method="CONNECT", target="127.0.0.1:80"),
    "as no path": lambda asked: asked.but(method="OPTIONS", target="*"),
    "in a header": lambda asked: asked.but(target="/_ministack/health").with_header("X-Key", asked.target[1:33]),
    "as a Bearer token": lambda asked: asked.but(target="/_ministack/health").with_header(
        "Authorization", f"Bearer {asked.target[1:33]}"
    ),
}


@pytest.mark.parametrize("fault", KEYLESS)
def test_a_request_without_the_address_of_this_run_is_refused(emulator: Emulator, fault: str) -> None:
    require_refused(KEYLESS[fault](by_address(emulator)).send(emulator))


CLOSED: dict[str, tuple[str, str]] = {
    "a service": ("POST", "/"),
    "the reset": ("POST", "/_ministack/reset"),
    "the settings": ("POST", "/_ministack/config"),
    "a function": ("POST", "/2015-03-31/functions/f/invocations"),
    "a function's URL": ("GET", "/_aws/lambda-url/f/"),
    "a function's code": ("GET", "/_ministack/lambda-code/f"),
    "mail": ("GET", "/_ministack/ses/messages"),
    "a stack's answer": ("PUT", "/_ministack/cfn-response/t"),
    "an API without its stage": ("GET", "/_aws/execute-api/a1b2"),
    "dots out of an API": ("POST", "/_aws/execute-api/../../"),
    "a sign-in": ("GET", "/oauth2/authorize"),
    "a token by GET": ("GET", "/oauth2/token"),
    "a token's neighbour": ("POST", "/oauth2/token/"),
    "keys of no pool": ("GET", "/bucket/.well-known/jwks.json"),
    "the page before it": ("POST", "/_ministack/health"),
    "the address twice": ("GET", "{}/_ministack/health"),
}


@pytest.mark.parametrize("what", CLOSED)
def test_the_address_opens_nothing_that_a_key_must_open(emulator: Emulator, what: str) -> None:
    method, path = CLOSED[what]
    asked = by_address(emulator, path.format(f"/{key.read(emulator.state).path}")).but(method=method, body=LIST)
    asked = asked.with_header("Content-Length", str(len(LIST)))
    require_refused(asked.with_header("X-Amz-Target", "secretsmanager.ListSecrets").send(emulator))


def test_keys_of_a_pool_that_is_not_there_lead_to_no_service(emulator: Emulator) -> None:
    """ministack goes on by headers then: here to the one that lists secrets."""
    asked = by_address(emulator, "/us-east-1_Nothing/.well-known/jwks.json").but(body=LIST)
    asked = asked.with_header("X-Amz-Target", "secretsmanager.ListSecrets").with_header(
        "Content-Length", str(len(LIST))
    )
    answer = asked.send(emulator)
    assert (answer.status, "SecretList" in answer.text) == (404, False)


def _replace(old: str, new: str) -> Callable[[Request], Request]:
    def act(asked: Request) -> Request:
        changed = tuple((name, value.replace(old, new)) for name, value in asked.headers)
        assert changed != asked.headers
        return asked.but(headers=changed)

    return act


MISSIGNED: dict[str, Callable[[Request], Request]] = {
    "another body": lambda asked: asked.but(body=LIST.replace(b"1", b"2")),
    "another path": lambda asked: asked.but(target="/x"),
    "another query": lambda asked: asked.but(target="/?a=b"),
    "another method": lambda asked: asked.but(method="PUT"),
    "another action": _replace("ListSecrets", "GetSecretValue"),
    "another time": lambda asked: asked.with_header("X-Amz-Date", "20200101T000000Z"),
    "another service": _replace("/secretsmanager/", "/ssm/"),
    "no signature": _replace("Signature=", "Other="),
    "an empty signature": lambda asked: _replace(dict(asked.headers)["Authorization"][-64:], "")(asked),
    "a signature in no ASCII": _replace("Signature=", "Signature=\N{LATIN SMALL LETTER E WITH ACUTE}"),
    "no header signed": _replace("SignedHeaders=", "SignedHeaders=x"),
    "an unknown access key": _replace("000000000000", "AKIAIOSFODNN7EXAMPLE"),
    "another account": _replace("000000000000", "111111111111"),
    "an older algorithm": _replace("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1"),
    "an asymmetric one": _replace("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"),
    "SigV2": lambda asked: asked.with_header("Authorization", "AWS 000000000000:c2lnbmF0dXJl"),
    "no credentials at all": lambda asked: asked.with_header("Authorization"),
    "the key in the query": lambda asked: asked.with_header("Authorization").but(
        target="/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=000000000000/20261125/us-east-1/s3/aws4_request"
    ),
}


@pytest.mark.parametrize("fault", MISSIGNED)
def test_a_request_that_is_signed_wrongly_is_refused(emulator: Emulator, fault: str) -> None:
    require_refused(MISSIGNED[fault](signed(emulator)).send(emulator))


@pytest.mark.parametrize("minutes", [-20, 20])
def test_a_good_signature_of_another_time_is_refused(
    emulator: Emulator, minutes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that a listener kept: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html."""
    then = datetime.now(UTC) + timedelta(minutes=minutes)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: then)
    require_refused(signed(emulator).send(emulator))


@pytest.mark.parametrize("secret", ["", "local", "test", "0" * 43])
def test_the_secrets_that_everybody_knows_are_refused(emulator: Emulator, secret: str) -> None:
    require_refused(signed(emulator, secret=secret).send(emulator))


def test_credentials_that_sts_and_iam_gave_are_answered_and_their_ids_alone_are_not(emulator: Emulator) -> None:
    sts, iam = emulator.client("sts"), emulator.client("iam")
    iam.create_user(UserName="guarded")
    user = iam.create_access_key(UserName="guarded")["AccessKey"]
    session = sts.assume_role(RoleArn=f"arn:aws:iam::{key.ACCOUNT}:role/any", RoleSessionName="guarded")["Credentials"]
    for given in (user, session):
        asked = {"access_key": given["AccessKeyId"], "token": given.get("SessionToken")}
        assert signed(emulator, secret=given["SecretAccessKey"], **asked).send(emulator).status == 200
        require_refused(signed(emulator, secret="local", **asked).send(emulator))
    iam.delete_access_key(UserName="guarded", AccessKeyId=user["AccessKeyId"])
    iam.delete_user(UserName="guarded")


def test_a_websocket_is_refused_even_with_the_key(emulator: Emulator) -> None:
    asked = by_address(emulator, "/_aws/execute-api/a1b2c3d4/dev/")
    for name, value in {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }.items():
        asked = asked.with_header(name, value)
    require_refused(asked.send(emulator))


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "HEAD", "PUT", "DELETE", "BREW"])
def test_no_answer_lets_a_page_read_it(emulator: Emulator, kind: str, method: str) -> None:
    for answer in (
        KEYS[kind](emulator).but(method=method).send(emulator),
        by_address(emulator, "/_aws/execute-api/a1b2c3d4/dev/x").but(method=method).send(emulator),
        by_address(emulator, "/us-east-1_Nothing/.well-known/jwks.json").but(method=method).send(emulator),
    ):
        assert not [name for name in answer.headers if name.startswith("access-control-")], answer


def test_a_preflight_that_is_signed_gets_no_permission_either(emulator: Emulator) -> None:
    """ministack's own answer to any OPTIONS is one for every origin, method and header."""
    gateway = emulator.client("apigateway")
    sent = {}
    gateway.meta.events.register_last(
        "after-call.apigateway", lambda http_response, **_: sent.update(http_response.headers)
    )
    gateway.get_rest_apis()
    assert "x-amzn-requestid" in {name.lower() for name in sent}
    assert not [name for name in sent if name.lower().startswith("access-control-")]


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("secretsmanager", "list_secrets"),
        ("apigateway", "get_rest_apis"),
        ("sts", "get_caller_identity"),
        ("s3", "list_buckets"),
    ],
)
def test_whoever_signs_with_another_key_reads_where_the_key_is(
    emulator: Emulator, service: str, operation: str
) -> None:
    stranger = boto3.Session(aws_access_key_id=key.ACCOUNT, aws_secret_access_key="local", region_name=REGION)
    made = stranger.client(service, endpoint_url=emulator.endpoint, config=Config(proxies={}))  # type: ignore[call-overload]
    with pytest.raises(ClientError) as refused:
        getattr(made, operation)()
    assert refused.value.response["Error"]["Message"] == (
        "The emulator refused this request: it is not signed with the key of this run (SignatureDoesNotMatch); "
        f"use what `make up` printed, or AWS_SHARED_CREDENTIALS_FILE={emulator.credentials} aws --profile emulator"
    )


def test_whoever_asks_without_a_key_reads_one_line(emulator: Emulator) -> None:
    answer = by_address(emulator).but(target="/").send(emulator)
    said = json.loads(answer.text)["message"]
    assert said.startswith(
        "The emulator refused this request: it carries no key of this run; use what `make up` printed"
    )
    assert str(emulator.credentials) in said
    assert len(said.splitlines()) == 1


def test_neither_the_key_nor_the_address_is_in_the_log(emulator: Emulator) -> None:
    own, log = key.read(emulator.state), Path(emulator.log).read_text()
    assert "refused" in log
    assert [word for word in (own.secret, own.path) if word in log] == []
