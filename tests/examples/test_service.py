"""The Python example against a token endpoint and an API in memory, with a clock of its own."""

import base64
import io
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from authlib.integrations.base_client import OAuthError

from examples import service

TOKEN_ENDPOINT = "https://dev-sellwithotto-ai.auth.us-east-1.amazoncognito.com/oauth2/token"
PROFILES = "https://api.example/dev/profiles"
KNOWN = "https://www.linkedin.com/in/arjaynacion"


@dataclass
class World:
    """What the service talks to: Secrets Manager, SSM, the token endpoint and the API."""

    now: float = 1_800_000_000.0
    life: int = 3600
    secret: str = "first"
    accepted: set[str] = field(default_factory=lambda: {"first"})
    refused: set[str] = field(default_factory=set)
    down: bool = False
    reads: int = 0
    tokens: int = 0
    calls: int = 0
    meanwhile: threading.Barrier | None = None

    def get_parameter(self, **asked: str) -> dict[str, Any]:
        known = {"/otto/dev/m2m/token-endpoint": TOKEN_ENDPOINT, "/otto/dev/m2m/profiles-api-url": PROFILES}
        return {"Parameter": {"Value": known[asked["Name"]]}}

    def get_secret_value(self, **asked: str) -> dict[str, Any]:
        assert asked == {"SecretId": "otto/dev/clients/lead-enricher"}
        self.reads += 1
        return {"SecretString": json.dumps({"client_id": "id", "client_secret": self.secret})}

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        url = str(request.url)
        status, body = self.token(request) if url == TOKEN_ENDPOINT else self.profile(request)
        answer = requests.Response()
        answer.status_code, answer.request, answer.url = status, request, url
        answer.raw = io.BytesIO(json.dumps(body).encode())
        answer.connection = SimpleNamespace(send=self.send)  # type: ignore[assignment]
        return answer

    def token(self, request: requests.PreparedRequest) -> tuple[int, Any]:
        if self.down:
            return 503, "unavailable"
        assert parse_qs(str(request.body)) == {"grant_type": ["client_credentials"]}
        secret = base64.b64decode(str(request.headers["Authorization"]).split()[1]).decode().removeprefix("id:")
        if secret not in self.accepted:
            return 400, {"error": "invalid_client"}
        self.tokens += 1
        return 200, {"access_token": f"token{self.tokens}", "expires_in": self.life, "token_type": "Bearer"}

    def profile(self, request: requests.PreparedRequest) -> tuple[int, Any]:
        self.calls += 1
        token = str(request.headers["Authorization"]).removeprefix("Bearer ")
        if self.meanwhile and token in self.refused:
            self.meanwhile.wait()
        if token in self.refused:
            return 401, {"message": "Unauthorized"}
        uri = parse_qs(urlsplit(str(request.url)).query)["uri"][0]
        return (200, {"uri": uri}) if uri == KNOWN else (404, {"message": "no such profile"})


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()
    monkeypatch.setattr("boto3.client", lambda _service: made)
    monkeypatch.setattr("requests.adapters.HTTPAdapter.send", lambda _self, request, **rest: made.send(request, **rest))
    monkeypatch.setattr("authlib.oauth2.rfc6749.wrappers.time", SimpleNamespace(time=lambda: made.now))
    return made


def call(session: requests.Session, url: str) -> int:
    return session.get(url, params={"uri": KNOWN}).status_code


@pytest.mark.parametrize(
    ("calls", "life", "fewest", "most"), [(10_000, 3600, 30, 35), (5_000, 300, 330, 412), (1_000, 86400, 1, 2)]
)
def test_a_day_of_calls_costs_a_token_every_three_quarters_of_its_life(
    world: World, calls: int, life: int, fewest: int, most: int
) -> None:
    world.life = life
    session, url = service.connect("dev", "lead-enricher")
    for _ in range(calls):
        assert call(session, url) == 200
        world.now += 86_400 / calls
    assert world.calls == calls
    assert fewest <= world.tokens <= most
    assert world.reads == world.tokens


def test_credentials_go_into_the_header_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 6749 §2.3: one method of client authentication in a request, and never the address."""
    token = MagicMock(side_effect=world.token)
    monkeypatch.setattr(world, "token", token)
    assert call(*service.connect("dev", "lead-enricher")) == 200
    [request] = token.call_args.args
    assert request.url == TOKEN_ENDPOINT
    assert (
        base64.b64decode(str(request.headers["Authorization"]).removeprefix("Basic ")).decode() == f"id:{world.secret}"
    )
    assert world.secret not in str(request.body)


def test_twenty_threads_that_start_together_get_one_token(world: World) -> None:
    session, url = service.connect("dev", "lead-enricher")
    with ThreadPoolExecutor(20) as threads:
        assert set(threads.map(lambda _: call(session, url), range(200))) == {200}
    assert world.tokens == 1


def test_twenty_threads_that_are_refused_together_get_one_new_token_and_no_call_fails(world: World) -> None:
    session, url = service.connect("dev", "lead-enricher")
    call(session, url)
    world.now += 61
    world.refused, world.meanwhile = {"token1"}, threading.Barrier(20)
    with ThreadPoolExecutor(20) as threads:
        assert list(threads.map(lambda _: call(session, url), range(20))) == [200] * 20
    assert world.tokens == 2


def test_after_a_401_the_credentials_are_read_again_and_the_call_is_made_once_more(world: World) -> None:
    session, url = service.connect("dev", "lead-enricher")
    call(session, url)
    world.now += 61
    world.refused, world.secret, world.accepted = {"token1"}, "second", {"second"}
    assert call(session, url) == 200
    assert world.reads == 2
    world.now += 61
    world.refused = {f"token{number}" for number in range(10)}
    calls = world.calls
    assert call(session, url) == 401
    assert world.calls == calls + 2


def test_a_client_without_the_scope_costs_a_token_a_minute_at_most_however_often_it_calls(world: World) -> None:
    session, url = service.connect("dev", "lead-enricher")
    world.refused = {f"token{number}" for number in range(1000)}
    for _ in range(600):
        assert call(session, url) == 401
        world.now += 1
    assert world.tokens <= 10
    assert world.calls <= 610, "a new token that is refused is not sent twice"


def test_a_rotated_secret_is_used_from_the_next_token_on_without_a_failed_call(world: World) -> None:
    session, url = service.connect("dev", "lead-enricher")
    for rotation in range(3):
        assert call(session, url) == 200
        world.secret = f"secret{rotation}"
        world.accepted = {world.secret}
        world.now += 3600
    assert call(session, url) == 200
    assert world.tokens == 4


def test_a_token_endpoint_that_is_away_for_a_while_is_not_noticed_while_the_token_lives(world: World) -> None:
    session, url = service.connect("dev", "lead-enricher")
    call(session, url)
    world.down = True
    world.now += 3600 * 0.81
    for _ in range(100):
        assert call(session, url) == 200
    assert world.reads == 2, "it is not asked again for every call"
    world.down = False
    world.now += 600
    assert call(session, url) == 200
    assert world.tokens == 2
    world.down = True
    world.now += 3600
    with pytest.raises(requests.HTTPError):
        call(session, url)


def test_credentials_that_do_not_work_yet_raise_what_the_endpoint_says(world: World) -> None:
    world.accepted = set()
    session, url = service.connect("dev", "lead-enricher")
    with pytest.raises(OAuthError, match="invalid_client"):
        call(session, url)


def test_the_command_prints_profiles_and_says_which_are_missing(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert service.main("dev", "lead-enricher", KNOWN, KNOWN + "x") == 1
    out, err = capsys.readouterr()
    assert json.loads(out) == {"uri": KNOWN}
    assert err == f"{KNOWN}x: no such profile\n"
    assert world.tokens == 1
