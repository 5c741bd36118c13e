"""No deployment touches a live credential: whatever a pull request changes, the same credentials go on working."""

import dataclasses
import json
import re
from collections.abc import Callable

import pytest

import app
from tests.local.platform.test_observability import watch
from tests.local.rotation.fleet import CLIENTS, DEV, READERS, Fleet
from tests.local.waiting import wait
from tests.stacks.synthesis import Template

CLIENT = CLIENTS[11]


def resources(template: Template, kind: str) -> list[Template]:
    return [each["Properties"] for each in template["Resources"].values() if each["Type"] == kind]


def describe(template: Template) -> Template:
    template["Description"] = "Another description"
    for secret in resources(template, "AWS::SecretsManager::Secret"):
        secret["Description"] = "Another description"
    return template


def retag(fleet: Fleet) -> Template:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "TAGS", app.TAGS | {"owner": "another-team"})
        return fleet.template()


CHANGES: dict[str, Callable[[Fleet], Template]] = {
    "scopes": lambda fleet: fleet.template(CLIENT, scopes=["api.read", "api.write"]),
    "lifetime": lambda fleet: fleet.template(CLIENT, access_token_minutes=5),
    "readers": lambda fleet: fleet.template(CLIENT, readers=READERS),
    "no readers any more": lambda fleet: fleet.template(CLIENT),
    "description": lambda fleet: describe(fleet.template()),
    "tags": retag,
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_same_credentials_work_after_a_change_of(fleet: Fleet, change: str) -> None:
    before = {client: fleet.held(client) for client in CLIENTS}
    assert fleet.deploy(CHANGES[change](fleet)), "it is a change"
    assert {client: fleet.held(client) for client in CLIENTS} == before
    assert {fleet.refusal(credentials) for credentials in before.values()} == {None}
    assert [client for client in CLIENTS if fleet.pending(client)] == []


def test_a_new_schedule_rotates_at_once_and_what_services_hold_works_on(fleet: Fleet) -> None:
    before = {client: fleet.held(client) for client in CLIENTS}
    assert fleet.deploy(fleet.template("", dataclasses.replace(DEV, rotation_days=60)))
    wait(lambda: all(fleet.held(client) != before[client] for client in CLIENTS))
    fleet.platform.wait_for_credentials(*CLIENTS)
    assert {client: fleet.held(client, "AWSPREVIOUS") for client in CLIENTS} == before, "one rotation, not more"
    assert {fleet.refusal(credentials) for credentials in before.values()} == {None}
    assert {fleet.refusal(fleet.held(client)) for client in CLIENTS} == {None}


def test_a_changed_generator_is_the_change_that_this_would_notice(fleet: Fleet) -> None:
    fleet.deploy(fleet.template())
    fleet.platform.wait_for_credentials(*CLIENTS)  # the schedule is another again
    before = fleet.held(CLIENT)
    template = fleet.template()
    [generator] = [
        secret["GenerateSecretString"]
        for secret in resources(template, "AWS::SecretsManager::Secret")
        if secret["Name"].endswith(CLIENT)
    ]
    generator["PasswordLength"] = 63
    fleet.deploy(template)
    assert fleet.held(CLIENT) != before
    the_watch_mends(fleet)


def test_a_replaced_app_client_works_once_the_watch_has_looked(fleet: Fleet) -> None:
    """CloudFormation writes the new id with a new value, and starts no rotation: the schedule is as it was."""
    fleet.deploy(fleet.template())
    the_watch_mends(fleet)
    before = fleet.held(CLIENT)
    text = json.dumps(fleet.template())
    [logical_id] = set(re.findall(rf"{CLIENT.replace('-', '')}AppClient\w+", text))
    fleet.deploy(json.loads(text.replace(logical_id, f"{logical_id}Anew")))
    assert fleet.held(CLIENT)["client_id"] != before["client_id"]
    assert fleet.pending(CLIENT) is None
    the_watch_mends(fleet)


def the_watch_mends(fleet: Fleet) -> None:
    """Nobody rotates: `make credentials` names the client, and the next hour's look sets it going."""
    assert fleet.refusal(fleet.held(CLIENT)) == "invalid_client"
    told = fleet.platform.unready(*CLIENTS)
    assert told[CLIENT].startswith(f"otto/dev/clients/{CLIENT}: its current value was written")
    assert list(told) == [CLIENT]
    assert watch(fleet.platform)[-1]["resumed"] == [f"otto/dev/clients/{CLIENT}"]
    fleet.platform.wait_for_credentials(*CLIENTS)
    assert fleet.refusal(fleet.held(CLIENT)) is None
