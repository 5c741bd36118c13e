"""Versions, staging labels and names of secrets.

https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
"""

import json
import uuid
from typing import Any

import pytest

from local.emulator.process import Emulator


@pytest.fixture
def manager(emulator: Emulator) -> Any:
    return emulator.client("secretsmanager")


@pytest.fixture
def secret(manager: Any, name: str) -> str:
    return str(manager.create_secret(Name=name, SecretString="first")["ARN"])


def labels(manager: Any, secret: str) -> dict[str, list[str]]:
    versions: dict[str, list[str]] = manager.describe_secret(SecretId=secret)["VersionIdsToStages"]
    return versions


def test_putting_the_same_value_with_the_same_token_changes_nothing(manager: Any, secret: str) -> None:
    put = {"SecretId": secret, "ClientRequestToken": str(uuid.uuid4()), "SecretString": "a"}
    manager.put_secret_value(**put, VersionStages=["AWSPENDING"])
    before = labels(manager, secret)
    manager.put_secret_value(**put, VersionStages=["AWSPENDING"])
    assert labels(manager, secret) == before


def test_a_versions_value_cannot_be_changed(manager: Any, secret: str) -> None:
    token = str(uuid.uuid4())
    manager.put_secret_value(SecretId=secret, ClientRequestToken=token, SecretString="a")
    with pytest.raises(manager.exceptions.ResourceExistsException):
        manager.put_secret_value(SecretId=secret, ClientRequestToken=token, SecretString="b")
    assert manager.get_secret_value(SecretId=secret)["SecretString"] == "a"


def test_a_label_is_on_one_version_at_a_time(manager: Any, secret: str) -> None:
    for value in ("a", "b"):
        put = manager.put_secret_value(SecretId=secret, SecretString=value, VersionStages=["AWSPENDING"])
    assert [version for version, on in labels(manager, secret).items() if "AWSPENDING" in on] == [put["VersionId"]]


def test_moving_current_moves_previous_and_drops_the_version_before(manager: Any, secret: str) -> None:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html"""
    first = next(iter(labels(manager, secret)))
    second = manager.put_secret_value(SecretId=secret, SecretString="b")["VersionId"]
    third = manager.put_secret_value(SecretId=secret, SecretString="c", VersionStages=["AWSPENDING"])["VersionId"]
    manager.update_secret_version_stage(
        SecretId=secret, VersionStage="AWSCURRENT", MoveToVersionId=third, RemoveFromVersionId=second
    )
    assert sorted(labels(manager, secret)[third]) == ["AWSCURRENT", "AWSPENDING"]
    assert labels(manager, secret)[second] == ["AWSPREVIOUS"]
    assert first not in labels(manager, secret)


def test_a_version_is_not_read_by_a_label_that_it_does_not_have(manager: Any, secret: str) -> None:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html"""
    version = next(iter(labels(manager, secret)))
    with pytest.raises(manager.exceptions.InvalidRequestException, match="not associated"):
        manager.get_secret_value(SecretId=secret, VersionId=version, VersionStage="AWSPENDING")


def test_a_deleted_secret_keeps_its_name_for_its_recovery_window(manager: Any, secret: str, name: str) -> None:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html"""
    manager.delete_secret(SecretId=secret)
    with pytest.raises(manager.exceptions.InvalidRequestException, match="already scheduled for deletion"):
        manager.create_secret(Name=name, SecretString="again")
    manager.restore_secret(SecretId=secret)
    assert manager.get_secret_value(SecretId=name)["SecretString"] == "first"


def statement(**members: Any) -> str:
    allow = {"Effect": "Allow", "Principal": "*", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [allow | members]})


def test_a_public_policy_is_blocked_only_on_request(manager: Any, secret: str) -> None:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutResourcePolicy.html"""
    with pytest.raises(manager.exceptions.PublicPolicyException):
        manager.put_resource_policy(SecretId=secret, ResourcePolicy=statement(), BlockPublicPolicy=True)
    assert "ResourcePolicy" not in manager.get_resource_policy(SecretId=secret)
    account = statement(Principal={"AWS": "arn:aws:iam::000000000000:root"})
    manager.put_resource_policy(SecretId=secret, ResourcePolicy=account, BlockPublicPolicy=True)
    assert manager.get_resource_policy(SecretId=secret)["ResourcePolicy"] == account


def test_a_policy_that_is_no_policy_is_malformed(manager: Any, secret: str) -> None:
    with pytest.raises(manager.exceptions.MalformedPolicyDocumentException):
        manager.put_resource_policy(SecretId=secret, ResourcePolicy="{")
