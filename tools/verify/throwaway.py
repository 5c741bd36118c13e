"""App clients that a run makes for itself, and everything else that it must not leave behind.

All of it is found again by its name, so that a later run removes what a killed one left. No file of the registry can
have such a name.
"""

import json
import secrets
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from stacks import scopes
from tools.verify.deployment import Deployment

MARK: Final = "verify."
"""How a throw-away client's name begins: a client's file name has no dot in it."""


_FLOWS: Final = ["ALLOW_REFRESH_TOKEN_AUTH"]
"""What is not told is all of them."""


@dataclass(frozen=True)
class Client:
    name: str
    client_id: str
    secret: str = field(repr=False)
    """The one that Cognito made."""


def create(deployment: Deployment) -> Client:
    """An app client that can get tokens."""
    name = f"{MARK}{uuid.uuid4().hex}"
    made = deployment.client("cognito-idp").create_user_pool_client(
        UserPoolId=deployment.user_pool,
        ClientName=name,
        GenerateSecret=True,
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthScopes=[f"{deployment.target.resource_server}/{scopes.READ}"],
        ExplicitAuthFlows=_FLOWS,
    )["UserPoolClient"]
    return Client(name, made["ClientId"], made["ClientSecret"])


def suspend(deployment: Deployment, client: Client) -> None:
    """Take its access away: what UpdateUserPoolClient is not told goes back to its default, which is none."""
    deployment.client("cognito-idp").update_user_pool_client(
        UserPoolId=deployment.user_pool,
        ClientId=client.client_id,
        ClientName=client.name,
        AllowedOAuthFlowsUserPoolClient=False,
        ExplicitAuthFlows=_FLOWS,
    )


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


def leftovers(deployment: Deployment) -> list[str]:
    """The name of everything that a run made and that is there. Raises ClientError, BotoCoreError."""
    return [name for kind in _KINDS for name, _ in kind(deployment)]


def remove_all(deployment: Deployment) -> list[str]:
    """Remove everything that a run made, and return what could not be removed. What fails keeps nothing else."""
    stuck = []
    for kind in _KINDS:
        try:
            found = list(kind(deployment))
        except (ClientError, BotoCoreError) as error:
            stuck.append(f"{kind.__name__.strip('_')}: {error}")
            continue
        for name, (service, operation, arguments) in found:
            try:
                getattr(deployment.client(service), operation)(**arguments)
            except (ClientError, BotoCoreError) as error:
                if "NotFound" not in str(error):
                    stuck.append(f"{name}: {error}")
    return stuck


_Deletion = tuple[str, str, dict[str, Any]]


def _secrets(deployment: Deployment) -> Iterator[tuple[str, _Deletion]]:
    prefix = deployment.environment.credentials(MARK)
    filters = [{"Key": "name", "Values": [prefix]}]
    for each in deployment.plan.cloud.pages("secretsmanager", "list_secrets", "SecretList", Filters=filters):
        if each["Name"].startswith(prefix):
            arguments = {"SecretId": each["ARN"], "ForceDeleteWithoutRecovery": True}
            yield each["Name"], ("secretsmanager", "delete_secret", arguments)


def _app_clients(deployment: Deployment) -> Iterator[tuple[str, _Deletion]]:
    asked = {"UserPoolId": deployment.user_pool, "MaxResults": 60}
    for each in deployment.plan.cloud.pages("cognito-idp", "list_user_pool_clients", "UserPoolClients", **asked):
        if each["ClientName"].startswith(MARK):
            arguments = {"UserPoolId": deployment.user_pool, "ClientId": each["ClientId"]}
            yield each["ClientName"], ("cognito-idp", "delete_user_pool_client", arguments)


def _subscriptions(deployment: Deployment) -> Iterator[tuple[str, _Deletion]]:
    if deployment.plan.cloud.emulated:
        return  # the queue listens to CloudTrail's events, which the emulator lacks
    ending = f":{queue_name(deployment.environment.name)}"
    for each in deployment.plan.cloud.pages("sns", "list_subscriptions", "Subscriptions"):
        if each["Endpoint"].endswith(ending) and each["SubscriptionArn"].startswith("arn:"):
            yield each["SubscriptionArn"], ("sns", "unsubscribe", {"SubscriptionArn": each["SubscriptionArn"]})


def _queues(deployment: Deployment) -> Iterator[tuple[str, _Deletion]]:
    if deployment.plan.cloud.emulated:
        return
    name = queue_name(deployment.environment.name)
    for url in deployment.client("sqs").list_queues(QueueNamePrefix=name).get("QueueUrls", []):
        yield url, ("sqs", "delete_queue", {"QueueUrl": url})


# Secrets first: a rotation under way must not find its client gone.
_KINDS: Final = (_secrets, _app_clients, _subscriptions, _queues)


def queue_name(environment: str) -> str:
    """The queue that hears what the alarms' topic is told."""
    return f"otto-{environment}-verify"
