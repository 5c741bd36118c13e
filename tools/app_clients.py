"""The app clients that the user pool really has, held against those that the secrets were made for."""

from collections.abc import Iterator, Mapping
from typing import Any

import boto3
from botocore.exceptions import ClientError

from tools import refusal
from tools.place import Place

Ids = Mapping[str, set[str]]
"""The ids of a pool's app clients by name, which is not unique in a pool."""


def listed(at: Place, session: boto3.Session) -> Ids | None:
    """The app clients of the place's pool; none where the pool is gone, and None where no stack says which it is.

    Raises ClientError for anything else. ListUserPoolClients answers names and ids, and no secret.
    """
    try:
        pool = session.client("ssm").get_parameter(Name=at.environment.parameter("user-pool-id"))["Parameter"]["Value"]
    except ClientError as error:
        if refusal.code(error) == "ParameterNotFound":
            return None
        raise
    ids: dict[str, set[str]] = {}
    try:
        for page in session.client("cognito-idp").get_paginator("list_user_pool_clients").paginate(UserPoolId=pool):
            for each in page["UserPoolClients"]:
                ids.setdefault(each["ClientName"], set()).add(each["ClientId"])
    except ClientError as error:
        if refusal.code(error) != "ResourceNotFoundException":
            raise
    return ids


def differing(at: Place, name: str, secret: Mapping[str, Any], ids: Ids) -> Iterator[str]:
    """What is wrong with the app client that a secret, as DescribeSecret answers it, was made for; nothing is fine."""
    held = next((tag["Value"] for tag in secret.get("Tags", []) if tag["Key"] == "client-id"), None)
    found = ids.get(name, set())
    if held not in found:
        deploy = "make up" if at.endpoint else at.make("deploy")
        has = f"has {name} as {', '.join(sorted(found))}" if found else f"has no app client {name}"
        yield (
            f"{at.environment.credentials(name)}: made for the app client {held}, and the user pool {has}: "
            f"{deploy}, then {at.make('credentials')}"
        )
