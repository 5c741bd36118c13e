"""What is protected is deleted by nobody: no caller, no stack, no rollback of a creation that failed."""

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from local.emulator.process import Emulator
from tests.local.waiting import wait

KEYS = {
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
}
REPLICA = {"Region": "us-east-1", "DeletionProtectionEnabled": True}
KINDS: dict[str, dict[str, Any]] = {
    "pool": {"Type": "AWS::Cognito::UserPool", "Properties": {"DeletionProtection": "ACTIVE"}},
    "table": {"Type": "AWS::DynamoDB::GlobalTable", "Properties": KEYS | {"Replicas": [REPLICA]}},
}
REFUSED = {
    "pool": "The user pool cannot be deleted because deletion protection is activated. "
    "Deletion protection must be inactivated first.",
    "table": "Resource cannot be deleted as it is currently protected against deletion. "
    "Disable deletion protection first.",
}
FAILING = {
    "Type": "AWS::SecretsManager::Secret",
    "DependsOn": "Kept",
    "Properties": {"SecretString": "a", "GenerateSecretString": {"PasswordLength": 32}},
}
"""Refused after `Kept` is made: it has two values."""


class Kept:
    """Protected resources of one kind."""

    def __init__(self, emulator: Emulator, kind: str) -> None:
        self.kind = kind
        self.cognito, self.dynamodb = emulator.client("cognito-idp"), emulator.client("dynamodb")

    @property
    def ids(self) -> set[str]:
        if self.kind == "table":
            return set(self.dynamodb.list_tables()["TableNames"])
        return {each["Id"] for each in self.cognito.list_user_pools(MaxResults=60)["UserPools"]}

    def delete(self, identity: str) -> None:
        if self.kind == "table":
            self.dynamodb.delete_table(TableName=identity)
        else:
            self.cognito.delete_user_pool(UserPoolId=identity)

    def release(self, identity: str) -> None:
        if self.kind == "table":
            self.dynamodb.update_table(TableName=identity, DeletionProtectionEnabled=False)
        else:
            self.cognito.update_user_pool(UserPoolId=identity, DeletionProtection="INACTIVE")


@pytest.fixture(params=KINDS)
def kept(emulator: Emulator, request: pytest.FixtureRequest) -> Iterator[Kept]:
    made = Kept(emulator, request.param)
    before = made.ids
    yield made
    for identity in made.ids - before:
        made.release(identity)
        made.delete(identity)


@pytest.fixture
def stack(emulator: Emulator, name: str) -> Iterator["Stack"]:
    made = Stack(emulator.client("cloudformation"), name)
    yield made
    with suppress(made.client.exceptions.ClientError):  # the test has deleted it
        made.client.update_termination_protection(StackName=name, EnableTerminationProtection=False)
        made.client.delete_stack(StackName=name)


class Stack:
    def __init__(self, client: Any, name: str) -> None:
        self.client, self.name = client, name

    def create(self, resources: dict[str, Any]) -> str:
        """Create it as the CDK CLI does; returns the status that it ends in."""
        named = {"StackName": self.name, "ChangeSetName": "create"}
        body = json.dumps({"Resources": resources})
        self.client.create_change_set(**named, ChangeSetType="CREATE", TemplateBody=body)
        self.client.update_termination_protection(StackName=self.name, EnableTerminationProtection=True)
        self.client.execute_change_set(**named)
        return self.settled("CREATE", "ROLLBACK")

    def delete(self) -> str:
        self.client.update_termination_protection(StackName=self.name, EnableTerminationProtection=False)
        self.client.delete_stack(StackName=self.name)
        return self.settled("DELETE")

    def settled(self, *operations: str) -> str:
        """The status in which one of these operations ends."""

        def ended() -> str | None:
            status = str(self.events()[0]["ResourceStatus"])
            return status if status.startswith(operations) and not status.endswith("_IN_PROGRESS") else None

        return str(wait(ended))

    def events(self, logical_id: str | None = None) -> list[dict[str, Any]]:
        """Events of a resource or of the stack itself, the newest first."""
        found = self.client.describe_stack_events(StackName=self.name)["StackEvents"]
        return [each for each in found if each["LogicalResourceId"] == (logical_id or self.name)]

    def resources(self) -> dict[str, str]:
        found = self.client.describe_stack_resources(StackName=self.name)["StackResources"]
        return {each["LogicalResourceId"]: each["ResourceStatus"] for each in found}


def test_a_protected_resource_is_deleted_once_its_protection_is_off(stack: Stack, kept: Kept) -> None:
    before = kept.ids
    assert stack.create({"Kept": KINDS[kept.kind]}) == "CREATE_COMPLETE"
    [made] = kept.ids - before
    with pytest.raises(Exception, match=REFUSED[kept.kind]):
        kept.delete(made)
    kept.release(made)
    kept.delete(made)
    assert kept.ids == before


def test_a_stack_cannot_delete_what_is_protected(stack: Stack, kept: Kept) -> None:
    before = kept.ids
    stack.create({"Kept": KINDS[kept.kind]})
    assert stack.delete() == "DELETE_FAILED"
    assert stack.events("Kept")[0]["ResourceStatusReason"] == REFUSED[kept.kind]
    [made] = kept.ids - before
    kept.release(made)
    assert stack.delete() == "DELETE_COMPLETE"
    assert kept.ids == before


def test_a_failed_creation_cannot_take_back_what_is_protected(stack: Stack, kept: Kept) -> None:
    before = kept.ids
    retained = KINDS[kept.kind] | {"DeletionPolicy": "RetainExceptOnCreate"}
    assert stack.create({"Kept": retained, "Failing": FAILING}) == "ROLLBACK_FAILED"
    assert stack.resources() == {"Kept": "DELETE_FAILED"}
    # Deleting a stack is not rolling it back: it retains, and the resource is nobody's.
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
    assert stack.delete() == "DELETE_COMPLETE"
    assert stack.events("Kept")[0]["ResourceStatus"] == "DELETE_SKIPPED"
    assert len(kept.ids - before) == 1


def test_a_failed_creation_takes_back_what_is_not_protected(stack: Stack, kept: Kept) -> None:
    before = kept.ids
    bare = {key: value for key, value in KINDS[kept.kind].items() if key != "Properties"}
    properties = KEYS | {"Replicas": [{"Region": "us-east-1"}]} if kept.kind == "table" else {}
    retained = bare | {"Properties": properties, "DeletionPolicy": "RetainExceptOnCreate"}
    assert stack.create({"Kept": retained, "Failing": FAILING}) == "ROLLBACK_COMPLETE"
    assert kept.ids == before


def test_a_table_is_protected_by_an_update_of_its_stack(emulator: Emulator, deploy: Any) -> None:
    def table(protected: bool) -> dict[str, Any]:
        replica = REPLICA | {"DeletionProtectionEnabled": protected}
        return {"Resources": {"Kept": {"Type": KINDS["table"]["Type"], "Properties": KEYS | {"Replicas": [replica]}}}}

    tables = Kept(emulator, "table")
    before = tables.ids
    deploy(table(protected=False))
    deploy(table(protected=True))
    [made] = tables.ids - before
    with pytest.raises(Exception, match=REFUSED["table"]):
        tables.delete(made)
    deploy(table(protected=False))


def test_a_protected_stack_is_not_deleted_even_when_its_creation_failed(stack: Stack, kept: Kept) -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-protect-stacks.html"""
    assert stack.create({"Kept": KINDS[kept.kind], "Failing": FAILING}) == "ROLLBACK_FAILED"
    with pytest.raises(stack.client.exceptions.ClientError, match="cannot be deleted while TerminationProtection is"):
        stack.client.delete_stack(StackName=stack.name)
