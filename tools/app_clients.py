"""The app clients that the user pool really has, held against those that the secrets were made for, and hold."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from lambdas.rotation_watch import comparison
from tools import refusal
from tools.place import Place

Ids = Mapping[str, set[str]]
"""The ids of a pool's app clients by name, which is not unique in a pool."""
DIFFER: Final = "docs/runbook.md#credentials-differ"
_PATIENT: Final = Config(connect_timeout=5, read_timeout=190)
"""The rotation function may take three minutes, when Cognito lets it wait."""


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
    if found == {held}:
        return
    has = f"has {name} as {', '.join(sorted(found))}" if found else f"has no app client {name}"
    deploy = "make up" if at.endpoint else at.make("deploy")
    if len(found) > 1:
        fix = f"delete the one that is in no stack, {DIFFER}"
    elif held is None or any(held in others for others in ids.values()):
        fix = f"somebody wrote its tag client-id, {DIFFER}"
    else:
        fix = f"{deploy}, then {at.make('credentials')}"
    yield f"{at.environment.credentials(name)}: made for the app client {held}, and the user pool {has}: {fix}"


def compare(at: Place, session: boto3.Session, names: Sequence[str]) -> dict[str, str]:
    """Why a client's secret is not its own, by the client's name, as the rotation function says, which reads them.

    Raises ClientError, and RuntimeError with what the function says when it fails.
    """
    differing: dict[str, str] = {}
    function = _function(at, session)
    if function is None:
        return differing
    invoke = session.client("lambda", config=_PATIENT).invoke
    for begin in range(0, len(names), comparison.BATCH):
        secrets = {at.environment.credentials(name): name for name in names[begin : begin + comparison.BATCH]}
        try:
            told = comparison.ask(invoke, function, list(secrets))
        except comparison.Failed as error:
            raise RuntimeError(f"{function}: {error}") from None
        differing |= {secrets[secret]: f"{secret}: {why}" for secret, why in told.items()}
    return differing


def _function(at: Place, session: boto3.Session) -> str | None:
    """The rotation function, as its stack tells and no secret does: whoever owns one could name another."""
    try:
        found = session.client("ssm").get_parameter(Name=at.environment.shared("rotation/FunctionArn"))
    except ClientError as error:
        if refusal.code(error) == "ParameterNotFound":
            return None
        raise
    return str(found["Parameter"]["Value"])
