"""Which app clients `make credentials` names, and what it says of the others."""

import dataclasses
import io
import json
import re
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from stacks.environments import ENVIRONMENTS
from stacks.registry import Group
from tools import app_clients, credentials
from tools.credentials import ready, unready
from tools.place import Place
from tools.progress import Progress

DEV = ENVIRONMENTS[0]
AT = Place(environment=DEV)
READY: dict[str, Any] = {
    "RotationEnabled": True,
    "LastRotatedDate": datetime(2027, 1, 31, tzinfo=UTC),
    "VersionIdsToStages": {"a": ["AWSPREVIOUS"], "b": ["AWSCURRENT", "registered-beside:1"]},
}
WRITTEN = {"b": ["AWSPREVIOUS", "registered-beside:1"], "c": ["AWSCURRENT"]}
PENDING = READY["VersionIdsToStages"] | {"c": ["AWSPENDING"]}
LEFT_ON = {"a": ["AWSPREVIOUS"], "b": ["AWSCURRENT", "AWSPENDING", "registered-beside:1"]}


@pytest.mark.parametrize(
    ("found", "why"),
    [
        ({"LastRotatedDate": None}, "its rotation has not ended"),
        ({"VersionIdsToStages": PENDING}, "its rotation has not ended"),
        ({"VersionIdsToStages": WRITTEN}, "its current value was written or restored since its last rotation"),
        ({"VersionIdsToStages": {}}, "its current value was written or restored since its last rotation"),
        ({"RotationEnabled": False}, "its rotation was cancelled"),
        ({"RotationEnabled": False, "LastRotatedDate": None}, "its rotation was cancelled"),
    ],
)
def test_a_client_that_a_rotation_is_missing_for_is_named_with_the_mend(found: dict[str, Any], why: str) -> None:
    [(name, problem)] = unready(AT, ["a"], lambda **_: READY | found)
    assert f"{name}: {problem}" == (
        f"a: otto/dev/clients/a: {why}; see the log of otto-dev-rotation, then make rotate CLIENT=a ENV=dev"
    )


@pytest.mark.parametrize("labels", [READY["VersionIdsToStages"], LEFT_ON])
def test_a_client_whose_current_value_a_rotation_registered_is_ready(labels: dict[str, list[str]]) -> None:
    assert list(unready(AT, ["a"], lambda **_: READY | {"VersionIdsToStages": labels})) == []


def test_a_suspended_client_is_not_counted_among_those_that_can_get_tokens(groups: tuple[Group, ...]) -> None:
    [first, *_] = [client for group in groups for client in group.clients_in("dev")]
    second = dataclasses.replace(first, name="another-job")
    grant = dataclasses.replace(second.environments["dev"], suspended=True)
    suspended = dataclasses.replace(second, environments=dict(second.environments) | {"dev": grant})
    assert ready(DEV, [first, second]) == "all 2 app clients of dev can get tokens"
    assert ready(DEV, [first, suspended]) == f"1 of 2 app clients of dev can get tokens; suspended: {second.name}"


DEPLOY = "make deploy ENV=dev, then make credentials ENV=dev"
WRITTEN_TAG = "somebody wrote its tag client-id, docs/runbook.md#credentials-differ"
TWO = "delete the one that is in no stack, docs/runbook.md#credentials-differ"


@pytest.mark.parametrize(
    ("ids", "has", "fix"),
    [
        ({"a": {"new"}}, "has a as new", DEPLOY),
        ({}, "has no app client a", DEPLOY),
        ({"a": {"new", "newer"}}, "has a as new, newer", TWO),
        ({"a": {"old", "newer"}}, "has a as newer, old", TWO),
        ({"a": {"new"}, "b": {"old"}}, "has a as new", WRITTEN_TAG),
        ({"b": {"old"}}, "has no app client a", WRITTEN_TAG),
    ],
)
def test_a_secret_of_an_app_client_that_is_not_its_own_is_named_with_both_ids_and_the_fix(
    ids: dict[str, set[str]], has: str, fix: str
) -> None:
    tagged = READY | {"Tags": [{"Key": "client-id", "Value": "old"}]}
    [(name, problem)] = credentials.strangers(AT, ["a"], lambda **_: tagged, ids)
    assert f"{name}: {problem}" == (
        f"a: otto/dev/clients/a: made for the app client old, and the user pool {has}: {fix}"
    )


def test_a_secret_of_the_pool_and_one_that_is_not_there_or_deleted_are_no_strangers() -> None:
    tagged = READY | {"Tags": [{"Key": "client-id", "Value": "mine"}]}
    deleted = tagged | {"DeletedDate": datetime(2027, 1, 31, tzinfo=UTC)}
    asked = Asked(a=[tagged], b=[refused("ResourceNotFoundException")], c=[deleted])
    assert list(credentials.strangers(AT, ["a", "b", "c"], asked, {"a": {"mine"}, "d": {"another"}})) == []


def refused(code: str, status: int = 400) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": "why"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "DescribeSecret")


class Asked:
    """Secrets Manager that answers each question with the next of a client's answers, and with the last ever after."""

    def __init__(self, **answers: list[Any]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def __call__(self, *, SecretId: str) -> Any:  # noqa: N803 - boto3's name
        name = SecretId.rpartition("/")[2]
        self.asked.append(name)
        answer = self.answers[name].pop(0) if len(self.answers[name]) > 1 else self.answers[name][0]
        if isinstance(answer, ClientError):
            raise answer
        return READY | answer


@pytest.fixture(autouse=True)
def no_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)


@pytest.mark.parametrize(
    "code",
    [
        "AccessDenied",
        "AccessDeniedException",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationTokenException",
        "UnrecognizedClientException",
        "ValidationException",
        "an error that is made up tomorrow",
    ],
)
def test_what_waiting_cannot_change_is_asked_once(code: str) -> None:
    asked = Asked(a=[refused(code)], b=[{}])
    with pytest.raises(ClientError, match=re.escape(code)):
        credentials.wait(AT, ["a", "b"], asked, 60, Progress(io.StringIO()))
    assert asked.asked == ["a"]


@pytest.mark.parametrize(
    "answer",
    [
        refused("ResourceNotFoundException"),
        refused("ThrottlingException"),
        refused("?", 503),
        {"LastRotatedDate": None},
    ],
)
def test_what_may_pass_is_asked_until_it_has_and_what_is_ready_no_more(answer: Any) -> None:
    asked = Asked(a=[answer, answer, {}], b=[{}])
    assert credentials.wait(AT, ["a", "b"], asked, 60, Progress(io.StringIO())) == []
    assert asked.asked == ["a", "b", "a", "a"]


@pytest.mark.parametrize(("waiting", "given", "waited"), [(1, None, 180), (10, None, 180), (11, None, 360), (11, 5, 5)])
def test_a_wait_is_as_long_as_the_rotations_of_those_that_are_not_ready_may_take(
    monkeypatch: pytest.MonkeyPatch, waiting: int, given: float | None, waited: int
) -> None:
    clock = iter(range(10_000))
    slept: list[float] = []
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(time, "sleep", slept.append)
    answers: dict[str, list[Any]] = {f"late{number}": [{"LastRotatedDate": None}] for number in range(waiting)}
    answers |= {f"ready{number}": [{}] for number in range(90)}
    left = credentials.wait(AT, list(answers), Asked(**answers), given, Progress(io.StringIO()))
    assert [name for name, _ in left] == [f"late{number}" for number in range(waiting)]
    assert len(slept) == waited


class Session:
    """A boto3 session whose rotation function answers each call with the next of `answers`."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers = list(answers)
        self.asked: list[dict[str, Any]] = []

    def client(self, _service: str, **_: Any) -> Any:
        return self

    def get_parameter(self, *, Name: str) -> Any:  # noqa: N803 - boto3's name
        assert Name == "/otto/dev/stacks/rotation/FunctionArn"
        if not self.answers:
            raise refused("ParameterNotFound")
        return {"Parameter": {"Value": "arn:rotation"}}

    def invoke(self, *, FunctionName: str, Payload: str) -> Any:  # noqa: N803 - boto3's names
        assert FunctionName == "arn:rotation"
        self.asked.append(json.loads(Payload))
        told = self.answers.pop(0)
        failed = {"FunctionError": "Unhandled"} if "errorMessage" in told else {}
        return {"Payload": io.BytesIO(json.dumps(told).encode())} | failed


def test_every_client_is_held_against_its_app_client_by_the_rotation_function_a_hundred_at_a_time() -> None:
    names = [f"{number:03}" for number in range(101)]
    session: Any = Session(
        {"refused": {"otto/dev/clients/007": "its tag"}, "wrong": {"otto/dev/clients/008": "its value"}},
        {"refused": {}, "wrong": {"otto/dev/clients/100": "its value"}},
    )
    assert app_clients.compare(AT, session, names) == {
        "007": "otto/dev/clients/007: its tag",
        "008": "otto/dev/clients/008: its value",
        "100": "otto/dev/clients/100: its value",
    }
    assert [len(each["Secrets"]) for each in session.asked] == [100, 1]
    assert session.asked[1] == {"Step": "compare", "Secrets": ["otto/dev/clients/100"]}


def test_a_comparison_that_fails_is_told_in_the_functions_words() -> None:
    session: Any = Session({"errorMessage": "there is no user pool p"})
    with pytest.raises(RuntimeError, match=r"^arn:rotation: there is no user pool p$"):
        app_clients.compare(AT, session, ["a"])


def test_before_there_is_a_rotation_function_nothing_is_compared() -> None:
    session: Any = Session()
    assert app_clients.compare(AT, session, ["a"]) == {}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_log_has_a_line_for_each_client_that_is_waited_for_and_each_that_is_ready() -> None:
    log, waits = io.StringIO(), {"LastRotatedDate": None}
    credentials.wait(AT, ["a", "b"], Asked(a=[waits, waits, {}], b=[waits, {}]), 60, Progress(log))
    why = "its rotation has not ended; see the log of otto-dev-rotation, then make rotate CLIENT={0} ENV=dev"
    assert log.getvalue().splitlines() == [
        *(f"waiting: {name}: otto/dev/clients/{name}: {why.format(name)}" for name in "ab"),
        "ready: b",
        "ready: a",
    ]


def test_a_terminal_has_one_line_that_is_gone_at_the_end() -> None:
    terminal, waits = Terminal(), {"LastRotatedDate": None}
    credentials.wait(AT, ["a", "b"], Asked(a=[waits, {}], b=[{}]), 60, Progress(terminal))
    assert terminal.getvalue() == "\r\x1b[2Kwaiting: 1 of 2 are ready; a\r\x1b[2K"
