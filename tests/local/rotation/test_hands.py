"""What people do by hand to a deployed client's secret is repaired by the next rotation, or reported by name."""

import json
from typing import Any

import pytest

from tests.local.rotation.fleet import CLIENTS, Fleet

CLIENT = CLIENTS[10]
SECRET = f"otto/dev/clients/{CLIENT}"


@pytest.fixture
def held(fleet: Fleet) -> dict[str, str]:
    """What a service holds: the credentials of a client that has rotated more than once."""
    fleet.rotate([CLIENT])
    return fleet.held(CLIENT)


@pytest.mark.parametrize("value", ["s3cret", json.dumps({"client_id": "stranger", "client_secret": "x" * 40})])
def test_an_edited_value_is_replaced_by_one_that_works(fleet: Fleet, held: dict[str, str], value: str) -> None:
    fleet.secrets.put_secret_value(SecretId=SECRET, SecretString=value)
    fleet.rotate([CLIENT])
    assert fleet.held(CLIENT)["client_id"] == held["client_id"]
    assert fleet.refusal(fleet.held(CLIENT)) is None
    assert fleet.refusal(held) is None, "a service that read it before the edit goes on"


def test_a_restored_previous_version_works_on_through_the_next_rotation(fleet: Fleet, held: dict[str, str]) -> None:
    restored = restore(fleet, CLIENT)
    assert fleet.refusal(restored) is None
    fleet.rotate([CLIENT])
    assert fleet.refusal(fleet.held(CLIENT)) is None
    assert fleet.refusal(restored) is None
    assert fleet.refusal(held) == "invalid_client"


def restore(fleet: Fleet, client: str) -> dict[str, str]:
    """Make the previous version current, as AWS's console and API let a person do."""
    versions = fleet.versions(client)
    current, previous = (
        next(each for each, labels in versions.items() if label in labels) for label in ("AWSCURRENT", "AWSPREVIOUS")
    )
    fleet.secrets.update_secret_version_stage(
        SecretId=f"otto/dev/clients/{client}",
        VersionStage="AWSCURRENT",
        MoveToVersionId=previous,
        RemoveFromVersionId=current,
    )
    return fleet.held(client)


def registered(fleet: Fleet, client_id: str) -> tuple[Any, dict[str, str], list[str]]:
    """Cognito, what names the client there, and the ids of its secrets, oldest first."""
    cognito = fleet.platform.emulator.client("cognito-idp")
    named = {"UserPoolId": fleet.platform.parameter("user-pool-id"), "ClientId": client_id}
    found = cognito.list_user_pool_client_secrets(**named)["ClientSecrets"]
    return cognito, named, [each["ClientSecretId"] for each in found]


def test_a_current_secret_deleted_in_cognito_is_made_good(fleet: Fleet, held: dict[str, str]) -> None:
    cognito, named, ids = registered(fleet, held["client_id"])
    cognito.delete_user_pool_client_secret(**named, ClientSecretId=ids[-1])
    assert fleet.refusal(held) == "invalid_client"
    fleet.rotate([CLIENT])
    assert fleet.refusal(fleet.held(CLIENT)) is None


def test_a_secret_added_in_cognito_is_reported_by_name_and_nothing_is_deleted(
    fleet: Fleet, held: dict[str, str]
) -> None:
    cognito, named, ids = registered(fleet, held["client_id"])
    cognito.delete_user_pool_client_secret(**named, ClientSecretId=ids[0])
    added = cognito.add_user_pool_client_secret(**named)["ClientSecretDescriptor"]
    fleet.values.add(added["ClientSecretValue"])
    restore(fleet, CLIENT)  # otherwise the mark tells, and the stranger goes
    fleet.secrets.put_secret_value(SecretId=SECRET, SecretString=json.dumps(held))
    assert not fleet.ended_well(fleet.start(CLIENT))
    assert registered(fleet, held["client_id"])[2] == [ids[1], added["ClientSecretId"]]
    assert fleet.refusal(held) is None
    assert f"the two secrets {ids[1]} and {added['ClientSecretId']}" in failures(fleet)
    cognito.delete_user_pool_client_secret(**named, ClientSecretId=added["ClientSecretId"])  # the mend that it names
    fleet.rotate([CLIENT])
    assert fleet.refusal(fleet.held(CLIENT)) is None


def failures(fleet: Fleet) -> str:
    """What the deployed function has logged of this client's failures."""
    logs = fleet.platform.emulator.client("logs")
    [group] = [
        each["logGroupName"]
        for each in logs.describe_log_groups()["logGroups"]
        if "otto-dev-rotation-HandlerLogs" in each["logGroupName"]
    ]
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
    lines = [event["message"] for page in pages for event in page["events"]]
    return "\n".join(line for line in lines if SECRET in line and "failure" in line)


def test_a_secret_scheduled_for_deletion_is_reported_by_name_until_it_is_restored(
    fleet: Fleet, held: dict[str, str]
) -> None:
    fleet.secrets.delete_secret(SecretId=SECRET, RecoveryWindowInDays=7)
    [(name, problem)] = fleet.platform.unready(*CLIENTS).items()
    assert f"{name}: {problem}".startswith(f"{CLIENT}: {SECRET}: it is scheduled for deletion")
    with pytest.raises(fleet.secrets.exceptions.InvalidRequestException):
        fleet.secrets.rotate_secret(SecretId=SECRET)
    fleet.secrets.restore_secret(SecretId=SECRET)
    assert fleet.platform.unready(*CLIENTS) == {}
    assert fleet.held(CLIENT) == held
    fleet.rotate([CLIENT])
    assert fleet.refusal(fleet.held(CLIENT)) is None


def test_a_rotation_cancelled_by_hand_is_named_and_the_next_one_enables_it_again(
    fleet: Fleet, held: dict[str, str]
) -> None:
    fleet.secrets.cancel_rotate_secret(SecretId=SECRET)
    [(name, problem)] = fleet.platform.unready(*CLIENTS).items()
    assert f"{name}: {problem}".startswith(f"{CLIENT}: {SECRET}: its rotation was cancelled")
    assert fleet.refusal(held) is None
    fleet.rotate([CLIENT])
    assert fleet.platform.unready(*CLIENTS) == {}


def test_a_lost_tag_is_reported_and_works_again_once_it_is_set(fleet: Fleet, held: dict[str, str]) -> None:
    fleet.secrets.untag_resource(SecretId=SECRET, TagKeys=["client-id"])
    assert not fleet.ended_well(fleet.start(CLIENT))
    assert "somebody took the tag away (docs/runbook.md#credentials-differ)" in failures(fleet)
    assert fleet.refusal(held) is None
    fleet.secrets.tag_resource(SecretId=SECRET, Tags=[{"Key": "client-id", "Value": held["client_id"]}])
    fleet.rotate([CLIENT])
    assert fleet.refusal(fleet.held(CLIENT)) is None


def test_a_deleted_app_client_is_reported_and_made_anew_by_two_deployments(fleet: Fleet, held: dict[str, str]) -> None:
    cognito, named, _ = registered(fleet, held["client_id"])
    cognito.delete_user_pool_client(**named)
    assert not fleet.ended_well(fleet.start(CLIENT))
    assert "remove its file and deploy, then add it again and deploy" in failures(fleet)
    whole = fleet.template()
    its = CLIENT.replace("-", "")
    fleet.deploy(whole | {"Resources": {name: each for name, each in whole["Resources"].items() if its not in name}})
    fleet.deploy(whole)
    fleet.platform.wait_for_credentials(CLIENT)
    made = fleet.held(CLIENT)
    assert made["client_id"] != held["client_id"]
    assert fleet.refusal(made) is None
    fleet.rotate([CLIENT])  # as every other: there is a previous secret
    fleet.wire.names[made["client_id"]] = CLIENT


def test_a_secret_that_is_gone_is_reported_by_name(fleet: Fleet) -> None:
    told = "otto/dev/clients/nobody: Secrets Manager can't find the specified secret."
    assert fleet.platform.unready(*CLIENTS, "nobody") == {"nobody": told}
