"""Secrets that Cognito keeps itself: each behaviour beside the words of botocore's model that ask for it."""

import json
import re
from typing import Any, Final

import botocore.session
import pytest

from local.emulator.process import Emulator
from tests.local.emulator.app_client import Client, make_client

PUBLISH: Final = "PublishSecretsInAWSSecretsManager"
CHOSEN: Final = "a_chosen+VALUE_0123456789"


def require(shape: str, member: str, *words: str) -> None:
    """AWS's own text says so: an upgrade of botocore that changes it fails the test that rests on it."""
    known: Any = botocore.session.get_session().get_service_model("cognito-idp").shape_for(shape)
    text = re.sub(r"<[^>]+>", "", known.members[member].documentation)
    assert [each for each in words if each not in text] == []


@pytest.fixture
def managed(emulator: Emulator, name: str) -> Client:
    return make_client(emulator, name, **{PUBLISH: True})


def described(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = client.cognito.describe_user_pool_client(**client.names)["UserPoolClient"]
    return found


def update(client: Client, **changes: Any) -> dict[str, Any]:
    """What UpdateUserPoolClient is not told goes back to its default."""
    settings = ("ClientName", "AllowedOAuthFlowsUserPoolClient", "AllowedOAuthFlows", "AllowedOAuthScopes")
    kept = {key: value for key, value in described(client).items() if key in settings}
    updated: dict[str, Any] = client.cognito.update_user_pool_client(**client.names, **kept | changes)["UserPoolClient"]
    return updated


def read(client: Client, stage: str = "AWSCURRENT") -> dict[str, str]:
    manager = client.emulator.client("secretsmanager")
    answer = manager.get_secret_value(SecretId=described(client)["ClientSecretArn"], VersionStage=stage)
    found: dict[str, str] = json.loads(answer["SecretString"])
    return found


def rotate(client: Client, **changes: Any) -> None:
    client.emulator.client("secretsmanager").rotate_secret(SecretId=described(client)["ClientSecretArn"], **changes)


def test_a_managed_client_shows_an_arn_and_no_secret(managed: Client) -> None:
    require("CreateUserPoolClientRequest", PUBLISH, "the response returns ClientSecretArn instead of ClientSecret")
    require("UserPoolClientType", "ClientSecretArn", "returns this ARN instead of ClientSecret for app clients")
    assert managed.secret == ""
    for shown in (described(managed), update(managed)):
        assert shown["ClientSecretArn"].startswith("arn:aws:secretsmanager:")
        assert "ClientSecret" not in shown


def test_the_managed_secret_names_pool_and_client_and_gets_a_token(managed: Client) -> None:
    require("UserPoolClientType", "ClientSecretArn", "userPoolId, userPoolClientId, and clientSecretValue fields")
    found = read(managed)
    assert (found["userPoolId"], found["userPoolClientId"]) == (managed.pool, managed.id)
    assert managed.token(found["clientSecretValue"]) == (200, "")


def test_the_first_rotation_is_at_once_and_the_next_is_due_in_seven_days(managed: Client) -> None:
    require(
        "CreateUserPoolClientRequest", PUBLISH, "starts the first rotation of the secret right away", "every 7 days"
    )
    assert len(managed.ids()) == 2
    assert managed.token(read(managed, "AWSPREVIOUS")["clientSecretValue"]) == (200, "")
    secret = managed.emulator.client("secretsmanager").describe_secret(SecretId=described(managed)["ClientSecretArn"])
    assert (secret["RotationEnabled"], secret["RotationRules"]) == (True, {"AutomaticallyAfterDays": 7})


def test_the_schedule_can_be_changed_in_secrets_manager_without_a_rotation(managed: Client) -> None:
    require("UpdateUserPoolClientRequest", PUBLISH, "You can change the rotation schedule in Secrets Manager")
    before = managed.ids()
    rotate(managed, RotationRules={"AutomaticallyAfterDays": 365}, RotateImmediately=False)
    secret = managed.emulator.client("secretsmanager").describe_secret(SecretId=described(managed)["ClientSecretArn"])
    assert secret["RotationRules"] == {"AutomaticallyAfterDays": 365}
    assert managed.ids() == before


def test_turning_it_on_keeps_the_newer_of_two_secrets_and_ends_the_older(client: Client) -> None:
    require(
        "UpdateUserPoolClientRequest", PUBLISH,
        "migrate an existing generated secret", "rotates it right away",
        "If the app client has two secrets, that first rotation deletes the older one",
    )  # fmt: skip
    client.cognito.add_user_pool_client_secret(**client.names, ClientSecret=CHOSEN)
    assert "ClientSecretArn" in update(client, **{PUBLISH: True})
    assert client.token(client.secret) == (400, "invalid_client")
    assert client.token(CHOSEN) == (200, "")
    assert client.token(read(client)["clientSecretValue"]) == (200, "")
    assert len(client.ids()) == 2


def test_turning_it_on_with_one_secret_ends_none(client: Client) -> None:
    update(client, **{PUBLISH: True})
    assert client.token(client.secret) == (200, "")
    assert read(client, "AWSPREVIOUS")["clientSecretValue"] == client.secret


def test_a_secret_added_by_another_ends_with_the_second_rotation_after_it(managed: Client) -> None:
    managed.cognito.delete_user_pool_client_secret(**managed.names, ClientSecretId=managed.ids()[0])
    managed.cognito.add_user_pool_client_secret(**managed.names, ClientSecret=CHOSEN)
    rotate(managed)
    assert managed.token(CHOSEN) == (200, "")
    rotate(managed)
    assert managed.token(CHOSEN) == (400, "invalid_client")


def test_an_update_that_does_not_name_it_changes_nothing(managed: Client, client: Client) -> None:
    require("UpdateUserPoolClientRequest", PUBLISH, "If you omit this parameter, Amazon Cognito doesn't change how it")
    before = read(managed), managed.ids()
    update(managed, ClientName="renamed")
    update(managed, **{PUBLISH: True})
    assert (read(managed), managed.ids()) == before
    assert update(client)["ClientSecret"] == client.secret


def test_turning_it_off_deletes_the_secret_for_good_and_its_values_stay_good(managed: Client) -> None:
    require(
        "UpdateUserPoolClientRequest", PUBLISH,
        "false to move it back to Amazon Cognito and delete the Secrets Manager secret",
        "immediately and permanently deletes the Secrets Manager secret. There's no recovery window",
    )  # fmt: skip
    arn, held = described(managed)["ClientSecretArn"], read(managed)["clientSecretValue"]
    updated = update(managed, **{PUBLISH: False})
    assert "ClientSecretArn" not in updated
    assert updated["ClientSecret"] == held
    assert managed.token(held) == (200, "")
    manager = managed.emulator.client("secretsmanager")
    for gone in (manager.get_secret_value, manager.restore_secret, manager.describe_secret):
        with pytest.raises(manager.exceptions.ResourceNotFoundException):
            gone(SecretId=arn)


def test_a_client_without_a_generated_secret_is_not_managed(client: Client) -> None:
    require("CreateUserPoolClientRequest", PUBLISH, "Applies only when GenerateSecret is true")
    require("UpdateUserPoolClientRequest", PUBLISH, "Applies only to app clients that already have a generated secret")
    made = client.cognito.create_user_pool_client(UserPoolId=client.pool, ClientName="public", **{PUBLISH: True})
    assert "ClientSecretArn" not in made["UserPoolClient"]
    public = Client(client.emulator, client.pool, made["UserPoolClient"]["ClientId"], "")
    assert "ClientSecretArn" not in update(public, **{PUBLISH: True})
