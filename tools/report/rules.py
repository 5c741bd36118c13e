"""Values that a property may take without giving anybody more access, one rule a question."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tools.report.clients import CLIENT
from tools.report.statements import statements_of
from tools.template import Assembly, Reference, Stack, references


@dataclass(frozen=True)
class Resource:
    """One resource of the changed side. `added` where the base has none in its place."""

    assembly: Assembly
    stack: Stack
    logical_id: str
    added: bool


Rule = Callable[[Resource, Any, Any], bool]
"""Whether a property may change from one resolved value to another (None: it is not there)."""


def accept(_: Resource, __: Any, ___: Any) -> bool:
    return True


SHOWN: Final[Rule] = accept
"""Another part of the report judges every value."""


def only_at_creation(resource: Resource, _: Any, __: Any) -> bool:
    return resource.added


def one_of(*values: Any) -> Rule:
    return lambda _, __, after: after in values


def no_higher(resource: Resource, before: Any, after: Any) -> bool:
    """Numbers may fall, and nothing else may change."""
    if resource.added or before == after:
        return True
    if isinstance(before, dict) and isinstance(after, dict):
        return before.keys() == after.keys() and all(no_higher(resource, before[key], after[key]) for key in before)
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(no_higher(resource, *pair) for pair in zip(before, after, strict=True))
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in (before, after))
    return numbers and bool(after <= before)


def statements_read(_: Resource, __: Any, after: Any) -> bool:
    """A policy as JSON that `statements` reads; as text, or with other keys, it is not."""
    if not isinstance(after, dict) or after.keys() - {"Version", "Statement", "Id"}:
        return False
    listed = after.get("Statement", [])
    return len(list(statements_of(after))) == (len(listed) if isinstance(listed, list) else 1)


def policies_read(resource: Resource, _: Any, after: Any) -> bool:
    """The inline policies of a role."""
    return all(statements_read(resource, None, policy.get("PolicyDocument")) for policy in after or ())


def our_boundary(resource: Resource, _: Any, after: Any) -> bool:
    environment = resource.stack.environment
    return resource.assembly.text(after).endswith(f":policy/otto-{environment}-boundary")


def no_further_roles(resource: Resource, before: Any, after: Any) -> bool:
    """Whoever holds a policy is in each of its statements; of a policy without a holder, nobody is."""
    return resource.added or set(map(str, after or ())) <= set(map(str, before or ()))


def ours(resource_type: str) -> Rule:
    """Resources of this deployment and of this type: an ARN that is spelled may be anybody's."""

    def is_ours(resource: Resource, _: Any, after: Any) -> bool:
        items = after if isinstance(after, list) else [after]
        return all(
            isinstance(item, Reference) and resource.assembly.type_of(item.node) == resource_type for item in items
        )

    return is_ours


TOPICS: Final = ours("AWS::SNS::Topic")
"""An alarm can act on instances and functions as well."""


def of_its_client(resource: Resource, _: Any, after: Any) -> bool:
    """A secret that names one app client alone, the one beside it, and holds no value that the template spells."""
    clients = {reference.node for reference in references(after)}
    beside = resource.stack.label(resource.logical_id).rsplit("/", 1)[0]
    return len(clients) == 1 and all(
        resource.assembly.type_of((stack, logical_id)) == CLIENT
        and resource.assembly.stacks[stack].label(logical_id).rsplit("/", 1)[0] == beside
        for stack, logical_id in clients
    )


def generated_for_its_client(resource: Resource, before: Any, after: Any) -> bool:
    """A random secret beside the client's id; nothing of it is spelled."""
    block: dict[str, Any] = after if isinstance(after, dict) else {}
    template = resource.assembly.text(block.get("SecretStringTemplate", ""))
    return (
        of_its_client(resource, before, after)
        and re.fullmatch(r'\{"client_id":"\$\{[^}"]+\}"\}', template) is not None
        and block.get("GenerateStringKey") == "client_secret"
    )


def tags_of_its_client(resource: Resource, before: Any, after: Any) -> bool:
    """The rotation reads whose secret it is from the tag `client-id`."""
    named = [tag.get("Value") for tag in after or () if tag.get("Key") == "client-id"]
    return len(named) == 1 and of_its_client(resource, before, named)


def tag_of_its_environment(resource: Resource, _: Any, after: Any) -> bool:
    """CloudFormation of an environment may change the keys whose tag names it."""
    return {"Key": "environment", "Value": resource.stack.environment} in (after or [])


def fixed_headers(_: Resource, __: Any, after: Any) -> bool:
    """Fixed texts; none opens the API to the pages of other origins."""
    return all(
        isinstance(value, str) and value.startswith("'") and "access-control-" not in name.lower()
        for name, value in (after or {}).items()
    )


def no_higher_throttles(resource: Resource, before: Any, after: Any) -> bool:
    """Settings of a stage's methods: throttles may fall, and bodies are never logged (DataTraceEnabled)."""
    old = {_method(setting): setting for setting in before or ()}
    for setting in after or ():
        if setting.keys() - _SETTINGS or setting.get("DataTraceEnabled"):
            return False
        was = old.pop(_method(setting), None if resource.added else {})
        for limit in _THROTTLES:
            if was is not None and (limit not in setting or setting[limit] > was.get(limit, -1)):
                return False
    return not old


def _method(setting: Mapping[str, Any]) -> tuple[str, str]:
    return str(setting.get("ResourcePath")), str(setting.get("HttpMethod"))


_THROTTLES: Final = ("ThrottlingRateLimit", "ThrottlingBurstLimit")
_SETTINGS: Final = {*_THROTTLES, "DataTraceEnabled", "HttpMethod", "LoggingLevel", "MetricsEnabled", "ResourcePath"}


def asset_of_this_checkout(_: Resource, __: Any, after: Any) -> bool:
    """Code from this checkout, which is read in the change itself."""
    return isinstance(after, dict) and after.keys() == {"S3Bucket", "S3Key"}


def same_log_group(resource: Resource, before: Any, after: Any) -> bool:
    """What is logged may change (`Format`), where it goes may not."""
    return resource.added or (before or {}).get("DestinationArn") == (after or {}).get("DestinationArn")


def not_dropped(_: Resource, before: Any, after: Any) -> bool:
    return after is not None or before is None
