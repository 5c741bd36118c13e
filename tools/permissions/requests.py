"""Every request to AWS that CloudFormation makes with its execution role when it deploys an environment."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tools.permissions import authorization, demands, schemas
from tools.permissions.arns import EXAMPLE_ACCOUNT, Arns, Node, region
from tools.permissions.authorization import Action
from tools.template import Assembly, Stack

Context = dict[str, tuple[str, ...]]
_SSM_TYPE: Final = "AWS::SSM::Parameter::Value<"
STACK_ID: Final = "1234abcd-12ab-34cd-56ef-1234567890ab"
# A new resource's tags need not count yet, so nothing that makes it or a part of it, or reads that back, may rest on
# them in the stack that makes it: at KMS for five minutes. Where AWS relies on them itself, demands.yaml says so.
# https://docs.aws.amazon.com/kms/latest/developerguide/tag-authorization.html (2026-11-25)
_BEFORE_TAGS: Final = ("create", "read", "list")
_SETS_TAGS: Final = ("create", "update", "tags")


@dataclass(frozen=True)
class Request:
    """One call, as IAM decides it."""

    action: str
    resource: str
    """The ARN, or `*` for an action that takes no resource."""
    context: Mapping[str, tuple[str, ...]] = field(hash=False)
    """The values of each condition key that the request carries."""
    why: str
    """The resource that needs it, its stack and the handlers."""


@dataclass(frozen=True)
class _Need:
    """A call before it is told who else makes it."""

    action: str
    resource: str
    context: Context
    who: str
    what: str


def requests_of(assembly: Assembly, environment: str, *, account: str = EXAMPLE_ACCOUNT) -> tuple[Request, ...]:
    """Every request that creates, reads, updates, deletes or lists the resources of one environment's stacks.

    Raises ValueError, with every fault, where a permission in a type's schema fits no resource and no list says why.
    """
    arns = Arns(assembly, environment, account)
    whats: dict[tuple[Any, ...], dict[str, None]] = {}
    faults: dict[str, None] = {}
    for stack in assembly.stacks.values():
        if stack.environment == environment:
            for need in [*_of_template(arns, stack), *_of_resources(arns, stack, faults)]:
                key = (need.action, need.resource, tuple(sorted(need.context.items())), need.who)
                whats.setdefault(key, {})[need.what] = None
    if faults:
        raise ValueError("\n".join(faults))
    return tuple(
        Request(action, resource, dict(context), f"{who}: {', '.join(what)}")
        for (action, resource, context, who), what in whats.items()
    )


def _of_template(arns: Arns, stack: Stack) -> Iterator[_Need]:
    """The template's own: its parameters of SSM's types, and its references to other stacks' outputs."""
    for name, parameter in stack.template.get("Parameters", {}).items():
        if parameter["Type"].startswith(_SSM_TYPE):
            path = parameter["Default"].removeprefix("/")
            arn = f"arn:aws:ssm:{region(stack)}:{arns.account}:parameter/{path}"
            yield _Need("ssm:GetParameters", arn, {}, stack.name, f"parameter {name}")
    for producer in sorted(set(_producers(stack.template))):
        arn = f"arn:aws:cloudformation:{region(stack)}:{arns.account}:stack/{producer}/{STACK_ID}"
        yield _Need("cloudformation:DescribeStacks", arn, {}, stack.name, f"Fn::GetStackOutput of {producer}")


def _producers(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "Fn::GetStackOutput" in value:
            yield str(value["Fn::GetStackOutput"]["StackName"])
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _producers(item)


def _of_resources(arns: Arns, stack: Stack, faults: dict[str, None]) -> Iterator[_Need]:
    for logical_id, resource in stack.resources.items():
        kind = resource["Type"]
        try:
            handlers = schemas.permissions(kind)
        except ValueError as error:
            faults[str(error)] = None
            continue
        for handler, names in handlers.items():
            yield from _of_handler(
                arns, (stack.name, logical_id), f"{stack.path(logical_id)} ({kind})", handler, names, faults
            )


def _of_handler(
    arns: Arns, node: Node, who: str, handler: str, names: Sequence[str], faults: dict[str, None]
) -> Iterator[_Need]:
    kind = arns.kind(node)
    extra = dict(demands.beyond(kind, handler))
    for action in _actions(kind, handler, [*names, *extra]):
        targets = _targets(arns, node, action, handler)
        if action.name in extra:
            targets |= {arns.fill(node, extra[action.name])}
        if not targets and not demands.listed("absent", kind, handler, action.name):
            faults[f"{who}: {handler} asks for {action.name}, and names nothing that it takes"] = None
        for target in sorted(targets):
            yield _Need(action.name, target, _context(arns, node, action, target, handler), who, handler)


def _actions(kind: str, handler: str, names: list[str]) -> Iterator[Action]:
    """The actions that a handler calls here; a schema's pattern, such as dynamodb:Describe*, stands for several."""
    for name in names:
        for each in authorization.expand(name) if "*" in name else (name,):
            if not demands.listed("unused", kind, handler, each):
                yield authorization.known(each) or Action(each, (), frozenset())


def _targets(arns: Arns, node: Node, action: Action, handler: str) -> set[str]:
    """What the action is asked on: the resource itself, where it takes one of its kind, else all that it names."""
    if not action.resources:
        return {"*"}
    if action.name == "iam:PassRole" and (passed := demands.passes().get(arns.kind(node))):
        return arns.at(node, passed["property"])
    ways = [arns.made(node)] if handler == "create" else []
    for way in [*ways, arns.own(node), arns.named(node)]:
        if fitting := {arn for arn in way if any(taken.fits(arn) for taken in action.resources)}:
            return fitting
    return set()


def _context(arns: Arns, node: Node, action: Action, target: str, handler: str) -> Context:
    """The values of the condition keys that AWS gives a request for this action on this resource."""
    keys = action.keys.union(*(taken.keys for taken in action.resources if taken.fits(target)))
    found: Context = {}
    if "aws:requesttag/" in keys and handler in _SETS_TAGS:
        tags = _tags(arns, arns.properties(node))
        found |= {f"aws:RequestTag/{key}": (value,) for key, value in tags.items()}
        found |= {"aws:TagKeys": tuple(sorted(tags))} if tags else {}
    owner = arns.owner(target)
    if "aws:resourcetag/" in keys and _tags_count(arns, node, target, handler):
        found |= resource_tags(arns, target)
    if "iam:permissionsboundary" in keys and "PermissionsBoundary" in owner:
        found["iam:PermissionsBoundary"] = (arns.text(owner["PermissionsBoundary"]),)
    if "iam:passedtoservice" in keys and (passed := demands.passes().get(arns.kind(node))):
        found["iam:PassedToService"] = (passed["service"],)
    return found


def _tags_count(arns: Arns, node: Node, target: str, handler: str) -> bool:
    tagged = arns.tagged(target)
    if tagged is None or handler not in _BEFORE_TAGS or tagged[0] != node[0]:
        return True
    return any(entry["type"] == arns.kind(tagged) for entry in demands.entries("tagged_at_once"))


def resource_tags(arns: Arns, target: str) -> Context:
    """The tags of the resource that has this ARN, or that it is a part of, as condition keys."""
    tagged = arns.tagged(target)
    properties = arns.properties(tagged) if tagged else {}
    return {f"aws:ResourceTag/{key}": (value,) for key, value in _tags(arns, properties).items()}


def _tags(arns: Arns, properties: Mapping[str, Any]) -> dict[str, str]:
    """A resource's tags, in each of the shapes that types have."""
    tags = properties.get("Tags") or properties.get("UserPoolTags") or {}
    for replica in properties.get("Replicas", ()):
        tags = tags or replica.get("Tags", {})
    if isinstance(tags, list):
        tags = {each["Key"]: each["Value"] for each in tags}
    return {key: arns.text(value) for key, value in tags.items()}
