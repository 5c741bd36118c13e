"""DynamoDB's faults, played over HTTP by a loopback server: each is the domain's error after bounded attempts."""

import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.config import Config

from lambdas.profiles import store
from lambdas.profiles.errors import StoreError, UnavailableError
from lambdas.profiles.profile import Profile, draft
from lambdas.profiles.store import Table, connect
from tests.lambdas.environment import isolate
from tests.lambdas.profiles.dynamodb import (
    CAPACITY,
    CORRUPT,
    UNAVAILABLE,
    Played,
    Requested,
    checked,
    drips,
    hangs,
    refuses,
    says,
    serving,
)

URI = "https://www.linkedin.com/in/arjaynacion"
PROFILE = Profile(
    content=draft(URI, {"full_name": "Arjay"}), version=1, revision="mine", updated_at="now", updated_by="importer"
)
CALLS: dict[str, Callable[[Table], Any]] = {
    "get": lambda table: table.get(URI),
    "put": lambda table: table.put(PROFILE, replacing=None),
    "delete": lambda table: table.delete(PROFILE),
}


@pytest.fixture(scope="module")
def server() -> Iterator[Played]:
    with serving() as server, pytest.MonkeyPatch.context() as patch:
        isolate(patch, f"http://127.0.0.1:{server.server_port}")
        # The same number of attempts, in less of the tests' time.
        patch.setattr(store, "CONFIG", store.CONFIG.merge(Config(connect_timeout=0.5, read_timeout=0.4)))
        patch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0.0)
        yield server


@pytest.fixture(scope="module")
def table(server: Played) -> Table:
    assert server
    return connect("profiles")


@pytest.fixture
def played(server: Played) -> Iterator[Played]:
    server.answers, server.requests, server.over = [], [], Event()
    yield server
    server.over.set()


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("fault", UNAVAILABLE)
def test_a_passing_fault_that_does_not_pass_is_unavailable_after_two_attempts(
    played: Played, table: Table, call: str, fault: str
) -> None:
    played.answers = [UNAVAILABLE[fault]]
    with pytest.raises(UnavailableError):
        CALLS[call](table)
    assert played.came(2) == 2


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("fault", CORRUPT)
def test_a_corrupt_success_is_unavailable_and_never_an_absent_profile(
    played: Played, table: Table, call: str, fault: str
) -> None:
    played.answers = [CORRUPT[fault]]
    with pytest.raises(UnavailableError):
        CALLS[call](table)


@pytest.mark.parametrize("error", [AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError])
def test_an_answer_that_breaks_the_parser_in_any_way_is_unavailable(error: type[Exception]) -> None:
    def breaks(**_: Any) -> None:
        raise error("planted")

    client: Any = SimpleNamespace(get_item=breaks, put_item=breaks, delete_item=breaks)
    for call in CALLS.values():
        with pytest.raises(UnavailableError):
            call(Table(client, "profiles"))


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("code", ["AccessDeniedException", "ResourceNotFoundException", "ValidationException"])
def test_a_fault_that_no_repetition_mends_is_not_repeated_and_says_why(
    played: Played, table: Table, call: str, code: str
) -> None:
    played.answers = [refuses(400, code)]
    with pytest.raises(StoreError, match=f"Item: {code}: because"):
        CALLS[call](table)
    assert played.came(1) == 1


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("fault", UNAVAILABLE)
def test_a_fault_that_passes_is_not_noticed(played: Played, table: Table, call: str, fault: str) -> None:
    played.answers = [UNAVAILABLE[fault], says(200, CAPACITY)]
    assert CALLS[call](table) is None


def test_nobody_listening_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    isolate(monkeypatch, "http://127.0.0.1:1")
    with pytest.raises(UnavailableError, match="EndpointConnectionError"):
        connect("profiles").get(URI)


def test_no_credentials_are_a_fault_of_the_deployment(monkeypatch: pytest.MonkeyPatch) -> None:
    isolate(monkeypatch, "http://127.0.0.1:1")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(StoreError, match="NoCredentialsError"):
        connect("profiles").get(URI)


def test_a_write_whose_answer_was_lost_is_made_once_and_succeeds(played: Played, table: Table) -> None:
    def meets_itself(requested: Requested, request: dict[str, Any]) -> None:
        refuses(400, "ConditionalCheckFailedException", Item=request["Item"])(requested, request)

    played.answers = [hangs, meets_itself]
    table.put(PROFILE, replacing=None)
    assert played.came(2) == 2


def test_a_removal_whose_answer_was_lost_succeeds(played: Played, table: Table) -> None:
    played.answers = [hangs, refuses(400, "ConditionalCheckFailedException")]
    table.delete(PROFILE)
    assert played.came(2) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"uri": {}},
        {"attributes": {"S": "{"}},
        {"attributes": {"S": 1}},
        {"version": {"S": "1"}},
        {"full_name": {"N": "1"}},
        {"full_name": {"S": 1}},
    ],
)
def test_an_item_that_is_no_profile_is_a_fault(played: Played, change: dict[str, Any]) -> None:
    names = ("uri", "full_name", "attributes", "revision", "updated_at", "updated_by")
    item: dict[str, Any] = {**{name: {"S": "{}"} for name in names}, "version": {"N": "1"}}
    played.answers = [
        says(200, CAPACITY | {"Item": item}),
        says(200, CAPACITY | {"Item": item | change if change else {}}),
    ]
    assert connect("profiles").get(URI)
    with pytest.raises(StoreError, match="not a profile"):
        connect("profiles").get(URI)


def test_who_has_written_reads_what_was_written(played: Played, table: Table) -> None:
    played.answers = [says(200, CAPACITY)]
    assert table.get(URI) is None
    assert played.requests[0]["ConsistentRead"] is True


def test_no_text_of_a_request_becomes_an_expression(played: Played, table: Table) -> None:
    played.answers = [says(200, CAPACITY)]
    hostile = draft(URI, {"full_name": "#revision", "attributes": {"#x": ":revision", "attribute_exists(uri)": 1}})
    table.put(replace(PROFILE, content=hostile), replacing=PROFILE)
    (request,) = played.requests
    assert request["ConditionExpression"] == "#revision = :revision"
    assert request["ExpressionAttributeNames"] == {"#revision": "revision"}
    assert request["ExpressionAttributeValues"] == {":revision": {"S": "mine"}}


@pytest.mark.parametrize("call", CALLS)
def test_an_answer_that_drips_is_given_up(
    played: Played, table: Table, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "SECONDS", 0.3)
    played.answers = [drips]
    with pytest.raises(UnavailableError, match="no whole answer"):
        CALLS[call](table)
    assert played.came(1) == 1
    played.answers = [says(200, CAPACITY)]
    assert table.get(URI) is None
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_an_answer_that_is_what_its_checksum_says_is_taken(played: Played, table: Table) -> None:
    played.answers = [checked(CAPACITY)]
    assert table.get(URI) is None
