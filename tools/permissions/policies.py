"""The statements of the policies in an assembly, with every reference filled in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stacks import execution_policy
from stacks.environments import ENVIRONMENTS
from tools.permissions.arns import EXAMPLE_ACCOUNT, Arns, Node
from tools.template import Assembly

Statements = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Role:
    """A role of a template and all that its own policies say."""

    node: Node
    boundary: str
    """The ARN of its permissions boundary; '' without one."""
    statements: Statements


def managed(assembly: Assembly, name: str, *, account: str = EXAMPLE_ACCOUNT) -> Statements:
    """The statements of the managed policy of this name. Raises KeyError where no template makes it."""
    for stack, _, properties in assembly.of_type("AWS::IAM::ManagedPolicy"):
        arns = Arns(assembly, stack.environment, account)
        if arns.text(properties.get("ManagedPolicyName")) == name:
            return _statements(arns, properties)
    raise KeyError(name)


def execution(assembly: Assembly, environment: str, *, account: str = EXAMPLE_ACCOUNT) -> Statements:
    """All that CloudFormation may do when it deploys the environment: its role has two policies."""
    names = execution_policy.names(next(each for each in ENVIRONMENTS if each.name == environment))
    return [each for name in names for each in managed(assembly, name, account=account)]


def roles(assembly: Assembly, environment: str, *, account: str = EXAMPLE_ACCOUNT) -> Iterator[Role]:
    """Every role of an environment's stacks, with its inline policies and those that are attached to it apart."""
    arns = Arns(assembly, environment, account)
    policies = [
        (properties.get("Roles", ()), _statements(arns, properties))
        for stack, _, properties in assembly.of_type("AWS::IAM::Policy")
        if stack.environment == environment
    ]
    for stack, logical_id, properties in assembly.of_type("AWS::IAM::Role"):
        if stack.environment != environment:
            continue
        node = (stack.name, logical_id)
        attached = [said for named, said in policies if any(getattr(each, "node", None) == node for each in named)]
        inline = [_statements(arns, each) for each in properties.get("Policies", ())]
        boundary = arns.text(properties.get("PermissionsBoundary", ""))
        yield Role(node, boundary, [statement for said in [*inline, *attached] for statement in said])


def _statements(arns: Arns, properties: Mapping[str, Any]) -> Statements:
    statements: Statements = _fill(arns, properties["PolicyDocument"])["Statement"]
    return statements


def _fill(arns: Arns, value: Any) -> Any:
    if isinstance(value, dict) and set(value) != {"Fn::Join"}:
        return {key: _fill(arns, item) for key, item in value.items()}
    if isinstance(value, list):
        return [_fill(arns, item) for item in value]
    return arns.text(value)
