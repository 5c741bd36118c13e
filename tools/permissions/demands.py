"""What AWS asks beyond CloudFormation's schemas, and what a schema names that no template here needs: demands.yaml."""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

_PATH: Final = Path(__file__).with_name("demands.yaml")


@cache
def _read() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(_PATH.read_text())
    return found


def entries(kind: str) -> Sequence[dict[str, Any]]:
    """The entries of one of the file's lists."""
    found: list[dict[str, Any]] = _read()[kind]
    return found


def beyond(resource_type: str, handler: str) -> Iterator[tuple[str, str]]:
    """Each action that a handler of the type is asked for beyond its schema, and on what: `*` or an ARN's format."""
    for entry in entries("beyond"):
        if entry["type"] == resource_type and handler in entry["handlers"]:
            yield from ((action, entry["resource"]) for action in entry["actions"])


def listed(kind: str, resource_type: str, handler: str, action: str) -> bool:
    """Whether a list excuses the action of this type's handler."""
    return any(applies(entry, resource_type, handler, action) for entry in entries(kind))


def applies(entry: dict[str, Any], resource_type: str, handler: str, action: str) -> bool:
    named = (("types", resource_type), ("handlers", handler), ("actions", action))
    return all(any(fnmatchcase(value, each) for each in entry.get(key, ("*",))) for key, value in named)


def passes() -> dict[str, dict[str, str]]:
    """The property by which each type gives a role to a service, and that service."""
    found: dict[str, dict[str, str]] = _read()["passes"]
    return found
