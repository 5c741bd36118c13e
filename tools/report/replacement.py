"""Which property changes make CloudFormation replace a resource: the create-only properties of its type's schema."""

from functools import cache
from typing import Any

from cfnlint.schema import PROVIDER_SCHEMA_MANAGER, ResourceNotFoundError  # type: ignore[import-untyped]

_REGION = "us-east-1"


@cache
def _pointers(resource_type: str, key: str) -> tuple[tuple[str, ...], ...]:
    try:
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(_REGION, resource_type).schema
    except ResourceNotFoundError:  # A custom resource has no schema: what it does on an update is its own affair.
        return ()
    found: list[str] = schema.get(key, [])
    return tuple(tuple(pointer.removeprefix("/properties/").split("/")) for pointer in found)


def create_only(resource_type: str) -> tuple[tuple[str, ...], ...]:
    """Paths of the properties whose change always replaces a resource of this type."""
    return _pointers(resource_type, "createOnlyProperties")


def conditionally_create_only(resource_type: str) -> tuple[tuple[str, ...], ...]:
    """Paths of the properties whose change replaces a resource of this type, depending on the value."""
    return _pointers(resource_type, "conditionalCreateOnlyProperties")


def select(properties: Any, path: tuple[str, ...]) -> Any:
    """What `path` (`*` is every item) selects in resolved properties; None where nothing is there."""
    if not path:
        return properties
    head, *rest = path
    if head == "*":
        items = properties if isinstance(properties, list) else []
        return [select(item, tuple(rest)) for item in items]
    return select(properties.get(head), tuple(rest)) if isinstance(properties, dict) else None
