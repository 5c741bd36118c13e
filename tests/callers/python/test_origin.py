"""Rule 4: the token goes to the API's origin alone, whatever carries a request on."""

from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
from urllib3 import Retry

from otto_m2m.addresses import check_address
from otto_m2m.errors import TokenError
from otto_m2m.httpx import open_client
from otto_m2m.requests import TokenAdapter, open_session
from tests.callers.python.conftest import Call
from tests.callers.world import TOKEN, Reply, World, to_json


@pytest.fixture
def netrc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A dotfile that lists every host of these tests."""
    file = tmp_path / ".netrc"
    file.write_text("machine 127.0.0.1 login user password password\n")
    file.chmod(0o600)
    monkeypatch.setenv("NETRC", str(file))
    monkeypatch.setenv("HOME", str(tmp_path))
    return file


def move(to: str) -> Reply:
    return to_json(302, {}, Location=to)


@pytest.mark.usefixtures("netrc")
def test_a_redirect_to_another_origin_that_answers_401_is_not_followed_by_the_token(
    world: World, stranger: World, call: Call
) -> None:
    call("GET", world.profiles)
    world.now += 61
    world.api = lambda _: move(f"{stranger.url}/elsewhere")
    stranger.api = lambda _: to_json(401, {}, **{"WWW-Authenticate": "Bearer"})
    assert call("GET", world.profiles).status == 401
    assert [sent.path for sent in stranger.sent] == ["/elsewhere"]
    assert TOKEN not in str(stranger.sent)
    assert len(world.token_requests) == 1


def test_a_redirect_within_the_origin_keeps_the_token(world: World, call: Call) -> None:
    world.api = lambda sent: move(world.profiles) if sent.path == "/dev/old" else world.call(sent)
    assert call("GET", f"{world.url}/dev/old").status == 200
    assert {sent.token for sent in world.sent[1:]} == {f"{TOKEN}1"}


def test_a_call_of_another_origin_has_no_token_and_needs_none(world: World, stranger: World, call: Call) -> None:
    assert call("GET", stranger.profiles).status == 401
    assert "CANARY" not in str(stranger.sent)
    assert world.token_requests == []


@pytest.mark.usefixtures("netrc")
def test_a_dotfile_does_not_replace_the_token(world: World, call: Call) -> None:
    assert call("GET", world.profiles).status == 200


def test_an_authorization_of_the_callers_own_does_not_replace_the_token(world: World, call: Call) -> None:
    assert call("GET", world.profiles, headers={"Authorization": "Bearer other"}).status == 200


def test_no_answer_and_no_hook_is_shown_the_token(world: World, call: Call) -> None:
    assert "CANARY" not in str(call("GET", world.profiles).shown)


def test_a_hook_that_sends_a_request_elsewhere_sends_no_token(world: World, stranger: World) -> None:
    with open_session(world.open_source(), world.profiles) as session:

        def resend(answer: requests.Response, **_: Any) -> None:
            again = answer.request.copy()
            again.hooks = {}
            again.url = stranger.profiles
            session.send(again)
            answer.connection.send(again)

        assert session.get(world.profiles, hooks={"response": resend}).status_code == 200
    with open_client(world.open_source(), world.profiles) as client:

        def lead_astray(request: httpx.Request) -> None:
            request.url = httpx.URL(stranger.profiles)

        client.event_hooks = {"request": [lead_astray]}
        client.get(world.profiles)
    assert len(stranger.calls) == 3
    assert "CANARY" not in str(stranger.sent)


@pytest.fixture
def proxied(stranger: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, stranger.url)


def test_a_retry_of_the_library_keeps_to_the_origin_and_the_token(world: World, stranger: World) -> None:
    answers = iter([Reply(503), move(f"{stranger.url}/elsewhere")])
    world.api = lambda sent: next(answers, None) or world.call(sent)
    with open_session(world.open_source(), world.profiles) as session:
        adapter = session.get_adapter(world.profiles)
        assert isinstance(adapter, TokenAdapter)
        adapter.max_retries = Retry(3, status_forcelist=[503], backoff_factor=0)
        session.get(world.profiles)
    assert [sent.token for sent in world.calls] == [f"{TOKEN}1"] * 2
    assert [sent.path for sent in stranger.sent] == ["/elsewhere"]
    assert "CANARY" not in str(stranger.sent)


@pytest.mark.usefixtures("proxied")
def test_no_proxy_reads_a_token_that_goes_to_this_machine(world: World, stranger: World, call: Call) -> None:
    assert call("GET", world.profiles).status == 200
    assert stranger.sent == []


def test_an_https_address_is_asked_through_the_proxy_of_the_environment_by_tunnel_alone(
    world: World, stranger: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proxy here refuses CONNECT: it has been asked for no more than a tunnel."""
    monkeypatch.setenv("HTTPS_PROXY", stranger.url.replace("//", "//user:pass@"))
    world.url = "https://token.example"
    with pytest.raises(TokenError, match=r"token endpoint: no answer \(ProxyError\)"):
        world.open_source().get()
    assert "CANARY" not in str(stranger.sent)


SAFE = ["https://api.example/dev", "http://127.0.0.1:4566/dev", "http://x.execute-api.localhost:4566/dev/profiles"]
UNSAFE = [
    "", "http://api.example/dev", "http://localhost.example/", "http://127.0.0.1.example/", "ftp://localhost/",
    "https://", "https://user@api.example/", "https://api.example:x/", "//api.example", "https://api.example/ x",
    "https://api.example/\r\nx",
]  # fmt: skip


def test_an_address_that_is_neither_https_nor_this_machine_is_given_nothing() -> None:
    assert [check_address(url, "name") for url in SAFE] == SAFE
    for url in UNSAFE:
        with pytest.raises(TokenError, match="addresses: name is no https address"):
            check_address(url, "name")
