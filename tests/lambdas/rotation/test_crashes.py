"""The function killed at every point between two of its changes, and run again."""

import functools
from collections.abc import Callable
from unittest.mock import patch

import pytest

from lambdas.rotation.secrets_manager import SecretsManager
from tests.lambdas.rotation.service import STEPS, Killed, Service

CREATE = "createSecret: PutSecretValue"
MARK = "setSecret: UpdateSecretVersionStage +registered-beside"
UNMARK = "setSecret: UpdateSecretVersionStage -registered-beside"
DELETE = "setSecret: DeleteUserPoolClientSecret"
ADD = "setSecret: AddUserPoolClientSecret"
END = "finishSecret: DeleteUserPoolClientSecret"
PROMOTE = "finishSecret: UpdateSecretVersionStage +AWSCURRENT"
UNSTAGE = "finishSecret: UpdateSecretVersionStage -AWSPENDING"

# Every change that a rotation makes, in order. The killed runs below are made from this table.
CHANGES = {
    "first": [CREATE, MARK, ADD, END, PROMOTE, UNSTAGE],
    "first of a replaced app client": [CREATE, UNMARK, MARK, ADD, END, PROMOTE, UNSTAGE],
    "first of an adopted app client": [CREATE, MARK, ADD, PROMOTE, UNSTAGE],
    "second": [CREATE, UNMARK, MARK, ADD, PROMOTE, UNSTAGE],
    "third": [CREATE, DELETE, UNMARK, MARK, ADD, PROMOTE, UNSTAGE],
    "after a person restored the previous version": [CREATE, DELETE, MARK, ADD, PROMOTE, UNSTAGE],
    "after a person dropped a pending version": [CREATE, DELETE, MARK, ADD, PROMOTE, UNSTAGE],
    "after a person put garbage in": [CREATE, DELETE, UNMARK, MARK, ADD, PROMOTE, UNSTAGE],
}


def rotated(times: int) -> Service:
    service = Service()
    for _ in range(times):
        service.rotate()
    return service


def restored() -> Service:
    service = rotated(2)
    service.secret.attach("AWSCURRENT", service.secret.holder("AWSPREVIOUS"))
    return service


def abandoned() -> Service:
    service = rotated(2)
    version = service.start()
    for step in STEPS[:2]:
        service.invoke(step, version)
    service.secret.attach("AWSPENDING", None)
    return service


def garbled() -> Service:
    service = rotated(2)
    service.store("garbage")
    return service


def replaced() -> Service:
    service = rotated(2)
    service.sleep(7 * 86400)
    service.replace()
    return service


def adopted() -> Service:
    """Callers have the secret that the app client was made with, long before its secret here."""
    service = rotated(0)
    service.sleep(180)
    service.secret.versions[str(service.secret.holder("AWSCURRENT"))].created = service.aws.now
    return service


PREPARED: dict[str, Callable[[], Service]] = {
    "first": lambda: rotated(0),
    "first of a replaced app client": replaced,
    "first of an adopted app client": adopted,
    "second": lambda: rotated(1),
    "third": lambda: rotated(2),
    "after a person restored the previous version": restored,
    "after a person dropped a pending version": abandoned,
    "after a person put garbage in": garbled,
}

POINTS = [
    pytest.param(case, number, when, id=f"{case} rotation, {when} change {number + 1}, {change}")
    for case, changes in CHANGES.items()
    for number, change in enumerate(changes)
    for when in ("before", "after")
]


@functools.cache
def made(case: str) -> Service:
    return PREPARED[case]()


def prepared(case: str) -> Service:
    """A copy, so that the rotations which led there are run once."""
    aws = made(case).aws  # first: AWS's clients answer for the service made last
    service = Service()
    service.aws.restore(aws)
    return service


@pytest.mark.parametrize("case", CHANGES)
def test_the_table_has_every_change_of_a_recorded_run(case: str) -> None:
    service = prepared(case)
    service.rotate()
    assert service.effects == CHANGES[case]


def test_a_change_that_the_table_lacks_is_noticed() -> None:
    service = prepared("second")
    write = SecretsManager.write_pending

    def write_twice(self: SecretsManager, secret: str, version: str, text: str) -> None:
        write(self, secret, version, text)
        write(self, secret, version, text)

    with patch.object(SecretsManager, "write_pending", write_twice):
        service.rotate()
    assert service.effects != CHANGES["second"]


def kill(service: Service, number: int, when: str) -> None:
    """Kill the function before or after its change `number`."""

    def disturb(done: int, moment: str) -> None:
        if done == number + 1 and moment.startswith(when):
            raise Killed

    service.disturb = disturb
    with pytest.raises(Killed):
        service.rotate()
    service.disturb = lambda _number, _when: None


@pytest.mark.parametrize(("case", "number", "when"), POINTS)
def test_killed_there_the_current_secret_goes_on_working_and_the_next_run_ends_well(
    case: str, number: int, when: str
) -> None:
    service = prepared(case)
    previously, worked, generated = service.text("AWSCURRENT"), service.works(), made_by_cognito(service, case)
    kill(service, number, when)
    assert service.works() >= worked
    assert service.aws.accepts(previously) >= worked
    if service.text("AWSCURRENT") != previously:
        assert not service.registered & generated, "what is current was the first to work, and works alone"

    service.rotate()
    ends_well(service, generated)


@pytest.mark.parametrize(("case", "number", "when"), POINTS)
def test_a_whole_second_run_inside_the_first_at_that_point_is_harmless(case: str, number: int, when: str) -> None:
    service = prepared(case)
    worked, generated = service.works(), made_by_cognito(service, case)
    version = service.start()

    def disturb(done: int, moment: str) -> None:
        if done == number + 1 and moment.startswith(when):
            service.disturb = lambda _number, _when: None
            for step in STEPS[: STEPS.index(service.step) + 1]:
                service.invoke(step, version)

    service.disturb = disturb
    for step in STEPS:
        service.invoke(step, version)
        assert service.works() >= worked
    ends_well(service, generated)


def made_by_cognito(service: Service, case: str) -> set[str]:
    """The secret that came with the app client, and that nobody holds."""
    return service.registered if case in {"first", "first of a replaced app client"} else set()


def ends_well(service: Service, generated: set[str]) -> None:
    """As a rotation that nothing disturbed would have ended."""
    assert service.works()
    assert service.secret.holder("AWSPENDING") is None
    assert not service.registered & generated
    assert len(service.registered) == 2 or generated
    service.rotate()  # and the next rotation knows which secret is which
    assert service.works()
    assert service.works("AWSPREVIOUS")
