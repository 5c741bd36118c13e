"""CloudFormation's schemas: the permissions that each handler of a resource type asks for."""

from collections.abc import Mapping
from functools import cache

from cfnlint.schema import PROVIDER_SCHEMA_MANAGER, ResourceNotFoundError  # type: ignore[import-untyped]

_REGION = "us-east-1"


@cache
def permissions(resource_type: str) -> Mapping[str, tuple[str, ...]]:
    """The permissions of each handler of the type, by the handler's name; `tags` is for changing tags.

    Raises ValueError for a type without a schema.
    """
    try:
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(_REGION, resource_type).schema
    except ResourceNotFoundError as error:
        raise ValueError(f"{resource_type}: has no schema that says what its handlers call") from error
    handlers = {name: tuple(handler["permissions"]) for name, handler in schema.get("handlers", {}).items()}
    if not handlers:
        raise ValueError(f"{resource_type}: has no schema that says what its handlers call")
    return handlers | {"tags": tuple(schema.get("tagging", {}).get("permissions", ()))}
