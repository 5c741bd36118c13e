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
    none = cognito.exceptions.ResourceNotFoundException, cognito.exceptions.InvalidParameterException
    try:
        found = cognito.list_user_pool_client_secrets(**identifier)["ClientSecrets"]
    except none:
        return []
    return [each["ClientSecretCreateDate"] for each in found]


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
    # Nobody says whether this answer has the secret once a second one was there: the list of secrets tells.
    client.pop("ClientSecret", None)
    return client | {"GenerateSecret": bool(secrets(cognito, identifier))}


_DESCRIBE: Final[Mapping[str, Callable[[Any, Mapping[str, str]], dict[str, Any] | None]]] = {
    POOL: _pool,
    DOMAIN: _domain,
    SERVER: _server,
    CLIENT: _client,
}
