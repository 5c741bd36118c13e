"""The profiles API through HTTP: what its callers rely on, and every caller that it turns away."""

import base64
import json
import time
from collections.abc import Callable

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.local.platform.deployed import READ, WRITE, Platform

CONTENT = {"full_name": "Ada Sample", "headline": "Engineer", "attributes": {"years": 12, "ratio": 0.25}}
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def test_a_profile_is_written_read_changed_and_deleted(platform: Platform, uri: str) -> None:
    assert platform.call("GET", uri).status == 404
    created = platform.call("PUT", uri, json=CONTENT)
    assert created.status == 201
    assert created.json()["updated_by"] == platform.credentials("generic")["client_id"]
    read = platform.call("GET", uri)
    assert (read.status, read.json(), read.headers["ETag"]) == (200, created.json(), created.headers["ETag"])
    assert {name: read.json()[name] for name in CONTENT} == CONTENT
    assert platform.call("GET", uri, headers={"If-None-Match": read.headers["ETag"]}).status == 304
    changed = platform.call("PUT", uri, json=CONTENT | {"company": "X"}, headers={"If-Match": read.headers["ETag"]})
    assert (changed.status, changed.json()["version"]) == (200, 2)
    assert platform.call("DELETE", uri).status == 204
    assert platform.call("GET", uri).status == 404


def test_a_write_on_a_state_that_has_passed_is_refused(platform: Platform, uri: str) -> None:
    first = platform.call("PUT", uri, json=CONTENT).headers["ETag"]
    platform.call("PUT", uri, json=CONTENT | {"company": "X"})
    stale = platform.call("PUT", uri, json=CONTENT | {"company": "Y"}, headers={"If-Match": first})
    assert (stale.status, stale.json()["type"]) == (412, "urn:otto:problem:precondition-failed")
    assert platform.call("PUT", uri, json=CONTENT, headers={"If-None-Match": "*"}).status == 412
    assert platform.call("GET", uri).json()["company"] == "X"


def test_the_many_ways_to_write_one_profile_are_one(platform: Platform, uri: str) -> None:
    platform.call("PUT", uri, json=CONTENT)
    slug = uri.rsplit("/", 1)[1]
    for spelling in (
        f"HTTP://uk.linkedin.com/in/{slug.upper()}/?utm_source=x#top",
        f"https://m.linkedin.com/in/{slug}",
    ):
        assert platform.call("GET", spelling).json()["uri"] == uri


@pytest.mark.parametrize(
    ("method", "change", "status"),
    [
        ("GET", {"uri": "https://example.com/in/x"}, 400),
        ("GET", {"uri": ""}, 400),
        ("PUT", {"json": {"full_name": ""}}, 400),
        ("PUT", {"body": b"{", "headers": {"Content-Type": "application/json"}}, 400),
        ("PUT", {"body": b"x", "headers": {"Content-Type": "text/plain"}}, 415),
        ("PUT", {"json": {"full_name": "x", "attributes": {"a": "x" * 70_000}}}, 413),
        ("DELETE", {}, 404),
    ],
)
def test_bad_input_is_a_problem_document(
    platform: Platform, uri: str, method: str, change: dict[str, str], status: int
) -> None:
    answer = platform.call(method, **({"uri": uri} | change))
    assert (answer.status, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["status"] == status


def _forged(change: Callable[[dict[str, object]], None], **header: str) -> Callable[[Platform], str]:
    """A token like a real one but for `change`, signed with a key of our own under the real key's id."""

    def make(platform: Platform) -> str:
        real = platform.token()
        claims = jwt.decode(real, options={"verify_signature": False})
        change(claims)
        return jwt.encode(
            claims, KEY, algorithm="RS256", headers={"kid": jwt.get_unverified_header(real)["kid"]} | header
        )

    return make


def _tampered(platform: Platform) -> str:
    head, body, signature = platform.token("lead-enricher").split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    claims["scope"] = f"{READ} {WRITE}"
    return ".".join([head, base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("="), signature])


def _unsigned(platform: Platform) -> str:
    claims = jwt.decode(platform.token(), options={"verify_signature": False})
    return jwt.encode(claims, "", algorithm="none")


def _of_another_pool(platform: Platform) -> str:
    """A real token, with the real scope names, of a pool that is not ours."""
    cognito = platform.emulator.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="another")["UserPool"]["Id"]
    cognito.create_resource_server(
        UserPoolId=pool,
        Identifier=READ.split("/", maxsplit=1)[0],
        Name="another",
        Scopes=[
            {"ScopeName": "api.read", "ScopeDescription": "x"},
            {"ScopeName": "api.write", "ScopeDescription": "x"},
        ],
    )
    client = cognito.create_user_pool_client(
        UserPoolId=pool,
        ClientName="another",
        GenerateSecret=True,
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthScopes=[READ, WRITE],
    )["UserPoolClient"]
    answer = platform.request_token(client["ClientId"], client["ClientSecret"])
    assert answer.status == 200, answer.data
    return str(answer.json()["access_token"])


def _expired(platform: Platform) -> str:
    """A real token of our own pool that has ended: the emulator, unlike Cognito, lets one live for a second."""
    cognito = platform.emulator.client("cognito-idp")
    pool = platform.parameter("user-pool-id")
    client = cognito.create_user_pool_client(
        UserPoolId=pool,
        ClientName="brief",
        GenerateSecret=True,
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthScopes=[READ, WRITE],
        AccessTokenValidity=1,
        TokenValidityUnits={"AccessToken": "seconds"},
    )["UserPoolClient"]
    try:
        token = str(platform.request_token(client["ClientId"], client["ClientSecret"]).json()["access_token"])
    finally:
        cognito.delete_user_pool_client(UserPoolId=pool, ClientId=client["ClientId"])
    time.sleep(1.1)
    return token


def _id_token(platform: Platform) -> str:
    """A real ID token of our own pool, of a user made only for this."""
    cognito = platform.emulator.client("cognito-idp")
    pool = platform.parameter("user-pool-id")
    client = cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="people", ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
    )["UserPoolClient"]["ClientId"]
    try:
        password = "Correct-Horse-1"
        cognito.admin_create_user(UserPoolId=pool, Username="someone")
        cognito.admin_set_user_password(UserPoolId=pool, Username="someone", Password=password, Permanent=True)
        signed_in = cognito.admin_initiate_auth(
            UserPoolId=pool,
            ClientId=client,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "someone", "PASSWORD": password},
        )
        return str(signed_in["AuthenticationResult"]["IdToken"])
    finally:
        cognito.admin_delete_user(UserPoolId=pool, Username="someone")
        cognito.delete_user_pool_client(UserPoolId=pool, ClientId=client)


TURNED_AWAY: dict[str, Callable[[Platform], str]] = {
    "no token": lambda _: "",
    "garbage": lambda _: "garbage",
    "three parts of garbage": lambda _: "a.b.c",
    "tampered": _tampered,
    "unsigned": _unsigned,
    "expired": _expired,
    "signed by another key": _forged(lambda _: None),
    "unknown key id": _forged(lambda _: None, kid="unknown"),
    "of another pool": _of_another_pool,
    "an ID token": _id_token,
}


@pytest.mark.parametrize("kind", TURNED_AWAY)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_caller_without_a_good_access_token_is_turned_away(
    platform: Platform, uri: str, method: str, kind: str
) -> None:
    answer = platform.call(
        method, uri, token=TURNED_AWAY[kind](platform), **({"json": CONTENT} if method == "PUT" else {})
    )
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="otto-dev-api-resource-server"'
    assert answer.headers["Content-Type"] == "application/problem+json"
    document = answer.json()
    assert document["type"] == "urn:otto:problem:unauthorized"
    assert (document["status"], document["title"]) == (401, "Unauthorized")
    assert document["request_id"] == answer.headers["x-amzn-requestid"]


@pytest.mark.parametrize(("method", "scope"), [("GET", WRITE), ("PUT", READ), ("DELETE", READ)])
def test_every_method_refuses_a_token_without_its_scope(platform: Platform, uri: str, method: str, scope: str) -> None:
    token = platform.token(scope=scope)
    assert platform.call(method, uri, token=token, **({"json": CONTENT} if method == "PUT" else {})).status == 401


def test_a_reader_reads_and_cannot_write(platform: Platform) -> None:
    token = platform.token("lead-enricher")
    sample = "https://www.linkedin.com/in/arjaynacion"
    assert platform.call("GET", sample, token=token).status == 200
    assert platform.call("PUT", sample, token=token, json=CONTENT).status == 401
    assert platform.call("DELETE", sample, token=token).status == 401
