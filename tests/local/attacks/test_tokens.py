"""Who is turned away: every wrong token, however it is sent, at every route and method that is deployed."""

from collections.abc import Callable

import pytest
import urllib3

from stacks.registry.own import SMOKE
from tests.local.attacks.conftest import Route, send
from tests.local.attacks.forgery import TOKENS, Forge
from tests.local.platform.deployed import READ, WRITE, Platform

Headers = list[tuple[str, str]]


def bearer(token: str, name: str = "Authorization", scheme: str = "Bearer ") -> tuple[str, str]:
    return name, f"{scheme}{token}"


SENT: dict[str, Callable[[Forge], Headers]] = {
    "nothing": lambda _: [],
    "an empty header": lambda _: [("Authorization", "")],
    "a scheme alone": lambda _: [("Authorization", "Bearer")],
    "credentials instead of a token": lambda forge: [
        (name, str(value))
        for name, value in urllib3.make_headers(basic_auth=":".join(forge.platform.credentials(SMOKE).values())).items()
    ],
    "a real token as Basic": lambda forge: [bearer(forge.real, scheme="Basic ")],
    "a real token in a cookie": lambda forge: [("Cookie", f"Authorization={forge.real}; access_token={forge.real}")],
    "a real token in another header": lambda forge: [("X-Authorization", f"Bearer {forge.real}")],
    "a lower-case header": lambda forge: [bearer(forge.resigned(sub="x"), "authorization", "bearer ")],
    "an upper-case header": lambda forge: [bearer(forge.resigned(sub="x"), "AUTHORIZATION", "BEARER ")],
    "two wrong headers": lambda forge: [bearer("a.b.c"), bearer(forge.resigned(sub="x"))],
    "two wrong headers of two spellings": lambda forge: [bearer("a.b.c"), bearer(forge.signed(), "authorization")],
    "two tokens in one header": lambda forge: [bearer(f"{forge.resigned(sub='x')}, Bearer {forge.signed()}")],
    "a hundred wrong headers": lambda _: [bearer("a.b.c")] * 100,
}
KINDS = [*SENT, *TOKENS]


@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_token_opens_no_route_and_changes_nothing(
    platform: Platform, forge: Forge, deployed_routes: list[Route], uri: str, kind: str
) -> None:
    before = platform.call("PUT", uri, token=forge.real, json={"full_name": "Before"}).json()
    headers = SENT[kind](forge) if kind in SENT else [bearer(TOKENS[kind](forge))]
    # Beyond 10,240 bytes of headers API Gateway does not read them at all.
    refused = {400, 401, 413, 431} if sum(len(value) for _, value in headers) > 10_240 else {401}
    statuses = {(route.method, route.path): send(route, uri, headers).status for route in deployed_routes}
    assert {route: status for route, status in statuses.items() if status not in refused} == {}
    assert platform.call("GET", uri, token=forge.real).json() == before


def test_the_same_request_with_a_real_token_opens_every_route(
    platform: Platform, forge: Forge, deployed_routes: list[Route], uri: str
) -> None:
    """Shows that the matrix attacks what is there: the token alone makes the difference."""
    for name, scheme in (("Authorization", "Bearer "), ("authorization", "bearer "), ("AUTHORIZATION", "BEARER ")):
        for token in (forge.real, forge.genuine()):
            platform.call("PUT", uri, token=token, json={"full_name": "Before"})
            for route in sorted(deployed_routes, key=lambda route: "GET HEAD PUT DELETE".index(route.method)):
                assert send(route, uri, [bearer(token, name, scheme)]).status in (200, 204), route


def test_every_method_refuses_a_token_without_its_own_scope(
    platform: Platform, deployed_routes: list[Route], uri: str
) -> None:
    tokens = {scope: platform.token(scope=scope) for scope in (READ, WRITE)}
    for route in deployed_routes:
        for scope, token in tokens.items():
            status = send(route, uri, [bearer(token)]).status
            assert (status == 401) is (scope not in route.scopes), (route, scope)


def test_two_tokens_are_never_more_than_one_of_them(platform: Platform, deployed_routes: list[Route], uri: str) -> None:
    """A reader's token beside a writer's: refused, or done as the writer, whichever of the two is read."""
    reader, writer = platform.token(scope=READ), platform.token(scope=WRITE)
    author = platform.credentials(SMOKE)["client_id"]
    [put] = [route for route in deployed_routes if route.method == "PUT"]
    for headers in ([bearer(reader), bearer(writer)], [bearer(writer), bearer(reader)], [bearer(reader)] * 2):
        answer = send(put, uri, headers)
        assert answer.status == 401 or answer.json()["updated_by"] == author
        assert headers != [bearer(reader)] * 2 or answer.status == 401


def test_a_token_in_the_query_is_no_token(platform: Platform, forge: Forge) -> None:
    # RFC 6750 §2.3: it would be in every log on the way.
    url = f"{platform.parameter('profiles-api-url')}?access_token={forge.real}&Authorization=Bearer+{forge.real}"
    assert urllib3.request("GET", url).status == 401


@pytest.fixture
def leaver(forge: Forge) -> tuple[dict[str, str], str]:
    """The credentials of a client that has just been deleted, and the token it had got."""
    with forge.client(forge.pool, [READ]) as credentials:
        answer = forge.platform.request_token(**credentials)
    return credentials, str(answer.json()["access_token"])


def test_a_deleted_client_gets_no_token_but_keeps_the_one_it_has_until_it_ends(
    platform: Platform, uri: str, leaver: tuple[dict[str, str], str]
) -> None:
    """A signed token is checked without asking Cognito: its lifetime is how long a deleted client still gets in."""
    credentials, token = leaver
    refused = platform.request_token(**credentials)
    assert (refused.status in (400, 401), refused.json()["error"]) == (True, "invalid_client")
    assert platform.call("GET", uri, token=token).status == 404


def test_a_suspended_client_gets_no_token(platform: Platform, forge: Forge) -> None:
    with forge.client(forge.pool, [READ]) as credentials:
        assert platform.request_token(**credentials).status == 200
        # What stacks/app_client.py deploys for `suspended: true`.
        forge.cognito.update_user_pool_client(
            UserPoolId=forge.pool,
            ClientId=credentials["client_id"],
            AllowedOAuthFlowsUserPoolClient=False,
            AllowedOAuthFlows=[],
            AllowedOAuthScopes=[],
        )
        refused = platform.request_token(**credentials)
    assert (refused.status, "access_token" in refused.json()) == (400, False)
