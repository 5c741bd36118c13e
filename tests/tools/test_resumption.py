"""Which rotations `make credentials` starts again, and when."""

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from stacks.environments import ENVIRONMENTS
from tools.place import Place
from tools.resumption import AT_ONCE, UNENDED, Resumption, seconds_for

AT = Place(environment=ENVIRONMENTS[0])
MANY = {f"client-{number:02}": f"otto/dev/clients/client-{number:02}: {UNENDED}; see the log" for number in range(25)}


class Account:
    """A clock, and the secrets whose rotation was started at it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, error: str = "") -> None:
        self.now, self.started, self.told = 0.0, [], []  # type: tuple[float, list[str], list[str]]
        self._error = error
        monkeypatch.setattr(time, "monotonic", lambda: self.now)
        self.resumption = Resumption(AT, self._rotate, self.told.append)

    def _rotate(self, **request: Any) -> None:
        self.started.append(request["SecretId"].rpartition("/")[2])
        if self._error:
            raise ClientError({"Error": {"Code": self._error, "Message": "no"}}, "RotateSecret")

    def look(self, at: float, waiting: dict[str, str]) -> list[str]:
        """What is started by looking then."""
        self.now, before = at, len(self.started)
        self.resumption.look(waiting)
        return self.started[before:]


def test_ten_are_started_again_when_none_has_ended_for_a_minute_and_then_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    account, names = Account(monkeypatch), list(MANY)
    assert account.look(0, MANY) == account.look(59, MANY) == []
    assert account.look(60, MANY) == names[:10]
    assert account.look(119, MANY) == []
    assert account.look(120, MANY) == names[10:20]
    assert account.look(180, MANY) == [*names[20:], *names[:5]]


def test_nothing_is_started_while_others_end(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account(monkeypatch)
    for seconds in range(0, 300, 20):
        assert account.look(seconds, dict(list(MANY.items())[seconds // 20 :])) == []


def test_only_a_rotation_that_has_not_ended_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account(monkeypatch)
    waiting = {"cancelled": "its rotation was cancelled", "pending": UNENDED, "gone": "it is scheduled for deletion"}
    account.look(0, waiting)
    assert account.look(60, waiting) == ["pending"]


def test_whoever_may_not_start_rotations_is_told_once_and_goes_on_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account(monkeypatch, error="AccessDeniedException")
    account.look(0, MANY)
    account.look(60, MANY)
    assert account.look(120, MANY) == []
    [told] = account.told
    assert told.startswith("credentials: rotations that were given up are not started again: ")
    # Planted: an error that says nothing of the caller, such as that the rotation runs already, is no reason to stop.
    running = Account(monkeypatch, error="InvalidRequestException")
    running.look(0, MANY)
    running.look(60, MANY)
    assert len(running.look(120, MANY)) == AT_ONCE
    assert running.told == []


@pytest.mark.parametrize(("clients", "seconds"), [(0, 180), (4, 180), (10, 180), (11, 360), (30, 540), (100, 1800)])
def test_more_clients_get_more_time(clients: int, seconds: float) -> None:
    assert seconds_for(clients) == seconds
