"""What exists in Cognito, as CloudFormation's properties. A client's secret is dropped where the answer is read."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from tools.adopt.plan import CLIENT, DOMAIN, POOL, SERVER, Adopted


def describe(cognito: Any, adopted: Adopted) -> dict[str, Any] | None:
    """The live properties of one resource, or None if it does not exist."""
    try:
        return _DESCRIBE[adopted.type](cognito, adopted.identifier)
    except cognito.exceptions.ResourceNotFoundException:
        return None


def align(cognito: Any, adopted: Adopted) -> None:
    """Give the live resource the template's values, with the call that CloudFormation itself would make."""
    wanted = dict(adopted.wanted)
    if adopted.type == POOL:
        cognito.update_user_pool(**adopted.identifier, **wanted)
    elif adopted.type == SERVER:
        cognito.update_resource_server(**wanted)
    elif adopted.type == CLIENT:
        del wanted["GenerateSecret"], wanted["UserPoolId"]
        cognito.update_user_pool_client(**adopted.identifier, **wanted)


def secrets(cognito: Any, identifier: Mapping[str, str]) -> list[datetime]:
    """When each secret of an app client was made; none where there is no such client, or it was made without one."""
    return [each["ClientSecretCreateDate"] for each in _secrets(cognito, identifier)]


def listed(cognito: Any, identifier: Mapping[str, str]) -> list[str]:
    """The ids of an app client's secrets, the oldest first."""
    found = sorted(_secrets(cognito, identifier), key=lambda each: each["ClientSecretCreateDate"])
    return [str(each["ClientSecretId"]) for each in found]


def managed(cognito: Any, identifier: Mapping[str, str]) -> str | None:
    """The ARN of the secret that Cognito keeps and rotates itself for an app client, where it does."""
    try:
        found = cognito.describe_user_pool_client(**identifier)["UserPoolClient"].get("ClientSecretArn")
    except cognito.exceptions.ResourceNotFoundException:
        return None
    return str(found) if found else None


def _secrets(cognito: Any, identifier: Mapping[str, str]) -> list[dict[str, Any]]:
    none = cognito.exceptions.ResourceNotFoundException, cognito.exceptions.InvalidParameterException
    try:
        found: list[dict[str, Any]] = cognito.list_user_pool_client_secrets(**identifier)["ClientSecrets"]
    except none:
        return []
    return found


def _pool(cognito: Any, identifier: Mapping[str, str]) -> dict[str, Any]:
    pool: dict[str, Any] = cognito.describe_user_pool(**identifier)["UserPool"]
    return pool


def _domain(cognito: Any, identifier: Mapping[str, str]) -> dict[str, Any] | None:
    # A domain that nobody has is described by an empty answer, not by an error.
    found: dict[str, Any] = cognito.describe_user_pool_domain(Domain=identifier["Domain"])["DomainDescription"]
    return found or None


def _server(cognito: Any, identifier: Mapping[str, str]) -> dict[str, Any]:
    server: dict[str, Any] = cognito.describe_resource_server(**identifier)["ResourceServer"]
    return server


def _client(cognito: Any, identifier: Mapping[str, str]) -> dict[str, Any]:
    client: dict[str, Any] = cognito.describe_user_pool_client(**identifier)["UserPoolClient"]
    # Nobody says whether this answer has the secret once a second one was there: the list of secrets tells. One that
    # Cognito keeps itself has an ARN here, and was generated ("Applies only when GenerateSecret is true").
    client.pop("ClientSecret", None)
    kept = client.pop("ClientSecretArn", None)
    return client | {"GenerateSecret": bool(kept or secrets(cognito, identifier))}


_DESCRIBE: Final[Mapping[str, Callable[[Any, Mapping[str, str]], dict[str, Any] | None]]] = {
    POOL: _pool,
    DOMAIN: _domain,
    SERVER: _server,
    CLIENT: _client,
}
