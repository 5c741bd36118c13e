"""An owner who writes its own secret, past its policy, gets nobody else's credentials, and everybody is told of it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import jwt
import pytest

from local import cloud
from local.deployment import CHECKOUT
from stacks.registry.own import SMOKE
from tests.local.platform.deployed import READ
from tests.local.platform.test_observability import watch
from tests.local.rotation.fleet import CLIENTS, Fleet
from tests.local.rotation.test_hands import registered

READER, WRITER = CLIENTS[11], SMOKE
SECRET = f"otto/dev/clients/{READER}"


@dataclass(frozen=True)
class Held:
    """What both services hold before the reader's owner writes anything."""

    reader: dict[str, str]
    writer: dict[str, str]
    registered: list[str]
    """The ids of the writer's secrets in Cognito."""


@pytest.fixture
def held(fleet: Fleet) -> Iterator[Held]:
    fleet.rotate([READER, WRITER])
    reader, writer = fleet.held(READER), fleet.held(WRITER)
    current = versions_of(fleet, "AWSCURRENT")
    yield Held(reader, writer, registered(fleet, writer["client_id"])[2])
    # What CloudFormation and the platform's people set right, for the tests that follow.
    tag(fleet, reader["client_id"])
    if (wrong := versions_of(fleet, "AWSCURRENT")) != current:
        fleet.secrets.update_secret_version_stage(
            SecretId=SECRET, VersionStage="AWSCURRENT", MoveToVersionId=current, RemoveFromVersionId=wrong
        )
    fleet.rotate([READER])
    assert fleet.refusal(fleet.held(READER)) is None


def versions_of(fleet: Fleet, label: str) -> str:
    return next(version for version, labels in fleet.versions(READER).items() if label in labels)


def tag(fleet: Fleet, client_id: str) -> None:
    fleet.secrets.tag_resource(SecretId=SECRET, Tags=[{"Key": "client-id", "Value": client_id}])


def make_credentials(fleet: Fleet) -> str:
    """What `make credentials` says of the reader, waiting for nobody."""
    command = [sys.executable, "-m", "tools.credentials", "dev", "--seconds", "0"]
    environment = cloud.environment(fleet.platform.emulator) | {"PYTHONPATH": str(CHECKOUT)}
    done = subprocess.run(command, env=environment, cwd=fleet.checkout, capture_output=True, text=True, check=False)
    return "\n".join(line for line in done.stderr.splitlines() if line.startswith(f"{READER}: "))


def keep(fleet: Fleet, held: Held) -> None:
    """The victim has all that it had, and the owner no version that is the victim's by the platform's doing."""
    assert fleet.held(WRITER) == held.writer
    assert fleet.refusal(held.writer) is None
    assert registered(fleet, held.writer["client_id"])[2] == held.registered
    assert fleet.refusal(held.reader) is None, "and the reader's service works on"
    answer = fleet.platform.request_token(**held.reader)
    claims = jwt.decode(answer.json()["access_token"], options={"verify_signature": False})
    assert claims["scope"] == READ


def test_a_retagged_secret_is_never_rotated_for_its_victim_and_everybody_is_told(fleet: Fleet, held: Held) -> None:
    reader, writer = held.reader["client_id"], held.writer["client_id"]
    tag(fleet, writer)
    for _ in range(3):  # after which the victim's secret would be gone
        assert not fleet.ended_well(fleet.start(READER))
        keep(fleet, held)
    names = f"its tag `client-id` names app client {writer} ({WRITER}), and the user pool has {READER} as"
    assert fleet.held(READER) == held.reader
    made = f"{READER}: {SECRET}: made for the app client {writer}, and the user pool has {READER} as {reader}: "
    assert make_credentials(fleet) == f"{made}somebody wrote its tag client-id, docs/runbook.md#credentials-differ"
    said = watch(fleet.platform)[-1]
    assert (said["level"], said["message"], said["SecretsDiffering"]) == (
        "WARNING",
        "a secret and its app client differ",
        1,
    )
    assert said["differing"][SECRET].startswith(names)


def test_a_value_of_another_client_is_never_rotated_over_and_everybody_is_told(fleet: Fleet, held: Held) -> None:
    """Somebody knows the writer's secret, and puts it where the reader's service reads it, with a label of ours."""
    writer = held.writer["client_id"]
    version = fleet.secrets.put_secret_value(SecretId=SECRET, SecretString=json.dumps(held.writer))["VersionId"]
    fleet.secrets.update_secret_version_stage(
        SecretId=SECRET, VersionStage="registered-beside:anything", MoveToVersionId=version
    )
    assert make_credentials(fleet).startswith(
        f"{READER}: {SECRET}: its current value is of app client {writer} ({WRITER}), and the user pool has "
    )
    assert not fleet.ended_well(fleet.start(READER))
    keep(fleet, held)
    assert watch(fleet.platform)[-1]["differing"].keys() == {SECRET}
    fleet.secrets.update_secret_version_stage(
        SecretId=SECRET, VersionStage="registered-beside:anything", RemoveFromVersionId=version
    )


def test_a_secret_that_no_stack_made_is_rotated_for_nobody(fleet: Fleet, held: Held) -> None:
    """Below the platform's prefix, with the victim's id in tag and value, and the platform's function."""
    name = "otto/dev/clients/made-by-hand"
    writer = held.writer["client_id"]
    fleet.secrets.create_secret(
        Name=name,
        SecretString=json.dumps({"client_id": writer, "client_secret": "A" * 64}),
        Tags=[{"Key": "client-id", "Value": writer}],
    )
    try:
        function = fleet.secrets.describe_secret(SecretId=SECRET)["RotationLambdaARN"]
        fleet.secrets.rotate_secret(
            SecretId=name, RotationLambdaARN=function, RotationRules={"AutomaticallyAfterDays": 90}
        )
        assert not fleet.ended_well(fleet.start("made-by-hand"))
        keep(fleet, held)
        [(told, why)] = watch(fleet.platform)[-1]["differing"].items()
        assert told == name
        assert why.startswith("the user pool has no app client made-by-hand: ")
    finally:
        fleet.secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)


def test_a_client_whose_secret_cognito_keeps_is_rotated_by_nobody_else_and_everybody_is_told(
    fleet: Fleet, held: Held
) -> None:
    """Somebody turns it on, as the console does, and off again in time: what the service holds works throughout."""
    cognito = fleet.platform.emulator.client("cognito-idp")
    named = {"UserPoolId": fleet.platform.parameter("user-pool-id"), "ClientId": held.reader["client_id"]}
    shown = cognito.describe_user_pool_client(**named)["UserPoolClient"]
    settings = ("ClientName", "AllowedOAuthFlows", "AllowedOAuthFlowsUserPoolClient", "AllowedOAuthScopes")
    kept = named | {key: shown[key] for key in settings}
    arn = cognito.update_user_pool_client(**kept, PublishSecretsInAWSSecretsManager=True)["UserPoolClient"][
        "ClientSecretArn"
    ]
    why = f"Cognito keeps and rotates the secret of app client {named['ClientId']} itself, in {arn}, "
    assert make_credentials(fleet).startswith(f"{READER}: {SECRET}: {why}")
    assert watch(fleet.platform)[-1]["differing"][SECRET].startswith(why)
    preflight = [sys.executable, "-m", "tools.preflight", "dev"]
    environment = cloud.environment(fleet.platform.emulator) | {"PYTHONPATH": str(CHECKOUT)}
    told = subprocess.run(preflight, env=environment, cwd=fleet.checkout, capture_output=True, text=True, check=False)
    assert "to fix managed secrets: docs/runbook.md#managed-secret" in told.stdout
    assert not fleet.ended_well(fleet.start(READER))
    assert fleet.refusal(held.reader) is None
    cognito.update_user_pool_client(**kept, PublishSecretsInAWSSecretsManager=False)
    _, newer = registered(fleet, named["ClientId"])[2]
    cognito.delete_user_pool_client_secret(**named, ClientSecretId=newer)
    fleet.rotate([READER])
    assert fleet.refusal(held.reader) is None
