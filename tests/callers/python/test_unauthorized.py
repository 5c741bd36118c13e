"""Rule 5: a 401 is answered once, by a new token, where that can help and nothing is sent in part."""

import io
import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import requests

from otto_m2m.httpx import open_client
from otto_m2m.requests import open_session
from tests.callers.python.conftest import Call
from tests.callers.world import TOKEN, Reply, World, to_json

BODIES: dict[str, Callable[[], Any]] = {
    "no body": lambda: None,
    "text": lambda: "body",
    "bytes": lambda: b"body",
}


@pytest.mark.parametrize("body", BODIES)
def test_a_refused_token_that_is_not_young_is_replaced_and_the_call_made_once_more(
    world: World, call: Call, body: str
) -> None:
    assert call("PUT", world.profiles, content=BODIES[body]()).status == 200
    world.now += 61
    world.refused = {f"{TOKEN}1"}
    assert call("PUT", world.profiles, content=BODIES[body]()).status == 200
    assert [sent.token for sent in world.calls] == [f"{TOKEN}{number}" for number in (1, 1, 2)]
    assert {sent.body for sent in world.calls} == {(BODIES[body]() and b"body") or b""}


def test_a_call_waits_for_the_api_no_longer_than_said_unless_told_otherwise(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    never = threading.Event()
    world.api = lambda _: Reply(wait=never)
    monkeypatch.setattr("otto_m2m.requests.TIMEOUT", (1, 0.1))
    with open_session(world.open_source(), world.profiles) as session, pytest.raises(requests.ReadTimeout):
        session.get(world.profiles)
    never.set()
    with open_client(world.open_source(), world.profiles) as client:
        assert client.timeout == httpx.Timeout(30, connect=5)


def test_a_second_refusal_is_the_answer(world: World, call: Call) -> None:
    call("GET", world.profiles)
    world.now += 61
    world.refused = {f"{TOKEN}{number}" for number in range(9)}
    assert call("GET", world.profiles).status == 401
    assert (len(world.calls), len(world.token_requests)) == (3, 2)


def test_a_client_without_the_scope_costs_a_token_a_minute_at_most_however_often_it_calls(
    world: World, call: Call
) -> None:
    world.refused = {f"{TOKEN}{number}" for number in range(99)}
    for _ in range(200):
        assert call("GET", world.profiles).status == 401
        world.now += 1
    assert len(world.token_requests) == 4
    assert len(world.calls) == 203, "a new token that is refused is not sent twice"


def test_a_body_that_is_gone_is_not_sent_again_in_part(world: World, call: Call) -> None:
    call("GET", world.profiles)
    world.now += 61
    world.refused = {f"{TOKEN}1"}
    assert call("PUT", world.profiles, content=iter([b"bo", b"dy"])).status == 401
    assert [sent.body for sent in world.calls] == [b"", b"body"]


def test_a_file_is_sent_again_from_where_it_began(world: World) -> None:
    file = io.BytesIO(b"skipped body")
    with open_session(world.open_source(), world.profiles) as session:
        session.get(world.profiles)
        world.now += 61
        world.refused = {f"{TOKEN}1"}
        file.seek(8)
        assert session.put(world.profiles, data=file).status_code == 200
    assert [sent.body for sent in world.calls] == [b"", b"body", b"body"]


def test_a_renewal_that_fails_leaves_the_401_as_the_answer_and_the_token_in_use(world: World, call: Call) -> None:
    call("GET", world.profiles)
    world.now += 61
    world.refused = {f"{TOKEN}1"}
    world.token_endpoint = lambda _: to_json(503, {})
    assert [call("GET", world.profiles).status for _ in range(3)] == [401] * 3
    assert len(world.token_requests) == 2, "not asked again for each call"
    world.refused = set()
    assert call("GET", world.profiles).status == 200
    assert len(world.token_requests) == 2


def test_a_refused_answer_gives_its_connection_back(world: World) -> None:
    with open_session(world.open_source(), world.profiles) as session:
        session.get(world.profiles)
        world.now += 61
        world.refused = {f"{TOKEN}1"}
        answer = session.get(world.profiles, stream=True)
        [refused] = answer.history
        assert (refused.status_code, answer.status_code) == (401, 200)
        assert refused.raw.closed


def test_a_clock_that_is_set_changes_nothing(world: World, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    for moment in (1_800_000_000.0, 0.0, 4_000_000_000.0):
        monkeypatch.setattr("time.time", lambda moment=moment: moment)
        assert call("GET", world.profiles).status == 200
    world.refused = {f"{TOKEN}1"}
    monkeypatch.setattr("time.time", lambda: 0.0)
    world.now += 61
    assert call("GET", world.profiles).status == 200
    assert len(world.token_requests) == 2
