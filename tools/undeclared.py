"""`python -m tools.undeclared ENV`: end, before a deploy, the access of app clients that are declared no more.

A stack that the app no longer has is in no deploy: whatever it made would live on, and so would the access of its app
clients. So the stacks of app clients alone, which hold nobody's data, are deleted: docs/decisions/removed-clients.md.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import boto3
from botocore.exceptions import BotoCoreError, ClientError, WaiterError

from stacks import registry
from stacks.environments import Environment
from stacks.registry.limits import OTHER_ACCOUNT, account_of
from tools import declared, deployed, place
from tools.deployed import ClientStack, Standing
from tools.place import Place

_PATIENCE: Final = {"Delay": 2, "MaxAttempts": 450}


class RefusedError(Exception):
    """What keeps a deploy from being begun; its text says all of it, and the fix."""


def require_deployable(standing: Standing, groups: Iterable[registry.Group]) -> None:
    """Raise RefusedError for clients that another stack holds: the new one's secret could not take its name."""
    paths = {client.name: client.path for group in groups for client in group.clients}
    problems = [
        f"{paths[name]}:1: stack: deployed in the stack of {standing.deployed[name]!r}, declared in that of "
        f"{standing.declared[name]!r}: add `stack: {standing.deployed[name]}`, and nothing of it is lost; for new "
        "credentials under the same name, remove the file, deploy, then add it again"
        for name in standing.moved
    ]
    if problems:
        raise RefusedError("\n".join(problems))


def require_own_readers(groups: Iterable[registry.Group], environment: Environment, account: str) -> None:
    """Raise RefusedError for readers of another account than the environment's, which could decrypt nothing."""
    problems = [
        f"{client.path}:{client.lines.get('environments', 1)}: environments.{environment.name}.readers: {role} is of "
        f"another account than {environment.name}'s, which is {account}, {OTHER_ACCOUNT}"
        for group in groups
        for client in group.clients_in(environment.name)
        for role in client.environments[environment.name].readers
        if account_of(role) != account
    ]
    if problems:
        raise RefusedError("\n".join(problems))


def orphans(
    stacks: Sequence[ClientStack], groups: Iterable[registry.Group], environment: Environment
) -> list[ClientStack]:
    """The deployed stacks of app clients in which no client is declared."""
    kept = registry.by_stack(groups, environment.name)
    return [stack for stack in stacks if stack.group not in kept]


def remove(stack: ClientStack, cloudformation: Any) -> Iterator[str]:
    """Delete a stack, saying so. Raises RefusedError where it holds more than app clients, or is not deleted."""
    if stack.others:
        held = ", ".join(stack.others)
        raise RefusedError(f"{stack.name}: no app client is declared in it, and it is not deleted, for it holds {held}")
    clients = ", ".join(stack.clients) or "none"
    yield f"deletes {stack.name}, in which no app client is declared any more; gets no token from now on: {clients}"
    [described] = cloudformation.describe_stacks(StackName=stack.name)["Stacks"]
    if described.get("EnableTerminationProtection"):
        # It guards against a slip by hand. This deletion is declared, reviewed, and of what is not kept.
        cloudformation.update_termination_protection(StackName=stack.name, EnableTerminationProtection=False)
    cloudformation.delete_stack(StackName=stack.name)
    try:
        cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack.name, WaiterConfig=_PATIENCE)
    except WaiterError as error:
        raise RefusedError(f"{stack.name}: not deleted: {error}; see its events, then deploy again") from error


def find(at: Place, session: Any) -> list[ClientStack]:
    """The stacks to delete before a deploy. Raises RefusedError for what it could not end with, and ClientError."""
    groups, environment = declared.groups(), at.environment
    stacks = deployed.client_stacks(session.client("cloudformation"), environment)
    if not at.endpoint:  # the emulator's account is nobody's
        require_own_readers(groups, environment, session.client("sts").get_caller_identity()["Account"])
    require_deployable(deployed.compare(groups, environment, stacks, ()), groups)
    return orphans(stacks, groups, environment)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.undeclared", description=__doc__)
    parser.add_argument("environment")
    at = place.find(parser.parse_args().environment)
    if at is None:
        sys.exit(f"undeclared: {place.EXPECTED}")
    session = boto3.Session(region_name=at.environment.region)
    try:
        for stack in find(at, session):
            for line in remove(stack, session.client("cloudformation")):
                print(line, flush=True)
    except (RefusedError, BotoCoreError, ClientError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
