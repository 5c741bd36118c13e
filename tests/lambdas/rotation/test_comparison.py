"""Secrets held against their app clients, by the function that is deployed."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from lambdas.rotation.cognito import FRESH
from lambdas.rotation.ports import RotationFailed
from tests.lambdas.rotation.aws_model import Fault
from tests.lambdas.rotation.service import NAME, Service

VICTIM = "otto/dev/clients/profile-importer"


@pytest.fixture
def victim() -> Service:
    service = Service(name=VICTIM)
    service.rotate()
    return service


@pytest.fixture
def service(victim: Service) -> Service:
    made = Service(aws=victim.aws)
    made.rotate()
    return made


def test_secrets_that_agree_with_the_pool_are_not_told_and_nothing_is_changed(service: Service) -> None:
    service.effects.clear()
    assert service.compare(NAME, VICTIM) == {"refused": {}, "wrong": {}}
    assert service.effects == []


def test_what_is_not_there_or_scheduled_for_deletion_is_nobodys(service: Service) -> None:
    service.secret.deleted = True
    service.secret.tags.clear()
    assert service.compare(NAME, "otto/dev/clients/none") == {"refused": {}, "wrong": {}}


def tag(service: Service, victim: Service) -> None:
    service.secret.tags["client-id"] = victim.client_id


def untag(service: Service, _victim: Service) -> None:
    service.secret.tags.clear()


def write(service: Service, victim: Service) -> None:
    service.store(service.credentials(victim.client_id, "x" * 40))


def remove(service: Service, _victim: Service) -> None:
    del service.aws.clients[service.client_id]


def double(service: Service, _victim: Service) -> None:
    service.aws.create_app_client("lead-enricher")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            tag,
            "its tag `client-id` names app client client1 (profile-importer), and the user pool has lead-enricher as",
        ),
        (untag, "it has no tag `client-id`, and the user pool has lead-enricher as client"),
        (
            write,
            "its current value is of app client client1 (profile-importer), and the user pool has lead-enricher as",
        ),
        (remove, "the user pool has no app client lead-enricher: remove its file and deploy"),
        (double, "the user pool has 2 app clients named lead-enricher, client"),
    ],
)
def test_a_secret_that_differs_is_told_and_its_rotation_is_refused_in_the_same_words(
    service: Service, victim: Service, change: Callable[[Service, Service], None], says: str
) -> None:
    change(service, victim)
    service.sleep(FRESH + 1)
    told = service.compare(NAME, VICTIM)
    assert told["wrong"] == {}
    [(name, why)] = told["refused"].items()
    assert name == NAME
    assert why.startswith(says)
    with pytest.raises(RotationFailed) as refused:
        service.rotate()
    assert str(refused.value) == f"{NAME}: {why}"


@pytest.mark.parametrize("value", ["garbage", '{"client_id": "gone", "client_secret": "' + "x" * 40 + '"}'])
def test_a_value_of_no_app_client_is_told_until_a_rotation_replaces_it(service: Service, value: str) -> None:
    service.store(value)
    why = f"its current value is not of its app client {service.client_id}: rotate it"
    assert service.compare(NAME) == {"refused": {}, "wrong": {NAME: why}}
    service.rotate()
    assert service.compare(NAME) == {"refused": {}, "wrong": {}}


def test_an_app_client_that_is_newer_than_what_was_told_of_the_pool_is_found(service: Service) -> None:
    service.compare(NAME)
    service.replace()
    assert service.compare(NAME) == {"refused": {}, "wrong": {}}


@pytest.mark.parametrize("names", [None, NAME, [7], [""]])
def test_anything_but_a_list_of_names_is_refused(service: Service, names: Any) -> None:
    with pytest.raises(RotationFailed, match="Secrets: expected a list of the names of secrets"):
        service.ask({"Step": "compare", "Secrets": names})


def test_throttling_is_waited_out_and_a_lasting_one_is_told_with_the_name(service: Service) -> None:
    calls = [0]

    def disturb(called: str, _sent: dict[str, Any]) -> None:
        calls[0] += called == "DescribeSecret"
        if called == "DescribeSecret" and calls[0] <= left:
            raise Fault("ThrottlingException")

    left = 5
    service.aws.before = disturb
    assert service.compare(NAME) == {"refused": {}, "wrong": {}}
    left = 10**6
    with pytest.raises(RotationFailed, match=f"^{NAME}: DescribeSecret: ThrottlingException .* time is up"):
        service.compare(NAME)


def test_the_log_line_holds_what_is_told(service: Service, victim: Service) -> None:
    tag(service, victim)
    told = service.compare(NAME)
    assert json.loads(service.said[-1])["outcome"] == told
