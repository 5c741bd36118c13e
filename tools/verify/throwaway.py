"""App clients that a run makes for itself, and everything else that it must not leave behind.

All of it is found again by its name, so that a later run removes what a killed one left. No file of the registry can
have such a name.
"""

import json
import secrets
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from botocore.exceptions import ClientError

from stacks import scopes
from tools.credentials import REGISTERED
from tools.verify.deployment import Deployment

MARK: Final = "verify."
"""How a throw-away client's name begins: a client's file name has no dot in it."""


@dataclass(frozen=True)
class Client:
    name: str
    client_id: str
    secret: str = field(repr=False)
    """The one that Cognito made."""


def create(deployment: Deployment, *, access: bool = True) -> Client:
    """An app client that can get tokens, or one that is suspended from the start."""
    name = f"{MARK}{uuid.uuid4().hex}"
    flows = {
        "AllowedOAuthFlows": ["client_credentials"],
        "AllowedOAuthScopes": [f"{deployment.target.resource_server}/{scopes.READ}"],
    }
    made = deployment.client("cognito-idp").create_user_pool_client(
        UserPoolId=deployment.user_pool,
        ClientName=name,
        GenerateSecret=True,
        AllowedOAuthFlowsUserPoolClient=access,
        ExplicitAuthFlows=["ALLOW_REFRESH_TOKEN_AUTH"],
        **(flows if access else {}),
    )["UserPoolClient"]
    return Client(name, made["ClientId"], made["ClientSecret"])


def start_rotation(deployment: Deployment, client: Client, function: str) -> None:
    """Give a client credentials as its stack would, and let the rotation function make them work."""
    manager = deployment.client("secretsmanager")
    name = deployment.environment.credentials(client.name)
    value = {"client_id": client.client_id, "client_secret": secrets.token_hex(32)}
    manager.create_secret(
        Name=name, SecretString=json.dumps(value), Tags=[{"Key": "client-id", "Value": client.client_id}]
    )
    rules = {"AutomaticallyAfterDays": deployment.environment.rotation_days}
    manager.rotate_secret(SecretId=name, RotationLambdaARN=function, RotationRules=rules)


def is_ready(deployment: Deployment, client: Client) -> bool:
    described = deployment.client("secretsmanager").describe_secret(
        SecretId=deployment.environment.credentials(client.name)
    )
    return is_registered(described)


def is_registered(described: dict[str, Any]) -> bool:
    """Tell from DescribeSecret whether the current version's value is Cognito's as well, and nothing is pending."""
    labels: list[list[str]] = list(described.get("VersionIdsToStages", {}).values())
    current = next((each for each in labels if "AWSCURRENT" in each), [])
    pending = any("AWSPENDING" in each for each in labels if each is not current)
    return not pending and any(label.startswith(REGISTERED) for label in current)


def leftovers(deployment: Deployment) -> list[str]:
    """The name of everything that a run made and that is there."""
    return [name for name, _ in _everything(deployment)]


def remove_all(deployment: Deployment) -> list[str]:
    """Remove everything that a run made, and return what could not be removed."""
    stuck = []
    for name, (service, operation, arguments) in list(_everything(deployment)):
        try:
            getattr(deployment.client(service), operation)(**arguments)
        except ClientError as error:
            if "NotFound" not in error.response["Error"]["Code"]:
                stuck.append(f"{name}: {error}")
    return stuck


_Deletion = tuple[str, str, dict[str, Any]]


def _everything(deployment: Deployment) -> Iterator[tuple[str, _Deletion]]:
    """Secrets first: a rotation under way must not find its client gone."""
    cloud, environment = deployment.plan.cloud, deployment.environment
    prefix = environment.credentials(MARK)
    filters = [{"Key": "name", "Values": [prefix]}]
    for each in cloud.pages("secretsmanager", "list_secrets", "SecretList", Filters=filters):
        if each["Name"].startswith(prefix):
            arguments = {"SecretId": each["ARN"], "ForceDeleteWithoutRecovery": True}
            yield each["Name"], ("secretsmanager", "delete_secret", arguments)
    pool = deployment.user_pool
    for each in cloud.pages("cognito-idp", "list_user_pool_clients", "UserPoolClients", UserPoolId=pool, MaxResults=60):
        if each["ClientName"].startswith(MARK):
            arguments = {"UserPoolId": pool, "ClientId": each["ClientId"]}
            yield each["ClientName"], ("cognito-idp", "delete_user_pool_client", arguments)
    if cloud.emulated:
        return  # the queue listens to CloudTrail's events, which the emulator lacks
    name = queue_name(environment.name)
    for each in cloud.pages("sns", "list_subscriptions", "Subscriptions"):
        if each["Endpoint"].endswith(f":{name}") and each["SubscriptionArn"].startswith("arn:"):
            yield each["SubscriptionArn"], ("sns", "unsubscribe", {"SubscriptionArn": each["SubscriptionArn"]})
    with suppress(KeyError):
        for url in cloud.client("sqs").list_queues(QueueNamePrefix=name)["QueueUrls"]:
            yield url, ("sqs", "delete_queue", {"QueueUrl": url})


def queue_name(environment: str) -> str:
    """The queue that hears what the alarms' topic is told."""
    return f"otto-{environment}-verify"
