"""What people do to a secret by hand is repaired by the next rotation, or reported by name."""

import json
from collections.abc import Callable

import pytest

from lambdas.rotation.cognito import FRESH
from lambdas.rotation.ports import RotationFailed
from tests.lambdas.rotation.aws_model import Version
from tests.lambdas.rotation.service import NAME, STEPS, Service


def rotated(times: int = 2) -> Service:
    service = Service()
    for _ in range(times):
        service.rotate()
    return service


EDITS: dict[str, Callable[[Service], str]] = {
    "no JSON": lambda _service: "s3cret",
    "an empty object": lambda _service: "{}",
    "a list": lambda _service: "[]",
    "a number for a secret": lambda service: json.dumps({"client_id": service.client_id, "client_secret": 7}),
    "a secret that Cognito takes": lambda service: service.credentials(service.client_id, "x" * 40),
    "a secret that Cognito refuses": lambda service: service.credentials(service.client_id, "p\u00e4ssword!" * 4),
    "an app client's that the pool lacks": lambda service: service.credentials("gone", "x" * 40),
}


@pytest.mark.parametrize("edit", EDITS)
def test_a_value_edited_by_hand_is_replaced_by_one_that_works(edit: str) -> None:
    service = rotated()
    held = service.text("AWSCURRENT")
    service.store(EDITS[edit](service))
    service.rotate()
    assert service.works()
    assert json.loads(str(service.text("AWSCURRENT")))["client_id"] == service.client_id
    assert service.aws.accepts(held), "services that read it before the edit go on"


@pytest.mark.parametrize("works", [True, False])
def test_a_value_of_another_app_client_is_told_and_touches_neither(works: bool) -> None:
    service = rotated()
    held, stranger = service.text("AWSCURRENT"), service.aws.create_app_client("profile-importer")
    before = dict(service.aws.clients[stranger].secrets)
    [registered] = before.values()
    service.store(service.credentials(stranger, registered.value if works else "x" * 40))
    service.effects.clear()
    says = f"its current value is of app client {stranger} \\(profile-importer\\), and the user pool has lead-enricher"
    with pytest.raises(RotationFailed, match=f"^{NAME}: {says} as client1: .*runbook.md#credentials-differ"):
        service.rotate()
    assert service.effects == []
    assert service.aws.clients[stranger].secrets == before
    assert service.aws.accepts(held), "services that read it before the edit go on"
    service.secret.attach("AWSCURRENT", service.secret.holder("AWSPREVIOUS"))
    service.rotate()
    assert service.works()


def test_a_tag_of_another_app_client_is_told_and_touches_neither() -> None:
    service = rotated()
    victim = Service(aws=service.aws, name="otto/dev/clients/profile-importer")
    victim.rotate()
    before, held = dict(service.aws.clients[victim.client_id].secrets), service.text("AWSCURRENT")
    service.secret.tags["client-id"] = victim.client_id
    service.effects.clear()
    names = f"its tag `client-id` names app client {victim.client_id} \\(profile-importer\\)"
    says = f"{names}, and the user pool has lead-enricher as client1"
    for step in STEPS:
        with pytest.raises(RotationFailed, match=f"^{NAME}: {says}: .*runbook.md#credentials-differ"):
            service.invoke(step, service.start())
    assert service.effects == []
    assert service.aws.clients[victim.client_id].secrets == before
    assert victim.works()
    assert service.text("AWSCURRENT") == held
    assert service.works()
    service.secret.tags["client-id"] = service.client_id
    service.rotate()
    assert service.works()


def test_two_app_clients_of_one_name_are_told_and_neither_is_taken() -> None:
    service = rotated()
    left = service.aws.create_app_client("lead-enricher")
    service.secret.tags["client-id"] = left
    with pytest.raises(RotationFailed, match=f"has 2 app clients named lead-enricher, client1 and {left}: delete the"):
        service.rotate()
    del service.aws.clients["client1"]  # as CloudFormation does when it has replaced an app client
    service.store(service.credentials(left, service.aws.value()))
    service.rotate()
    assert service.works()


@pytest.mark.parametrize("times", [2, 3, 4])
def test_a_restored_previous_version_is_the_one_that_survives_the_next_rotation(times: int) -> None:
    service = rotated(times)
    restored = service.text("AWSPREVIOUS")
    service.secret.attach("AWSCURRENT", service.secret.holder("AWSPREVIOUS"))
    service.rotate()
    assert service.works()
    assert service.aws.accepts(restored)


def test_a_pending_version_that_holds_another_clients_id_is_dropped_and_the_next_rotation_finishes() -> None:
    service = rotated()
    version = service.start()
    service.secret.versions[version].text = service.credentials("client0", "x" * 40)
    with pytest.raises(RotationFailed, match="does not hold credentials of app client client1; it is dropped"):
        service.invoke("createSecret", version)
    assert service.works()
    service.rotate()
    assert service.works()


def test_a_replaced_app_client_gets_its_own_secret() -> None:
    service = rotated()
    service.replace()
    service.rotate()
    assert service.works()
    service.rotate()
    assert service.works()
    assert service.works("AWSPREVIOUS")


def test_a_cognito_secret_deleted_by_hand_is_made_good() -> None:
    for gone in (0, 1):
        service = rotated()
        secrets = service.aws.clients[service.client_id].secrets
        del secrets[list(secrets)[gone]]
        service.rotate()
        assert service.works()


def test_an_abandoned_registration_is_what_goes_and_not_the_older_current_one() -> None:
    service = rotated()
    version = service.start()
    for step in STEPS[:2]:
        service.invoke(step, version)
    abandoned = service.text("AWSPENDING")
    service.secret.attach("AWSPENDING", None)
    current = service.text("AWSCURRENT")
    service.rotate()
    assert service.works()
    assert service.aws.accepts(current)
    assert not service.aws.accepts(abandoned)


def test_garbage_on_top_of_an_abandoned_registration_spares_the_previous_secret() -> None:
    service = rotated()
    version = service.start()
    for step in STEPS[:2]:
        service.invoke(step, version)
    service.secret.attach("AWSPENDING", None)
    held = service.text("AWSCURRENT")
    service.store("garbage")
    service.rotate()
    assert service.works()
    assert service.aws.accepts(held)


def test_a_cognito_secret_added_by_hand_is_reported_and_nothing_is_deleted() -> None:
    service = rotated()
    secrets = service.aws.clients[service.client_id].secrets
    del secrets[next(iter(secrets))]
    service.aws.register(service.client_id, service.aws.value())
    with pytest.raises(RotationFailed, match=r"the two secrets client1--\d+ and client1--\d+, one of them current"):
        service.rotate()
    assert service.works()
    assert len(secrets) == 2
    del secrets[list(secrets)[1]]  # the mend that the message names
    service.rotate()
    assert service.works()


@pytest.mark.parametrize(
    ("suspended", "says"),
    [
        (False, r"the two secrets client1--\d+ and client1--\d+, one of them previous"),
        (True, "suspended, so nothing tells which of its two secrets is previous"),
    ],
)
def test_garbage_on_top_of_a_cognito_secret_added_by_hand_spares_the_previous_secret(
    suspended: bool, says: str
) -> None:
    service = rotated()
    held = service.text("AWSCURRENT")
    client = service.aws.clients[service.client_id]
    del client.secrets[next(iter(client.secrets))]
    service.aws.register(service.client_id, service.aws.value())
    service.store("garbage")
    client.suspended = suspended
    with pytest.raises(RotationFailed, match=says):
        service.rotate()
    assert len(client.secrets) == 2
    assert service.aws.accepts(held)
    client.suspended = False
    del client.secrets[list(client.secrets)[1]]  # the mend that the message names
    service.rotate()
    assert service.works()
    assert service.aws.accepts(held)


def test_a_suspended_client_rotates_and_works_when_it_is_lifted() -> None:
    service = rotated()
    service.aws.clients[service.client_id].suspended = True
    for _ in range(3):
        service.rotate()
    assert json.loads(service.said[-2])["outcome"] == "untestable"
    service.aws.clients[service.client_id].suspended = False
    assert service.works()
    assert service.works("AWSPREVIOUS")


def test_a_suspended_client_whose_secret_was_restored_waits_without_harm() -> None:
    service = rotated()
    service.secret.attach("AWSCURRENT", service.secret.holder("AWSPREVIOUS"))
    service.aws.clients[service.client_id].suspended = True
    with pytest.raises(RotationFailed, match="its app client is suspended"):
        service.rotate()
    assert service.works()
    service.aws.clients[service.client_id].suspended = False
    service.rotate()
    assert service.works()


def _delete(service: Service) -> None:
    service.secret.deleted = True


def _disable(service: Service) -> None:
    service.secret.rotates = False


def _untag(service: Service) -> None:
    service.secret.tags.clear()


def _unstage(service: Service) -> None:
    version = str(service.secret.holder("AWSPENDING"))
    service.secret.attach("kept", version)
    service.secret.attach("AWSPENDING", None)


def _remove(service: Service) -> None:
    del service.aws.secrets[NAME]


def _remove_client(service: Service) -> None:
    service.aws.clients.clear()
    service.sleep(FRESH + 1)


@pytest.mark.parametrize(
    ("break_it", "says"),
    [
        (_delete, "scheduled for deletion: restore it"),
        (_disable, "rotation is not enabled for it: `make rotate`"),
        (_untag, r"it has no tag `client-id`, .* took the tag away \(docs/runbook.md#credentials-differ\)"),
        (_unstage, "is staged neither AWSPENDING nor AWSCURRENT"),
        (_remove, "DescribeSecret: ResourceNotFoundException"),
        (
            _remove_client,
            "the user pool has no app client lead-enricher: remove its file and deploy, then add it",
        ),
    ],
)
def test_what_cannot_be_repaired_is_reported_by_name(break_it: Callable[[Service], None], says: str) -> None:
    service = rotated()
    version = service.start()
    service.invoke("createSecret", version)
    break_it(service)
    service.effects.clear()
    with pytest.raises(RotationFailed, match=f"^{NAME}: .*{says}"):
        service.invoke("setSecret", version)
    assert service.effects == []


def test_a_step_out_of_order_promotes_nothing() -> None:
    service = rotated()
    version = service.start()
    service.invoke("createSecret", version)
    with pytest.raises(RotationFailed, match="the pending version was never registered"):
        service.invoke("finishSecret", version)
    with pytest.raises(RotationFailed, match="step 'setsecret' is unknown, expected one of createSecret,"):
        service.invoke("setsecret", version)
    with pytest.raises(
        RotationFailed, match="not an event of Secrets Manager's: Step, ClientRequestToken must be text"
    ):
        service.invoke("", "")
    assert service.works()


def test_a_pending_version_taken_by_a_second_rotation_stops_the_first() -> None:
    service = rotated()
    first = service.start()
    service.invoke("createSecret", first)
    second = "second".ljust(36, "x")
    service.secret.versions[second] = Version()
    service.secret.attach("AWSPENDING", second)
    with pytest.raises(RotationFailed, match="staged neither"):
        service.invoke("setSecret", first)
    for step in STEPS:
        service.invoke(step, second)
    assert service.works()
