"""Changes that this report cannot call harmless, and what no change may do: no list of widenings is whole."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from tools.report.asset import short
from tools.report.clients import CLIENT
from tools.report.harmless import GUARDS, PROPERTIES
from tools.report.resources import Node, nodes
from tools.report.rules import Resource
from tools.report.succession import name_of, successors
from tools.template import Assembly, Reference, Stack, references

_KEPT: Final = ("DeletionPolicy", "UpdateReplacePolicy")
_AROUND: Final = ("Type", "Metadata", "DependsOn", "Properties", *_KEPT)
# Texts for people, CDK's notes and its one rule (CheckBootstrapVersion): none says who may do what.
_PLAIN: Final = ("AWSTemplateFormatVersion", "Description", "Metadata", "Outputs", "Resources", "Rules")
_BOOTSTRAP: Final = "/cdk-bootstrap/hnb659fds/version"
_SSM: Final = "AWS::SSM::Parameter::Value<String>"
_RESOLVED: Final = ("{{resolve:secretsmanager:", "{{resolve:ssm-secure:")


@dataclass(frozen=True, kw_only=True)
class Unknown:
    """`what` is the property or the part of the template; `resource` the construct path, or the stack's name."""

    environment: str
    resource: str
    type: str
    what: str
    before: str | None
    after: str | None


def compare(base: Assembly, head: Assembly) -> tuple[Unknown, ...]:
    """Each change of a template that is not known to be harmless, nor judged by another part of the report."""
    before, after = set(nodes(base)), set(nodes(head))
    pairs = successors(base, head, sorted(before - after), sorted(after - before))
    heirs = {old: new for old, (new, _) in pairs.items()}
    same = {old: new for old, new in heirs.items() if name_of(base, old) == name_of(head, new) is not None}
    found: list[Unknown] = []
    for name in dict.fromkeys([*head.stacks, *base.stacks]):
        found += _around(base, head, name)
        found += _removed(base, head, name, same)
        found += _present(base, head, name, heirs, same)
    return tuple(found)


def _removed(base: Assembly, head: Assembly, name: str, heirs: Mapping[Node, Node]) -> Iterator[Unknown]:
    stack = base.stacks.get(name)
    for logical_id in stack.resources if stack else ():
        node = name, logical_id
        if stack and node not in heirs and not head.type_of(node) and _takes_a_limit_away(base, head, node):
            yield _unknown(stack, logical_id, "removed", None, None)


def _present(
    base: Assembly, head: Assembly, name: str, heirs: Mapping[Node, Node], same: Mapping[Node, Node]
) -> Iterator[Unknown]:
    """Resources of the changed side. One under another logical id is the same where its name is."""
    predecessors = {new: old for old, new in same.items()}
    stack = head.stacks.get(name)
    for logical_id in stack.resources if stack else ():
        if stack:
            yield from _resource(base, head, stack, logical_id, predecessors.get((name, logical_id)), heirs)


def _resource(
    base: Assembly, head: Assembly, stack: Stack, logical_id: str, predecessor: Node | None, heirs: Mapping[Node, Node]
) -> Iterator[Unknown]:
    node = stack.name, logical_id
    before_node = predecessor or node
    kind = head.type_of(node)
    added = base.type_of(before_node) != kind
    new = stack.resources[logical_id]
    old: Mapping[str, Any] = {} if added else base.stacks[before_node[0]].resources[before_node[1]]
    before, after = {} if added else _moved(base.properties(before_node), heirs), head.properties(node)
    rules = PROPERTIES.get(kind)
    if rules is None:
        if added or before != after:
            yield _unknown(stack, logical_id, "added" if added else "modified", None, None)
        return
    resource = Resource(head, stack, logical_id, added)
    for key in dict.fromkeys([*after, *before]):
        was, now = before.get(key), after.get(key)
        rule = rules.get(key, rules.get("*"))
        if was != now and (rule is None or _holds_a_macro(now) or not rule(resource, was, now)):
            yield _unknown(stack, logical_id, key, _text(base, was), _text(head, now))
    for key in sorted({*old, *new} - {*_AROUND}):
        if old.get(key) != new.get(key):
            yield _unknown(stack, logical_id, key, _text(base, old.get(key)), _text(head, new.get(key)))
    for key in _KEPT:
        if not added and old.get(key) != new.get(key) and not str(new.get(key)).startswith("Retain"):
            yield _unknown(stack, logical_id, key, _text(base, old.get(key)), _text(head, new.get(key)))


def _moved(value: Any, heirs: Mapping[Node, Node]) -> Any:
    """A resolved value with what it refers to in the place that it has now."""
    if isinstance(value, Reference):
        return replace(value, **dict(zip(("stack", "logical_id"), heirs.get(value.node, value.node), strict=True)))
    if isinstance(value, list):
        return [_moved(item, heirs) for item in value]
    return {key: _moved(item, heirs) for key, item in value.items()} if isinstance(value, dict) else value


def _takes_a_limit_away(base: Assembly, head: Assembly, node: tuple[str, str]) -> bool:
    kind = base.type_of(node)
    if kind not in PROPERTIES:
        return True
    if kind not in GUARDS:
        return False
    limited = {reference.node for reference in references(base.properties(node).get(GUARDS[kind]))}
    return not limited or any(head.type_of(each) for each in limited)


def _around(base: Assembly, head: Assembly, name: str) -> Iterator[Unknown]:
    """What stands beside the resources of a stack."""
    old, new = base.stacks.get(name), head.stacks.get(name)
    if new is None:
        return
    before, after = ({**stack.template, **stack.settings} if stack else {} for stack in (old, new))
    for key in after:
        if key in _PLAIN or before.get(key) == after[key] or (key, after[key]) == ("TerminationProtection", True):
            continue
        if key == "Parameters":
            changed = [item for item in after[key] if before.get(key, {}).get(item) != after[key][item]]
            what = [f"{key}.{item}" for item in changed if not _published(head, new, after[key][item])]
        elif key == "StackTags":
            tags = [stack.get(key, {}).get("environment") for stack in (before, after)]
            what = [key] if tags[1] != new.environment and tags[0] != tags[1] else []
        else:
            what = [key] if old or key != "TerminationProtection" else []
        for item in what:
            yield Unknown(
                environment=new.environment,
                resource=name,
                type="",
                what=item,
                before=_text(base, before.get(key)),
                after=_text(head, after[key]),
            )


def _published(head: Assembly, stack: Stack, parameter: Mapping[str, Any]) -> bool:
    """What another stack of the environment says, or the bootstrap's version."""
    if parameter.get("Type") != _SSM:
        return False
    names = {
        str(properties.get("Name"))
        for other, _, properties in head.of_type("AWS::SSM::Parameter")
        if other.environment == stack.environment
    }
    return parameter.get("Default") in {_BOOTSTRAP, *names}


def violations(head: Assembly) -> tuple[str, ...]:
    """Rules that no change may break, each with the place that breaks it."""
    return (*_secrets_outside(head), *_same_names(head), *_other_flows(head))


def _secrets_outside(head: Assembly) -> Iterator[str]:
    """A client's secret in a template: its attribute, or a reference that CloudFormation resolves."""
    for stack in head.stacks.values():
        for part in ("Resources", "Outputs"):
            for key, value in stack.template.get(part, {}).items():
                resolved = head.values(stack, {k: v for k, v in value.items() if k != "Metadata"})
                if _is_secret(head, resolved):
                    where = stack.path(key) if part == "Resources" else f"{stack.name}/{part}/{key}"
                    yield f"{where}: a secret outside Secrets Manager: whoever reads the stack reads it"


def _is_secret(head: Assembly, value: Any) -> bool:
    attributes = (reference for reference in references(value) if reference.attribute == "ClientSecret")
    return any(head.type_of(reference.node) == CLIENT for reference in attributes) or any(
        mark in text for text in _texts(value) for mark in _RESOLVED
    )


def _same_names(head: Assembly) -> Iterator[str]:
    """Wherever names are compared, one of them would stand for both."""
    names = Counter(
        f"{stack.environment}/{head.text(properties.get('ClientName'))}"
        for stack, _, properties in head.of_type(CLIENT)
    )
    yield from (f"{name}: {count} app clients have this name" for name, count in names.items() if count > 1)


def _other_flows(head: Assembly) -> Iterator[str]:
    for stack, logical_id, properties in head.of_type(CLIENT):
        flows = properties.get("AllowedOAuthFlows", [])
        if flows not in ([], ["client_credentials"]):
            yield f"{stack.path(logical_id)}: the flow {head.text(flows)}: expected client_credentials alone"


def _holds_a_macro(value: Any) -> bool:
    items: Iterable[Any] = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return (isinstance(value, dict) and "Fn::Transform" in value) or any(map(_holds_a_macro, items))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


def _unknown(stack: Stack, logical_id: str, what: str, before: str | None, after: str | None) -> Unknown:
    return Unknown(
        environment=stack.environment,
        resource=stack.path(logical_id),
        type=str(stack.resources[logical_id]["Type"]),
        what=what,
        before=before,
        after=after,
    )


def _text(assembly: Assembly, value: Any) -> str | None:
    return None if value is None else short(assembly.text(value))
