"""Resources that are protected against deletion, and stacks made as the CDK CLI makes them."""

import json
from typing import Any

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
