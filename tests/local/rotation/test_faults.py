"""Cognito and Secrets Manager that throttle, fail and lose replies: the deployed function waits, looks, and goes on."""

import threading
import time
from collections import Counter, defaultdict

import pytest

from tests.local.rotation.fleet import CLIENTS, Fleet
from tests.local.rotation.wire import Call

QUOTA = 5  # requests a second of each operation that Cognito takes
OPERATIONS = (
    "ListUserPoolClientSecrets",
    "DeleteUserPoolClientSecret",
    "AddUserPoolClientSecret",
    "RequestToken",
    "PutSecretValue",
    "DescribeSecret",
)


class Fault:
    """Answers the first calls of an operation with an error, before or after AWS has acted."""

    def __init__(self, client: str, operation: str, moment: str, answer: tuple[int, str], times: int = 3) -> None:
        self.met = (client, operation, moment)
        self.answer, self.left = answer, times

    def __call__(self, call: Call) -> tuple[int, str] | None:
        if (call.client, call.operation, call.moment) != self.met or not self.left:
            return None
        self.left -= 1
        return self.answer


@pytest.mark.parametrize(
    ("moment", "answer"),
    [
        ("before", (400, "TooManyRequestsException")),
        ("before", (500, "InternalErrorException")),
        ("after", (503, "ServiceUnavailable")),
    ],
    ids=["throttled", "refused with 5xx", "reply lost"],
)
def test_whatever_is_answered_so_the_rotation_finishes(fleet: Fleet, moment: str, answer: tuple[int, str]) -> None:
    """All at once, each operation for another client."""
    fleet.rotate(CLIENTS[: len(OPERATIONS)])
    faults = [Fault(*each, moment, answer) for each in zip(CLIENTS, OPERATIONS, strict=False)]
    fleet.wire.rules += faults
    before = {client: fleet.held(client) for client in CLIENTS[: len(OPERATIONS)]}
    fleet.rotate(before)
    for fault in faults:
        assert fault.left < 3, fault.met
    for client, held in before.items():
        assert fleet.refusal(fleet.held(client)) is None
        assert fleet.held(client, "AWSPREVIOUS") == held
        assert fleet.refusal(held) is None


class Quota:
    """Cognito's quota: so many requests of an operation in any second, and TooManyRequestsException for the others."""

    def __init__(self) -> None:
        self.taken: dict[str, list[float]] = defaultdict(list)
        self.refused: Counter[str] = Counter()
        self._lock = threading.Lock()

    def __call__(self, call: Call) -> tuple[int, str] | None:
        if not call.operation.endswith("UserPoolClientSecret" + "s" * call.operation.startswith("List")):
            return None
        with self._lock:
            now = time.monotonic()
            taken = self.taken[call.operation] = [each for each in self.taken[call.operation] if each > now - 1]
            if call.moment == "after":
                return None
            if len(taken) >= QUOTA:
                self.refused[call.operation] += 1
                return 400, "TooManyRequestsException"
            taken.append(now)
            return None


def test_more_rotations_at_once_than_cognitos_quota_takes_all_finish(fleet: Fleet) -> None:
    clients = CLIENTS[:10]  # as many as run at a time
    before = {client: fleet.held(client) for client in clients}
    quota = Quota()
    fleet.wire.rules.append(quota)
    fleet.rotate(clients)
    assert quota.refused, "the quota was met"
    for client, held in before.items():
        assert fleet.refusal(fleet.held(client)) is None
        assert fleet.held(client, "AWSPREVIOUS") == held
