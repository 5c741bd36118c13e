"""Whatever ends a run of `make verify`, at whichever of its calls, nothing that it made stays."""

import os
import re
import signal
from collections.abc import Callable, Iterator

import pytest

from stacks.registry.texts import KEBAB
from tests.tools.answers import Error, denied
from tests.tools.verify.account import Account
from tests.tools.verify.staging import Platform, deploy
from tools.row import Row, State
from tools.template import Assembly
from tools.verify import credentials, throwaway
from tools.verify.__main__ import verify
from tools.verify.checks import CHECKS, Verification
from tools.verify.deployment import Deployment

CHANGING = [check for check in CHECKS if check.changes]
WAYS = ("killed", "stopped", "refused")


class Killed(BaseException):
    """The process is gone: it does nothing more, not even what it does at its end."""


@pytest.fixture(autouse=True)
def _impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials, "seconds_for", lambda _: 0)


def run(account: Account, assembly: Assembly, *checks: Verification) -> tuple[dict[str, Row], bool]:
    rows, stopped = verify(deploy(assembly, account.lines, Platform()), checks)
    return {row.name: row for row in rows}, stopped


def steps(assembly: Assembly, check: Verification) -> int:
    """The number of calls that a whole run of a check makes."""
    calls: list[str] = []
    run(Account(after=calls.append), assembly, check)
    return len(calls)


def end(account: Account, assembly: Assembly, check: Verification, way: str, step: int) -> str:
    """Run a check whose call number `step` ends it, and return that call."""
    calls: list[str] = []

    def before(line: str) -> Error | None:
        calls.append(line)
        return denied("anything") if way == "refused" and len(calls) == step else None

    def after(_: str) -> None:
        if way == "killed" and len(calls) >= step:
            raise Killed
        if way == "stopped" and len(calls) == step:
            os.kill(os.getpid(), signal.SIGTERM)

    account.before, account.after = before, after
    try:
        run(account, assembly, check)
    except Killed:
        assert way == "killed"
    account.before = account.after = lambda _: None
    return calls[step - 1]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("check", CHANGING, ids=lambda check: check.name)
def test_nothing_stays_whichever_call_ends_the_run(assembly: Assembly, check: Verification, way: str) -> None:
    total = steps(assembly, check)
    for step in range(1, total + 1):
        account = Account()
        call = end(account, assembly, check, way, step)
        # What is killed, or is refused the removal itself, cannot: a later run does.
        if way == "killed" or (way == "refused" and re.search("List|Delete|Unsubscribe", call)):
            run(account, assembly)
        assert (step, account.left) == (step, [])
        assert account.clients == {"smoke-id": "smoke"}
        assert account.secrets == {"otto/staging/clients/smoke"}


def test_a_run_that_is_killed_does_leave_something(assembly: Assembly) -> None:
    """Else the test above could not fail."""
    left = set()
    for check in CHANGING:
        for step in range(1, steps(assembly, check) + 1):
            account = Account()
            end(account, assembly, check, "killed", step)
            left |= {re.sub("[0-9a-f]{32}", "…", name) for name in account.left}
    assert left == {
        "verify.…",
        "otto/staging/clients/verify.…",
        "https://queue",
        "arn:aws:sns:us-east-1:123456789012:otto-staging-alarms:s",
    }


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_after_it_has_cleaned_up_and_is_then_as_before(
    assembly: Assembly, number: signal.Signals
) -> None:
    def look(_: object) -> Iterator[Row]:
        os.kill(os.getpid(), number)
        yield from ()

    before = signal.getsignal(number)
    rows, stopped = run(Account(), assembly, Verification(name="signal", expected="", look=look))
    assert stopped
    assert rows["clean up"].state is State.GOOD
    assert signal.getsignal(number) is before


def test_what_uses_up_a_limit_waits_until_the_others_have_ended(assembly: Assembly) -> None:
    ended: list[str] = []

    def look(name: str, seconds: float) -> Callable[[Deployment], Iterator[Row]]:
        def end(deployment: Deployment) -> Iterator[Row]:
            deployment.stopped.wait(seconds)
            ended.append(name)
            yield from ()

        return end

    greedy = Verification(name="greedy", expected="", look=look("greedy", 0), greedy=True)
    slow = Verification(name="slow", expected="", look=look("slow", 0.05))
    run(Account(), assembly, greedy, slow)
    assert ended == ["slow", "greedy"]
    assert [check.changes for check in CHECKS if check.greedy] == [True, True]


def test_what_cannot_be_removed_is_named_and_keeps_nothing_else(assembly: Assembly) -> None:
    account = Account(clients={"a": "verify.a", "b": "verify.b"}, secrets={"otto/staging/clients/verify.a"})
    account.before = lambda line: denied("secretsmanager:DeleteSecret") if line.endswith("DeleteSecret") else None
    rows, _ = run(account, assembly)
    assert rows["earlier runs"].state is rows["clean up"].state is State.BAD
    assert rows["clean up"].found.startswith("otto/staging/clients/verify.a: An error occurred (AccessDenied)")
    assert rows["clean up"].fix == "make verify ENV=staging: a later run removes it"
    assert account.left == ["otto/staging/clients/verify.a"]


def test_what_may_not_be_listed_is_no_clean_end(assembly: Assembly) -> None:
    account = Account(clients={"a": "verify.a"})
    account.before = lambda line: denied("sqs:ListQueues") if line == "sqs.ListQueues" else None
    rows, _ = run(account, assembly)
    assert rows["earlier runs"].state is State.UNREAD
    assert (rows["clean up"].state, rows["clean up"].found[:6]) == (State.BAD, "queues")
    assert account.left == []


def test_no_file_of_the_registry_can_have_the_name_of_a_throw_away_client() -> None:
    assert not re.fullmatch(KEBAB, f"{throwaway.MARK}0")
