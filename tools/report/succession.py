"""Which new resource takes the place of a removed one: a changed logical id is a replacement, not two events."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence

from tools.template import Assembly

Node = tuple[str, str]
_NAMES = {
    "AWS::Cognito::UserPoolClient": "ClientName",
    "AWS::Cognito::UserPoolDomain": "Domain",
    "AWS::Cognito::UserPoolResourceServer": "Identifier",
    "AWS::DynamoDB::GlobalTable": "TableName",
}
"""The property that names a resource where it is not called Name or <Type>Name."""
_GUARDING = ("AWS::SecretsManager::ResourcePolicy",)
"""What comes and goes with the resource that it guards: another's takes no place of its own."""


def successors(
    base: Assembly, head: Assembly, removed: Sequence[Node], added: Sequence[Node]
) -> dict[Node, tuple[Node, str]]:
    """For each removed resource that has one: the added resource in its place, and how it can be told."""
    found: dict[Node, tuple[Node, str]] = {}
    # From the surest sign to the weakest; each resource succeeds and is succeeded once.
    for key in _SIGNS:
        old: dict[Hashable, list[Node]] = defaultdict(list)
        new: dict[Hashable, list[Node]] = defaultdict(list)
        for node in removed:
            if node not in found and (value := key(base, node)):
                old[value].append(node)
        taken = {heir for heir, _ in found.values()}
        for node in added:
            if node not in taken and (value := key(head, node)):
                new[value].append(node)
        for value, nodes in old.items():
            if len(nodes) == 1 and len(new[value]) == 1:
                found[nodes[0]] = (new[value][0], _reason(head, nodes[0], new[value][0]))
    return found


def _reason(head: Assembly, old: Node, new: Node) -> str:
    if old[0] != new[0]:
        return f"it moves to {head.stacks[new[0]].label(new[1])}, in another stack"
    return f"its logical id changes to {new[1]}"


def _path(assembly: Assembly, node: Node) -> Hashable:
    stack = assembly.stacks[node[0]]
    return stack.name, stack.resources[node[1]]["Type"], stack.path(node[1])


def name_of(assembly: Assembly, node: Node) -> Hashable:
    """The name that a resource has in its environment, of its type; None where CloudFormation makes one up."""
    stack = assembly.stacks[node[0]]
    resource_type: str = stack.resources[node[1]]["Type"]
    properties = assembly.properties(node)
    default = f"{resource_type.rsplit('::', 1)[-1]}Name"
    name = properties.get(_NAMES.get(resource_type, default)) or properties.get("Name")
    return (stack.environment, resource_type, assembly.text(name)) if name else None


def _only_one(assembly: Assembly, node: Node) -> Hashable:
    """A nameless resource that is the only one of its type to leave its stack, when only one arrives."""
    stack = assembly.stacks[node[0]]
    resource_type = stack.resources[node[1]]["Type"]
    return None if resource_type in _GUARDING or name_of(assembly, node) else (stack.name, resource_type)


_SIGNS: tuple[Callable[[Assembly, Node], Hashable], ...] = (_path, name_of, _only_one)
