"""Rotations that nothing disturbs."""

import json

import pytest

from tests.lambdas.rotation.service import NAME, Service


def test_the_first_rotation_registers_the_first_secret_that_works() -> None:
    service = Service()
    assert not service.works()
    service.rotate()
    assert service.works()
    assert json.loads(str(service.text("AWSCURRENT"))).keys() == {"client_id", "client_secret"}


def test_the_first_rotation_ends_with_ours_as_the_only_secret_of_the_app_client() -> None:
    service = Service()
    [generated] = service.registered
    service.rotate()
    assert service.registered == {json.loads(str(service.text("AWSCURRENT")))["client_secret"]}
    assert generated not in service.registered


def test_an_adopted_app_clients_own_secret_works_on_until_the_second_rotation_after() -> None:
    service = Service()
    [copied] = service.registered
    service.sleep(180)
    service.secret.versions[str(service.secret.holder("AWSCURRENT"))].created = service.aws.now
    service.rotate()
    assert copied in service.registered
    assert service.works()
    service.rotate()
    assert copied not in service.registered
    assert service.works()
    assert service.works("AWSPREVIOUS")


def test_a_cancelled_rotation_that_begins_again_within_the_hour_keeps_what_services_hold() -> None:
    service = Service()
    service.rotate()
    held = service.text("AWSCURRENT")
    for label in [label for version in service.secret.versions.values() for label in version.labels]:
        if label != "AWSCURRENT":
            service.secret.attach(label, None)
    service.sleep(60)
    service.rotate()
    assert service.works()
    assert service.aws.accepts(held)


def test_a_suspended_client_keeps_what_its_service_holds_whatever_was_written_before_its_first_rotation() -> None:
    service = Service()
    service.store("garbage")
    service.rotate()
    held = service.text("AWSCURRENT")
    service.aws.clients[service.client_id].suspended = True
    service.rotate()
    assert service.works()
    assert service.aws.accepts(held)


def test_a_client_that_is_suspended_from_the_start_has_ours_alone_after_its_second_rotation() -> None:
    service = Service()
    [generated] = service.registered
    service.aws.clients[service.client_id].suspended = True
    for _ in range(2):
        service.rotate()
        assert service.works()
    assert generated not in service.registered


def test_the_superseded_secret_works_until_the_next_rotation_and_then_no_more() -> None:
    service = Service()
    service.rotate()
    first = service.text("AWSCURRENT")
    service.rotate()
    assert service.text("AWSPREVIOUS") == first
    assert service.aws.accepts(first)
    service.rotate()
    assert not service.aws.accepts(first)
    assert service.works()
    assert service.works("AWSPREVIOUS")


def test_a_rotation_asks_for_one_token_which_is_what_it_costs() -> None:
    service = Service()
    for _ in range(3):
        service.rotate()
    assert service.aws.tokens == 3


def test_at_rest_a_secret_carries_one_mark_and_nothing_pending() -> None:
    service = Service()
    for _ in range(5):
        service.rotate()
    labels = [sorted(version.labels) for version in service.secret.versions.values()]
    assert sorted(map(len, labels)) == [1, 2]
    assert ["AWSPREVIOUS"] in labels
    assert service.secret.holder("AWSPENDING") is None


def test_secrets_made_in_the_same_second_are_told_apart() -> None:
    service = Service()
    for _ in range(4):
        service.rotate()
        assert service.works()
        assert len({each.created for each in service.aws.clients[service.client_id].secrets.values()}) == 1


def test_every_step_run_twice_changes_nothing_the_second_time() -> None:
    service = Service()
    service.rotate()
    version = service.start()
    for step in ("createSecret", "setSecret", "testSecret", "finishSecret"):
        service.invoke(step, version)
        changed = list(service.effects)
        service.invoke(step, version)
        assert service.effects == changed


def test_each_invocation_logs_one_line_that_names_secret_step_and_outcome() -> None:
    service = Service()
    service.rotate()
    assert [json.loads(line)["outcome"] for line in service.said] == ["created", "registered", "accepted", "promoted"]
    assert {(json.loads(line)["secret"], json.loads(line)["level"]) for line in service.said} == {(NAME, "INFO")}


@pytest.mark.parametrize("level", ["DEBUG"])
def test_debug_logging_shows_no_value(level: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(level)
    Service().rotate()
    assert "CANARY" not in caplog.text


def test_the_rehearsal_of_a_schedule_tests_an_empty_version_and_changes_nothing() -> None:
    service = Service()
    service.invoke("testSecret", service.start())
    assert service.effects == []
    assert json.loads(service.said[-1])["outcome"] == "nothing to test"
