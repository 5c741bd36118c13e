"""A failing DynamoDB as callers and the log see it: the documented status, never a false 404 or a false success."""

import json
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from typing import TYPE_CHECKING

import pytest
from botocore.config import Config

from lambdas.profiles import store
from lambdas.profiles.handler import respond
from tests.lambdas.environment import isolate
from tests.lambdas.profiles.dynamodb import (
    CAPACITY,
    CORRUPT,
    UNAVAILABLE,
    Answer,
    Played,
    drips,
    hangs,
    refuses,
    says,
    serving,
)
from tests.lambdas.profiles.timed import timed_response
from tests.stacks.filters import counted
from tests.stacks.synthesis import SynthesizedStack

if TYPE_CHECKING:
    from tests.lambdas.profiles.conftest import EventOf

BODY = json.dumps({"full_name": "Arjay Nacion"})
NAMES = ("uri", "full_name", "attributes", "revision", "updated_at", "updated_by")
KEPT = {"Item": {"version": {"N": "1"}, **{name: {"S": "{}"} for name in NAMES}}, **CAPACITY}
METHODS = {"GET": None, "PUT": BODY, "DELETE": None}
DEPLOYMENT = {
    code: refuses(400, code) for code in ("AccessDeniedException", "ResourceNotFoundException", "ValidationException")
}
FAULTS: dict[str, tuple[int, Answer]] = {
    **{name: (503, answer) for name, answer in (UNAVAILABLE | CORRUPT).items()},
    **{name: (500, answer) for name, answer in DEPLOYMENT.items()},
}


@pytest.fixture(scope="module")
def server() -> Iterator[Played]:
    with serving() as server, pytest.MonkeyPatch.context() as patch:
        isolate(patch, f"http://127.0.0.1:{server.server_port}")
        patch.setattr(store, "CONFIG", store.CONFIG.merge(Config(read_timeout=0.4)))
        patch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0.0)
        yield server


@pytest.fixture(scope="module")
def table(server: Played) -> store.Table:
    assert server
    return store.connect("profiles")


def metrics(stacks: dict[str, SynthesizedStack], line: Mapping[str, object]) -> set[str]:
    """The metrics of any environment that count a line of the function's log."""
    return {
        name
        for stack in stacks.values()
        if stack.name.endswith("-observability")
        for name in counted(stack, line, "stacksprofilesLogGroupName")
    }


def test_a_line_that_tells_of_no_fault_is_counted_nowhere(stacks: dict[str, SynthesizedStack]) -> None:
    assert metrics(stacks, {"level": "INFO", "message": "something else"}) == set()


@pytest.mark.parametrize(
    ("method", "before"),
    [("GET", []), ("PUT", []), ("PUT", [says(200, KEPT)]), ("DELETE", []), ("DELETE", [says(200, KEPT)])],
    ids=["GET", "PUT", "PUT, at the write", "DELETE", "DELETE, at the write"],
)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_its_status_one_line_of_log_and_one_in_its_metric(
    server: Played,
    table: store.Table,
    event_of: "EventOf",
    capsys: pytest.CaptureFixture[str],
    stacks: dict[str, SynthesizedStack],
    fault: str,
    method: str,
    before: list[Answer],
) -> None:
    status, answer = FAULTS[fault]
    server.requests = []
    server.answers = [*before, answer]
    response = respond(event_of(method, body=METHODS[method]), lambda: table)
    document = json.loads(response["body"])
    assert (response["statusCode"], document["status"]) == (status, status)
    assert ("Retry-After" in response["headers"]) is (status == 503)
    [line] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert line["level"] == ("WARNING" if status == 503 else "ERROR")
    assert line["request_id"] == document["request_id"]
    assert line["cause"]
    assert fault not in DEPLOYMENT or fault in line["cause"]
    assert line["cause"] not in response["body"]
    assert metrics(stacks, line) == {"StoreUnavailable" if status == 503 else "UnexpectedFault"}


def test_whatever_hangs_or_drips_is_answered_before_the_function_times_out(
    event_of: "EventOf", stacks: dict[str, SynthesizedStack], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the deployed settings."""
    timeouts = {
        function["Properties"]["Timeout"]
        for name, stack in stacks.items()
        if name.endswith("-profiles")
        for _, function in stack.of_type("AWS::Lambda::Function")
    }

    events = {method: event_of(method, body=body) for method, body in METHODS.items()}
    # Each in a process of its own, for its alarm; they wait at one time.
    with ExitStack() as stack, ProcessPoolExecutor(10, mp_context=get_context("spawn")) as processes:
        calls = []
        for method, event in events.items():
            for before in ([], [says(200, KEPT)])[: 1 if method == "GET" else 2]:
                for fault in (hangs, drips):
                    server = stack.enter_context(serving())
                    server.answers = [*before, fault]
                    isolate(monkeypatch, f"http://127.0.0.1:{server.server_port}")
                    calls.append(processes.submit(timed_response, dict(os.environ), event))
        results = [call.result() for call in calls]
    assert {status for status, _ in results} == {503}
    assert max(seconds for _, seconds in results) < min(timeouts)
