"""IAM statements of every policy in an assembly, normalized, so that the ones a change adds or removes stand out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tools.template import Assembly, Stack

_PERMISSION = "AWS::Lambda::Permission"
_ATTACHED = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")


@dataclass(frozen=True, order=True, kw_only=True)
class Statement:
    """`holder` is the role (or resource) the policy belongs to, without its environment; `condition` is JSON."""

    environment: str
    holder: str
    effect: str
    actions: tuple[str, ...]
    resources: tuple[str, ...] = ()
    principals: tuple[str, ...] = ()
    condition: str = ""


def statements(assembly: Assembly) -> frozenset[Statement]:
    """Every statement of every role, policy, resource policy and Lambda permission."""
    return frozenset(_all(assembly))


def _all(assembly: Assembly) -> Iterator[Statement]:
    for stack in assembly.stacks.values():
        for logical_id, resource in stack.resources.items():
            properties = assembly.values(stack, resource.get("Properties", {}))
            for holder in _holders(assembly, stack, logical_id, properties):
                for raw in _raw(properties):
                    yield _normalized(assembly, stack, holder, raw)
                for policy in _list(properties.get("ManagedPolicyArns", [])):
                    yield Statement(
                        environment=stack.environment,
                        holder=holder,
                        effect="Allow",
                        actions=(f"managed policy {assembly.text(policy)}",),
                    )
            if resource["Type"] == _PERMISSION:
                yield _permission(assembly, stack, properties)


def _raw(value: Any) -> Iterator[Mapping[str, Any]]:
    """The statements of every policy document anywhere inside `value`."""
    if isinstance(value, dict):
        yield from statements_of(value)
        for item in value.values():
            yield from _raw(item)
    elif isinstance(value, list):
        for item in value:
            yield from _raw(item)


def statements_of(document: object) -> Iterator[Mapping[str, Any]]:
    """The statements of one resolved policy document."""
    if isinstance(document, dict):
        for statement in _list(document.get("Statement", [])):
            if isinstance(statement, dict) and "Effect" in statement:
                yield statement


def _holders(assembly: Assembly, stack: Stack, logical_id: str, properties: Mapping[str, Any]) -> list[str]:
    if stack.resources[logical_id]["Type"] in _ATTACHED:
        holders = [*properties.get("Roles", []), *properties.get("Users", []), *properties.get("Groups", [])]
        if holders:
            return [assembly.text(holder) for holder in holders]
    return ["${" + stack.label(logical_id) + "}"]


def _normalized(assembly: Assembly, stack: Stack, holder: str, raw: Mapping[str, Any]) -> Statement:
    denied = [f"not {action}" for action in _texts(assembly, raw.get("NotAction", []))]
    excluded = [f"not {resource}" for resource in _texts(assembly, raw.get("NotResource", []))]
    condition = raw.get("Condition")
    return Statement(
        environment=stack.environment,
        holder=holder,
        effect=str(raw["Effect"]),
        actions=tuple(sorted([*_texts(assembly, raw.get("Action", [])), *denied])),
        resources=tuple(sorted([*_texts(assembly, raw.get("Resource", [])), *excluded])),
        principals=tuple(sorted(principals(assembly, raw))),
        condition=assembly.text(condition) if condition else "",
    )


def principals(assembly: Assembly, raw: Mapping[str, Any]) -> Iterator[str]:
    """Whom a statement is about, each as its ARN, service name or `*`."""
    for key, prefix in (("Principal", ""), ("NotPrincipal", "not ")):
        value = raw.get(key, [])
        groups = value.values() if isinstance(value, dict) and "Fn::Join" not in value else [value]
        for group in groups:
            for principal in _texts(assembly, group):
                yield f"{prefix}{principal}"


def _permission(assembly: Assembly, stack: Stack, properties: Mapping[str, Any]) -> Statement:
    source = properties.get("SourceArn")
    return Statement(
        environment=stack.environment,
        holder=assembly.text(properties.get("FunctionName")),
        effect="Allow",
        actions=(assembly.text(properties.get("Action")),),
        principals=(assembly.text(properties.get("Principal")),),
        condition=f"source {assembly.text(source)}" if source else "",
    )


def _texts(assembly: Assembly, value: Any) -> list[str]:
    return [assembly.text(item) for item in _list(value)]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
