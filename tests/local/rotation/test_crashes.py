"""The deployed function killed between its changes: Secrets Manager calls it again, and it ends as if nothing was.

tests/lambdas/rotation has every point of every kind of rotation in memory; here are a usual rotation's, for real.
"""

import pytest

from tests.lambdas.rotation.test_crashes import CHANGES
from tests.local.rotation.fleet import ATTEMPTS, CLIENTS, Fleet, wait
from tests.local.rotation.wire import KILL, Call

# Every change of a usual rotation, as the wire sees it.
POINTS = dict(zip((change.partition(": ")[2] for change in CHANGES["third"]), CLIENTS, strict=False))


class Killer:
    """Kills the function the first `times` times that it has just made a change."""

    def __init__(self, client: str, operation: str, times: int = 1) -> None:
        self.client, self.operation, self.left = client, operation, times

    def __call__(self, call: Call) -> str | None:
        if (call.client, call.operation, call.moment) != (self.client, self.operation, "after") or not self.left:
            return None
        self.left -= 1
        return KILL


def ended_like_any_other(fleet: Fleet, client: str, previous: dict[str, str]) -> None:
    assert fleet.refusal(fleet.held(client)) is None
    assert fleet.held(client) != previous
    assert fleet.held(client, "AWSPREVIOUS") == previous, "one rotation, not two"
    assert fleet.refusal(previous) is None
    assert fleet.pending(client) is None


def test_killed_after_each_of_its_changes_it_ends_as_if_nothing_was(fleet: Fleet) -> None:
    fleet.rotate(POINTS.values())
    held = {client: fleet.held(client) for client in POINTS.values()}
    killers = [Killer(client, change) for change, client in POINTS.items()]
    undisturbed: list[str] = []

    def record(call: Call) -> None:
        if (call.client, call.moment) == (CLIENTS[9], "before") and call.operation in POINTS:
            undisturbed.append(call.operation)

    fleet.rotate([CLIENTS[9]])
    fleet.wire.rules += [*killers, record]
    fleet.rotate([*POINTS.values(), CLIENTS[9]])
    assert [killer.operation for killer in killers if killer.left] == [], "each was killed where it was meant to be"
    assert undisturbed == list(POINTS), "the table is what the function does"
    for client in POINTS.values():
        ended_like_any_other(fleet, client, held[client])
    # And the next rotation knows which secret is which.
    fleet.wire.rules.clear()
    held = {client: fleet.held(client) for client in POINTS.values()}
    fleet.rotate(POINTS.values())
    for client in POINTS.values():
        ended_like_any_other(fleet, client, held[client])


def test_killed_until_secrets_manager_gives_up_the_old_secret_works_and_the_next_rotation_ends_it(fleet: Fleet) -> None:
    client = CLIENTS[7]
    held = fleet.held(client)
    killer = Killer(client, "AddUserPoolClientSecret", ATTEMPTS)
    # The retry finds its value registered, so it is killed at its next call.
    fleet.wire.rules += [killer, lambda call: KILL if call.client == client and killer.left < ATTEMPTS else None]
    assert not fleet.ended_well(fleet.start(client))
    assert fleet.pending(client)
    assert fleet.refusal(fleet.held(client)) is None
    assert fleet.held(client) == held
    fleet.wire.rules.clear()
    fleet.rotate([client])
    ended_like_any_other(fleet, client, held)


@pytest.mark.parametrize("operation", ["PutSecretValue", "AddUserPoolClientSecret"])
def test_a_rotation_asked_for_during_another_is_refused_and_harms_nothing(fleet: Fleet, operation: str) -> None:
    client = CLIENTS[8]
    held = fleet.held(client)
    reached: list[Call] = []
    again: list[object] = []

    def ask_again(call: Call) -> None:
        if (call.client, call.operation, call.moment) == (client, operation, "before") and not reached:
            reached.append(call)
            again.append(fleet.start(client).version)

    fleet.wire.rules.append(ask_again)
    started = fleet.start(client)
    assert fleet.ended_well(started)
    wait(lambda: again)
    assert again == [started.version], "the same rotation, not a second one"
    ended_like_any_other(fleet, client, held)
