"""Every resource that a change adds, removes, modifies or replaces, and why it is replaced."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from tools.report.asset import same_but_for_assets, short
from tools.report.replacement import conditionally_create_only, create_only, select
from tools.report.succession import successors
from tools.template import Assembly, rank, references

Node = tuple[str, str]
Action = Literal["added", "removed", "modified", "code changed", "redeployed", "replaced", "may be replaced"]
_DEPLOYMENT = "AWS::ApiGateway::Deployment"
_DELETED = "its stack is not synthesized any more: `make deploy` deletes it"
_ORPHANED = "its stack is not synthesized any more: what was deployed lives on until somebody deletes that stack"
_REPLACED = "of what is replaced"
# Metadata is CDK's own notes, and order of creation is not a property of what is created.
_NOT_COMPARED = ("Type", "Metadata", "DependsOn")


@dataclass(frozen=True, kw_only=True)
class PropertyChange:
    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True, kw_only=True)
class ResourceChange:
    """`resource` is the construct path before the change (after it, for an added one); `because` why it is replaced."""

    environment: str
    stack: str
    resource: str
    logical_id: str
    type: str
    action: Action
    because: tuple[str, ...] = ()
    properties: tuple[PropertyChange, ...] = ()
    retained: bool = False
    """The stack lets go of it, and it stays in the account (DeletionPolicy or UpdateReplacePolicy)."""


@dataclass
class _Pair:
    """A resource before and after; `because` fills up while consequences are followed."""

    before: Node
    after: Node
    because: list[str] = field(default_factory=list)
    maybe: list[str] = field(default_factory=list)
    follows: set[str] = field(default_factory=set)
    """Properties that hold the id of something that is replaced."""


def compare(base: Assembly, head: Assembly) -> tuple[ResourceChange, ...]:
    """The changes of every template, ordered by stack and construct path."""
    before, after = set(nodes(base)), set(nodes(head))
    pairs = [_Pair(node, node) for node in sorted(before & after)]
    heirs = successors(base, head, sorted(before - after), sorted(after - before))
    pairs += [_Pair(old, new, [reason]) for old, (new, reason) in heirs.items()]
    _judge(base, head, pairs)
    _follow(base, head, pairs)
    changes = [change for pair in pairs if (change := _changed(base, head, pair))]
    for node in before - after - set(heirs):
        changes.append(_single(base, node, "removed", _orphaned(base, head, node[0])))
    changes += [_single(head, node, "added") for node in after - before - {new for new, _ in heirs.values()}]
    order = {name: place for place, name in enumerate(dict.fromkeys([*head.stacks, *base.stacks]))}
    environments = rank(base, head)
    return tuple(
        sorted(changes, key=lambda of: (environments[of.environment], order[of.stack], of.resource, of.logical_id))
    )


def _orphaned(base: Assembly, head: Assembly, name: str) -> tuple[str, ...]:
    """The end of what a stack held that the head does not make."""
    if name in head.stacks:
        return ()
    return (_DELETED if base.stacks[name].holds_clients else _ORPHANED,)


def nodes(assembly: Assembly) -> Iterator[Node]:
    """Every resource, as its stack's name and logical id."""
    for stack in assembly.stacks.values():
        for logical_id in stack.resources:
            yield stack.name, logical_id


def _type(assembly: Assembly, node: Node) -> str:
    found: str = assembly.stacks[node[0]].resources[node[1]]["Type"]
    return found


def _judge(base: Assembly, head: Assembly, pairs: list[_Pair]) -> None:
    for pair in pairs:
        here, there = base.stacks[pair.before[0]].target, head.stacks[pair.after[0]].target
        if here != there:
            pair.because.append(f"its stack moves from {here} to {there}, which makes everything in it anew")
        old, new = _type(base, pair.before), _type(head, pair.after)
        if old != new:
            pair.because.append(f"its type changes to {new}, which CloudFormation refuses in place")
            continue
        before, after = base.properties(pair.before), head.properties(pair.after)
        for path in create_only(old):
            if select(before, path) != select(after, path):
                pair.because.append(f"{'.'.join(path)} changes and can only be set at creation")
        for path in conditionally_create_only(old):
            if select(before, path) != select(after, path):
                pair.maybe.append(f"{'.'.join(path)} changes, which can replace it")


def _follow(base: Assembly, head: Assembly, pairs: list[_Pair]) -> None:
    """A replaced resource has a new id, so whatever can take an id only at creation is replaced with it, and so on;
    whatever else holds the id is modified, though its template is not."""
    users: dict[Node, list[tuple[_Pair, str]]] = defaultdict(list)
    for pair in pairs:
        for name, value in head.properties(pair.after).items():
            for node in {reference.node for reference in references(value)}:
                users[node].append((pair, name))
    queue = [pair for pair in pairs if pair.because and _type(head, pair.after) != _DEPLOYMENT]
    while queue:
        replaced = queue.pop()
        name = base.stacks[replaced.before[0]].label(replaced.before[1])
        for pair, user in users[replaced.after]:
            pair.follows.add(user)
            pointers = create_only(_type(head, pair.after))
            fixed = [pointer for pointer in pointers if _holds(head, pair.after, pointer, replaced.after)]
            if fixed and not pair.because:
                pair.because.append(f"{'.'.join(fixed[0])} is of {name}, which is replaced")
                queue.append(pair)


def _holds(head: Assembly, node: Node, pointer: tuple[str, ...], wanted: Node) -> bool:
    return any(reference.node == wanted for reference in references(select(head.properties(node), pointer)))


def _changed(base: Assembly, head: Assembly, pair: _Pair) -> ResourceChange | None:
    stack, new_stack = base.stacks[pair.before[0]], head.stacks[pair.after[0]]
    old, new = stack.resources[pair.before[1]], new_stack.resources[pair.after[1]]
    before, after = base.values(stack, _compared(old)), head.values(new_stack, _compared(new))
    properties = tuple(_differences(base, head, before, after, ""))
    changed = {item.path.split(".")[0].split("[")[0] for item in properties}
    for name in sorted(pair.follows - changed):
        text = head.text(after["Properties"][name])
        properties += (PropertyChange(path=name, before=text, after=f"{text}, {_REPLACED}"),)
    action: Action = "modified"
    if pair.because:
        action = "redeployed" if old["Type"] == _DEPLOYMENT else "replaced"
    elif pair.maybe:
        action = "may be replaced"
    elif not properties:
        return None
    elif not pair.follows and same_but_for_assets(before, after):
        action = "code changed"
    # To CloudFormation, an old logical id is a resource that is removed.
    policy = "UpdateReplacePolicy" if pair.before == pair.after else "DeletionPolicy"
    return ResourceChange(
        environment=stack.environment,
        stack=stack.name,
        resource=stack.path(pair.before[1]),
        logical_id=pair.before[1],
        type=old["Type"],
        action=action,
        because=() if action == "redeployed" else tuple(pair.because or pair.maybe),
        properties=properties,
        retained=action == "replaced" and str(old.get(policy, "")).startswith("Retain"),
    )


def _compared(resource: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in resource.items() if key not in _NOT_COMPARED}


def _single(
    assembly: Assembly, node: Node, action: Literal["added", "removed"], because: tuple[str, ...] = ()
) -> ResourceChange:
    stack = assembly.stacks[node[0]]
    resource = stack.resources[node[1]]
    return ResourceChange(
        environment=stack.environment,
        stack=stack.name,
        resource=stack.path(node[1]),
        logical_id=node[1],
        type=resource["Type"],
        action=action,
        because=because,
        retained=action == "removed" and str(resource.get("DeletionPolicy", "")).startswith("Retain"),
    )


def _differences(base: Assembly, head: Assembly, before: Any, after: Any, path: str) -> Iterator[PropertyChange]:
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict) and "Fn::Join" not in before | after:
        for key in sorted({*before, *after}):
            inner = f"{path}.{key}" if path and path != "Properties" else key
            yield from _differences(base, head, before.get(key), after.get(key), inner)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from _differences(base, head, old, new, f"{path}[{index}]")
    else:
        old_text = None if before is None else short(base.text(before))
        new_text = None if after is None else short(head.text(after))
        # Equal texts are references to a resource and to its successor, which is reported itself.
        if old_text != new_text:
            yield PropertyChange(path=path, before=old_text, after=new_text)
