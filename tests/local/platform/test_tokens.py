"""The token endpoint: what a service gets for its credentials, and what it does not."""

import time
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
import urllib3

from stacks.registry.own import SMOKE
from tests.local.attacks.forgery import Forge
from tests.local.platform.deployed import CLIENTS, READ, WRITE, Platform


def claims(platform: Platform, token: str) -> dict[str, Any]:
    """The verified claims of an access token, read as any API would: by the issuer's published keys."""
    keys = jwt.PyJWKClient(
        platform.parameter("issuer").replace("https://cognito-idp.us-east-1.amazonaws.com", platform.emulator.address)
        + "/.well-known/jwks.json"
    )
    key = keys.get_signing_key_from_jwt(token)
    decoded: dict[str, Any] = jwt.decode(token, key, algorithms=["RS256"], issuer=platform.parameter("issuer"))
    return decoded


@pytest.mark.parametrize("client", CLIENTS)
def test_every_client_gets_a_token_with_its_scopes(platform: Platform, client: str) -> None:
    credentials = platform.credentials(client)
    answer = platform.request_token(**credentials)
    body = answer.json()
    assert answer.status == 200
    # RFC 6749 §5.1, and §4.4.3: no refresh token.
    assert set(body) == {"access_token", "token_type", "expires_in"}
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == 3600
    found = claims(platform, body["access_token"])
    assert found["sub"] == found["client_id"] == credentials["client_id"]
    assert found["token_use"] == "access"
    assert set(found["scope"].split()) == CLIENTS[client]
    assert found["exp"] - found["iat"] == 3600
    assert abs(found["iat"] - time.time()) < 60


def test_credentials_hold_the_contract_and_nothing_else(platform: Platform) -> None:
    assert set(platform.credentials(SMOKE)) == {"client_id", "client_secret"}


def test_a_token_carries_only_the_scope_that_was_asked_for(platform: Platform) -> None:
    assert claims(platform, platform.token(scope=READ))["scope"] == READ


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_id": "nobody"}, "invalid_client"),
        ({"scope": "otto-dev-api-resource-server/api.raed"}, "invalid_scope"),
        ({"scope": "api.read"}, "invalid_scope"),
        ({"scope": "otto-prod-api-resource-server/api.read"}, "invalid_scope"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_a_wrong_request_is_refused_with_its_error(platform: Platform, change: dict[str, str], error: str) -> None:
    answer = platform.request_token(**(platform.credentials(SMOKE) | change))
    assert (answer.status in (400, 401), answer.json()["error"]) == (True, error)


def test_a_reader_cannot_ask_for_the_scope_to_write(platform: Platform) -> None:
    forge = Forge(platform)
    with forge.client(forge.pool, [READ]) as reader:
        answer = platform.request_token(**reader, scope=WRITE)
    # RFC 6749 §5.2 names invalid_scope; the emulator says invalid_grant where the scope exists.
    assert (answer.status, answer.json()["error"] in ("invalid_scope", "invalid_grant")) == (400, True)
    assert "access_token" not in answer.json()


def test_credentials_in_the_address_get_no_token(platform: Platform) -> None:
    """RFC 6749 §2.3.1: they would be in every log on the way."""
    known = platform.credentials(SMOKE) | {"grant_type": "client_credentials"}
    for address, body in ((known, {}), (platform.credentials(SMOKE), {"grant_type": "client_credentials"})):
        answer = urllib3.request(
            "POST",
            f"{platform.parameter('token-endpoint')}?{urlencode(address)}",
            body=urlencode(body),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        assert (answer.status in (400, 401), "access_token" in answer.json()) == (True, False)
