"""Random sequences of what happens to a deployed client; tests/lambdas has far more of them, in memory."""

import itertools
from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.local.rotation.fleet import CLIENTS, Fleet
from tests.local.rotation.test_crashes import POINTS, Killer
from tests.local.rotation.test_hands import registered, restore
from tests.local.rotation.wire import Call
from tests.local.waiting import wait

PROMOTION = list(POINTS)[-2:]
"""The changes of finishSecret, which no rotation that ends can do without."""


class Rotations(RuleBasedStateMachine):
    """One client; after every completed step its current secret gets a token, unless it is suspended."""

    def __init__(self, fleet: Fleet, client: str, run: Counter[str]) -> None:
        super().__init__()
        self.fleet, self.client, self.run = fleet, client, run
        self.grant: dict[str, object] = {}

    def _rotate(self) -> None:
        held = self.fleet.held(self.client)
        ended = self.fleet.ended_well(self.fleet.start(self.client))
        # A suspended client's secret cannot be tested, so after a restore nothing tells which one is current.
        assert ended or self.grant.get("suspended")
        if not self.grant.get("suspended"):
            assert self.fleet.refusal(held) is None, "the superseded secret works on"

    @initialize()
    def have_a_previous_secret(self) -> None:
        """What CloudFormation generates is never registered, so it is after two rotations that one can be restored."""
        self._rotate()

    @rule()
    def rotate(self) -> None:
        """What has not ended is what is rotated then: this is the retry too."""
        self.run["rotate"] += 1
        self._rotate()

    @rule(change=st.sampled_from(list(POINTS)), for_good=st.booleans())
    def crash(self, change: str, for_good: bool) -> None:
        """Killed after this change; `for_good`, and denied everything from then on, until Secrets Manager gives up."""
        self.run["crash for good" if for_good else "crash"] += 1
        killer = Killer(self.client, change)

        def deny(call: Call) -> tuple[int, str] | None:
            denied = for_good and call.client == self.client and not killer.left
            return (400, "AccessDeniedException") if denied else None

        self.fleet.wire.rules += [killer, deny]
        ended = self.fleet.ended_well(self.fleet.start(self.client))
        if ended:  # which the labels tell before the function has been told, and killed
            wait(lambda: not killer.left or change not in PROMOTION)
        self.fleet.wire.rules.clear()
        assert ended or for_good or self.grant.get("suspended")

    @rule(minutes=st.sampled_from([5, 60]))
    def deploy(self, minutes: int) -> None:
        self.run["deploy"] += 1
        self.grant["access_token_minutes"] = minutes
        self.fleet.deploy(self.fleet.template(self.client, **self.grant))

    @rule(suspended=st.booleans())
    def suspend(self, suspended: bool) -> None:
        self.run["suspend"] += 1
        self.grant["suspended"] = suspended
        self.fleet.deploy(self.fleet.template(self.client, **self.grant))

    # A rotation that has begun may have taken the previous secret away, to make room for the next.
    @precondition(lambda self: not self.fleet.pending(self.client))
    @rule()
    def restore(self) -> None:
        self.run["restore"] += 1
        restore(self.fleet, self.client)

    @invariant()
    def the_current_secret_gets_a_token_unless_suspended(self) -> None:
        refusal = self.fleet.refusal(self.fleet.held(self.client))
        assert refusal == ("unauthorized_client" if self.grant.get("suspended") else None)

    def teardown(self) -> None:
        """Whatever happened, a client that is not suspended can be rotated, and works."""
        self.fleet.wire.rules.clear()
        self.grant = {}
        self.fleet.deploy(self.fleet.template(self.client))
        self._rotate()
        self.the_current_secret_gets_a_token_unless_suspended()


BOUNDS = settings(
    max_examples=3,
    stateful_step_count=8,
    deadline=None,
    derandomize=True,  # a step takes seconds, so there are few; tests/lambdas has others in every run
    database=None,
    phases=[Phase.generate],  # a shrunk example would start from another state
    suppress_health_check=list(HealthCheck),
)


def test_the_current_secret_gets_a_token_whatever_happened(fleet: Fleet) -> None:
    clients = itertools.cycle(CLIENTS[12:-1])
    run: Counter[str] = Counter()

    class OnTheNextClient(Rotations):
        def __init__(self) -> None:
            super().__init__(fleet, next(clients), run)

    run_state_machine_as_test(OnTheNextClient, settings=BOUNDS)
    assert run.total() > BOUNDS.max_examples, "sequences, not steps"


def test_every_kind_of_step_in_one_sequence(fleet: Fleet) -> None:
    """Hypothesis chooses; this makes sure that each was there, and that an unfinished rotation was taken up again."""
    machine = Rotations(fleet, CLIENTS[13], Counter())
    machine.have_a_previous_secret()
    steps: tuple[Callable[[], None], ...] = (
        lambda: machine.crash("AddUserPoolClientSecret", for_good=True),
        machine.rotate,
        machine.restore,
        lambda: machine.deploy(5),
        lambda: machine.crash("DeleteUserPoolClientSecret", for_good=False),
        *(partial(machine.crash, change, for_good) for change in PROMOTION for for_good in (True, False)),
        lambda: machine.suspend(True),
        machine.rotate,
        lambda: machine.suspend(False),
    )
    for step in steps:
        step()
        machine.the_current_secret_gets_a_token_unless_suspended()
    machine.teardown()


def test_a_current_secret_that_stops_working_is_noticed(fleet: Fleet) -> None:
    client = CLIENTS[12]
    fleet.rotate([client])
    machine = Rotations(fleet, client, Counter())
    machine.the_current_secret_gets_a_token_unless_suspended()
    cognito, named, ids = registered(fleet, fleet.held(client)["client_id"])
    cognito.delete_user_pool_client_secret(**named, ClientSecretId=ids[-1])
    with pytest.raises(AssertionError, match="invalid_client"):
        machine.the_current_secret_gets_a_token_unless_suspended()
    fleet.rotate([client])
    machine.the_current_secret_gets_a_token_unless_suspended()
