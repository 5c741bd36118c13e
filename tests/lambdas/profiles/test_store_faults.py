"""DynamoDB's faults, played over HTTP by a loopback server: each is the domain's error after bounded attempts."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import pytest
from botocore.config import Config

from lambdas.profiles import store
from lambdas.profiles.errors import StoreError, UnavailableError
from lambdas.profiles.profile import Profile, draft
from lambdas.profiles.store import Table, connect
from tests.lambdas.environment import isolate

URI = "https://www.linkedin.com/in/arjaynacion"
PROFILE = Profile(
    content=draft(URI, {"full_name": "Arjay"}), version=1, revision="mine", updated_at="now", updated_by="importer"
)
CAPACITY = {"ConsumedCapacity": {"TableName": "profiles", "CapacityUnits": 1.0}}
CALLS: dict[str, Callable[[Table], Any]] = {
    "get": lambda table: table.get(URI),
    "put": lambda table: table.put(PROFILE, replacing=None),
    "delete": lambda table: table.delete(PROFILE),
}

Answer = Callable[["Requested", dict[str, Any]], None]


class Requested(BaseHTTPRequestHandler):
    """One request to the played DynamoDB: takes the next of the answers, and the last one from then on."""

    protocol_version = "HTTP/1.1"
    server: "Played"

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answers, number = self.server.answers, len(self.server.requests)
        self.server.requests.append(request)
        answers[min(number, len(answers) - 1)](self, request)

    def reply(self, status: int, body: bytes, length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing: only faults are expected."""


class Played(ThreadingHTTPServer):
    """DynamoDB as played by the answers."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Requested)
        self.answers: list[Answer] = []
        self.requests: list[dict[str, Any]] = []
        self.over = Event()
        self.table: Table

    def handle_error(self, *_: object) -> None:
        """Callers that have timed out are gone when they are answered."""


@pytest.fixture(scope="module")
def server() -> Iterator[Played]:
    with Played() as server, pytest.MonkeyPatch.context() as patch:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        isolate(patch, f"http://127.0.0.1:{server.server_port}")
        # The same number of attempts, in less of the tests' time.
        patch.setattr(store, "CONFIG", store.CONFIG.merge(Config(connect_timeout=0.5, read_timeout=0.2)))
        patch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0.0)
        server.table = connect("profiles")
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def played(server: Played) -> Iterator[Played]:
    server.answers, server.requests, server.over = [], [], Event()
    yield server
    server.over.set()


def says(status: int, document: Any) -> Answer:
    return lambda requested, _: requested.reply(status, json.dumps(document).encode())


def refuses(status: int, code: str, **more: Any) -> Answer:
    return says(status, {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "because", **more})


def raw(status: int, body: bytes, length: int | None = None) -> Answer:
    return lambda requested, _: requested.reply(status, body, length)


def hangs(requested: Requested, _: dict[str, Any]) -> None:
    requested.server.over.wait(10)
    requested.close_connection = True


def hangs_up(requested: Requested, _: dict[str, Any]) -> None:
    requested.close_connection = True


def truncates(requested: Requested, _: dict[str, Any]) -> None:
    requested.reply(200, b'{"Item": {', 1000)
    requested.close_connection = True


UNAVAILABLE: dict[str, Answer] = {
    "throttled": refuses(400, "ThrottlingException"),
    "over its throughput": refuses(400, "ProvisionedThroughputExceededException"),
    "over the account's": refuses(400, "RequestLimitExceeded"),
    "500": refuses(500, "InternalServerError"),
    "503 by a proxy": raw(503, b"<html>Service Unavailable</html>"),
    "hangs": hangs,
    "hangs up": hangs_up,
    "truncated": truncates,
}
CORRUPT: dict[str, Answer] = {
    "no JSON": raw(200, b'{"Item"'),
    "empty": raw(200, b""),
    "empty object": raw(200, b"{}"),
    "no UTF-8": raw(200, b'{"Item": "\xff"}'),
    "an error page": raw(200, b"<html>Sign in</html>"),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("fault", UNAVAILABLE)
def test_a_passing_fault_that_does_not_pass_is_unavailable_after_two_attempts(
    played: Played, call: str, fault: str
) -> None:
    played.answers = [UNAVAILABLE[fault]]
    with pytest.raises(UnavailableError):
        CALLS[call](played.table)
    assert len(played.requests) == 2


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("fault", CORRUPT)
def test_a_corrupt_success_is_unavailable_and_never_an_absent_profile(played: Played, call: str, fault: str) -> None:
    played.answers = [CORRUPT[fault]]
    with pytest.raises(UnavailableError):
        CALLS[call](played.table)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("code", ["AccessDeniedException", "ResourceNotFoundException", "ValidationException"])
def test_a_fault_that_no_repetition_mends_is_not_repeated_and_says_why(played: Played, call: str, code: str) -> None:
    played.answers = [refuses(400, code)]
    with pytest.raises(StoreError, match=f"Item: {code}: because"):
        CALLS[call](played.table)
    assert len(played.requests) == 1


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("fault", UNAVAILABLE)
def test_a_fault_that_passes_is_not_noticed(played: Played, call: str, fault: str) -> None:
    played.answers = [UNAVAILABLE[fault], says(200, CAPACITY)]
    assert CALLS[call](played.table) is None


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


def test_a_write_whose_answer_was_lost_is_made_once_and_succeeds(played: Played) -> None:
    def meets_itself(requested: Requested, request: dict[str, Any]) -> None:
        refuses(400, "ConditionalCheckFailedException", Item=request["Item"])(requested, request)

    played.answers = [hangs, meets_itself]
    played.table.put(PROFILE, replacing=None)
    assert len(played.requests) == 2


def test_a_removal_whose_answer_was_lost_succeeds(played: Played) -> None:
    played.answers = [hangs, refuses(400, "ConditionalCheckFailedException")]
    played.table.delete(PROFILE)
    assert len(played.requests) == 2


@pytest.mark.parametrize(
    "change", [{"uri": {}}, {"attributes": {"S": "{"}}, {"version": {"S": "1"}}, {"full_name": {"N": "1"}}]
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


def test_who_has_written_reads_what_was_written(played: Played) -> None:
    played.answers = [says(200, CAPACITY)]
    assert played.table.get(URI) is None
    assert played.requests[0]["ConsistentRead"] is True


def test_no_text_of_a_request_becomes_an_expression(played: Played) -> None:
    played.answers = [says(200, CAPACITY)]
    hostile = draft(URI, {"full_name": "#revision", "attributes": {"#x": ":revision", "attribute_exists(uri)": 1}})
    played.table.put(replace(PROFILE, content=hostile), replacing=PROFILE)
    (request,) = played.requests
    assert request["ConditionExpression"] == "#revision = :revision"
    assert request["ExpressionAttributeNames"] == {"#revision": "revision"}
    assert request["ExpressionAttributeValues"] == {":revision": {"S": "mine"}}
