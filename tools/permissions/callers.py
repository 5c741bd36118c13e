"""The requests that each role of ours makes: of functions from their code, of commands and services from calls.yaml."""

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from tools.permissions import authorization, code
from tools.permissions.arns import EXAMPLE_ACCOUNT, Arns, Node, region
from tools.permissions.policies import Role, roles
from tools.permissions.requests import STACK_ID, Request, resource_tags
from tools.template import Assembly

LAMBDAS: Final = Path(__file__).parents[2] / "lambdas"


@cache
def listed() -> list[dict[str, Any]]:
    """The entries of calls.yaml."""
    found: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("calls.yaml").read_text())
    return found


def calls_of(
    assembly: Assembly, environment: str, stage: str, *, account: str = EXAMPLE_ACCOUNT
) -> Iterator[tuple[Role, tuple[Request, ...]]]:
    """Each role that a stage makes for an environment (`delivery` makes some for each), and all that it asks for."""
    arns = Arns(assembly, environment, account)
    for role in roles(assembly, stage, account=account):
        if stage == environment or role.node[0] == f"otto-{environment}-{stage}":
            requests = (*_of_functions(assembly, arns, role.node), *_of_list(assembly, arns, environment, role.node))
            yield role, requests


def _of_functions(assembly: Assembly, arns: Arns, role: Node) -> Iterator[Request]:
    """What the functions that have this role ask for: by their code, for their log, and for their traces."""
    for stack, logical_id, properties in assembly.of_type("AWS::Lambda::Function"):
        if getattr(properties["Role"], "node", None) != role:
            continue
        node = (stack.name, logical_id)
        package = properties["Handler"].partition(".")[0]
        for action in sorted(code.actions(LAMBDAS / package)):
            for target in _targets(arns, node, action):
                yield Request(action, target, resource_tags(arns, target), f"lambdas/{package}")
        log = properties["LoggingConfig"]["LogGroup"].node
        for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
            yield Request(action, f"{arns.own(log)[0]}:log-stream:one", {}, f"the log of lambdas/{package}")
        if properties.get("TracingConfig", {}).get("Mode") == "Active":
            for action in ("xray:PutTelemetryRecords", "xray:PutTraceSegments"):
                yield Request(action, "*", {}, f"the traces of lambdas/{package}")


def _targets(arns: Arns, function: Node, name: str) -> list[str]:
    """What a function's action is asked on: what its settings name, else everything of that kind in the environment."""
    action = authorization.known(name)
    if action is None:
        raise ValueError(f"{name}: IAM has no such action")
    if not action.resources:
        return ["*"]
    for way in (arns.named(function), arns.everything()):
        if fitting := list(_fitting(name, way)):
            return fitting
    raise ValueError(f"{name}: the environment has nothing that it takes")


def _fitting(name: str, arns: Iterable[str]) -> Iterator[str]:
    """Those of the ARNs that an action takes."""
    action = authorization.known(name)
    yield from (arn for arn in arns if action and any(taken.fits(arn) for taken in action.resources))


def _of_list(assembly: Assembly, arns: Arns, environment: str, role: Node) -> Iterator[Request]:
    for entry in listed():
        if (entry.get("stack", "").format(env=environment), entry.get("role")) == (role[0], _construct(role[1])):
            yield from _calls(assembly, arns, environment, entry["calls"])


def _construct(logical_id: str) -> str:
    """A construct's name: a logical id without the eight characters that the CDK adds."""
    return logical_id[:-8]


def bootstrap_calls(assembly: Assembly, environment: str, role: str) -> Iterator[Request]:
    """The requests that the CDK CLI makes with one of bootstrap's roles."""
    for entry in listed():
        if entry.get("bootstrap") == role:
            yield from _calls(assembly, Arns(assembly, environment), environment, entry["calls"])


def _calls(assembly: Assembly, arns: Arns, environment: str, calls: list[dict[str, Any]]) -> Iterator[Request]:
    for call in calls:
        for action in call["actions"]:
            for target in _listed_targets(assembly, arns, environment, action, call):
                yield Request(action, target, resource_tags(arns, target), call["by"])


def _listed_targets(
    assembly: Assembly, arns: Arns, environment: str, action: str, call: dict[str, Any]
) -> Iterator[str]:
    stacks = [stack for stack in assembly.stacks.values() if stack.environment == environment]
    where = {"region": region(stacks[0]), "account": arns.account, "env": environment}
    for form in call.get("resources", ()):
        yield "*" if form == "*" else "arn:aws:" + form.format(**where)
    if call.get("each") == "stack":
        for stack in stacks:
            yield f"arn:aws:cloudformation:{region(stack)}:{arns.account}:stack/{stack.name}/{STACK_ID}"
    for stack in stacks:
        for logical_id, resource in stack.resources.items():
            if resource["Type"] == call.get("each"):
                yield arns.own((stack.name, logical_id))[0]
            elif resource["Type"] == call.get("named"):
                yield from _fitting(action, arns.named((stack.name, logical_id)))
