"""A second rotator, Cognito's own, on one of our app clients: three weeks of both, in memory."""

from typing import Any, Final

import pytest

from lambdas.rotation.cognito import UserPool
from lambdas.rotation.ports import RotationFailed
from tests.lambdas.rotation.service import NAME, STEPS, Service

ARN: Final = "arn:aws:secretsmanager:us-east-1:123456789012:secret:managed-AbCdEf"
DAY: Final = 86_400.0
WEEK: Final = 7
"""Days between two of Cognito's rotations: botocore 1.44.8's UpdateUserPoolClient (2026-11-25)."""


def publish(service: Service) -> None:
    """Turn Cognito's own rotation on, as its console does: the first one is at once."""
    service.aws.clients[service.client_id].managed = ARN
    service.aws.rotate_managed(service.client_id)


def live_three_weeks(service: Service) -> list[int]:
    """The days on which the credentials that our secret gives services got no token."""
    lost = []
    for day in range(1, 3 * WEEK + 1):
        service.aws.now += DAY
        if day % WEEK == 0 and service.aws.clients[service.client_id].managed:
            service.aws.rotate_managed(service.client_id)
        if not service.works():
            lost.append(day)
    return lost


@pytest.fixture
def managed() -> Service:
    """A client whose secret Cognito keeps, and ours beside it, which no rotation has registered yet."""
    service = Service()
    publish(service)
    service.effects.clear()
    return service


def test_two_rotators_end_the_live_secret_within_three_weeks(managed: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plant: no guard."""
    monkeypatch.setattr(UserPool, "managed", lambda *_: None)
    managed.rotate()
    assert managed.works()
    assert live_three_weeks(managed) == list(range(2 * WEEK, 3 * WEEK + 1))


@pytest.mark.parametrize("step", STEPS)
def test_a_client_whose_secret_cognito_keeps_is_refused_before_anything_is_changed(managed: Service, step: str) -> None:
    version = managed.start()
    before = managed.registered
    with pytest.raises(
        RotationFailed,
        match=rf"^{NAME}: Cognito keeps and rotates the secret of app client {managed.client_id} itself, in {ARN}, .*"
        r"runbook\.md#managed-secret\)$",
    ):
        managed.invoke(step, version)
    assert (managed.effects, managed.registered) == ([], before)


def test_no_secret_of_ours_is_given_to_services_that_cognito_could_end(managed: Service) -> None:
    with pytest.raises(RotationFailed):
        managed.rotate()
    assert not managed.works()
    live_three_weeks(managed)
    assert managed.aws.clients[managed.client_id].secrets
    assert managed.effects == []


def test_managing_that_is_turned_on_later_is_told_before_its_second_rotation_ends_the_live_secret() -> None:
    service = Service()
    service.rotate()
    publish(service)
    told = service.compare(NAME)["refused"][NAME]
    assert "runbook.md#managed-secret" in told
    assert service.works()
    assert live_three_weeks(service) == list(range(WEEK, 3 * WEEK + 1))


def test_managing_that_is_turned_off_in_time_ends_no_live_secret_and_a_person_deletes_cognitos() -> None:
    service = Service()
    service.rotate()
    publish(service)
    service.aws.now += 6 * DAY
    service.aws.clients[service.client_id].managed = None
    assert service.compare(NAME) == {"refused": {}, "wrong": {}}
    assert live_three_weeks(service) == []
    with pytest.raises(RotationFailed, match="delete the one that was added by hand"):
        service.rotate()
    secrets = service.aws.clients[service.client_id].secrets
    del secrets[max(secrets, key=lambda each: secrets[each].created)]
    service.rotate()
    assert live_three_weeks(service) == []


def test_an_sdk_that_does_not_know_the_field_reads_it_all_the_same(
    managed: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lambda's runtime brings an SDK of its own, whose parser drops what its model lacks."""
    _, clients, _ = managed.adapters
    shape: Any = clients.client.meta.service_model.shape_for("UserPoolClientType")
    monkeypatch.delitem(shape.members, "ClientSecretArn")
    assert clients.managed(managed.client_id) == ARN
