"""Clears away stacks whose first creation failed, so that the next deploy creates them as if nothing had been.

The CDK CLI deletes such a stack itself, but not outside `dev`: it has switched termination protection on before the
creation begins. And a rollback cannot delete a user pool or table that was made with deletion protection, nor does
deleting the stack, which retains them: docs/decisions/failed-first-creations.md.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import boto3
from botocore.exceptions import WaiterError

from stacks.environments import Environment

Client = Callable[[str], Any]
"""Makes a client of an AWS service by its name."""

_ROLLED_BACK: Final = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED")
"""Of a first creation alone: an update is rolled back to UPDATE_ROLLBACK_….

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html (2026-11-25)
"""
_LOOKED_FOR: Final = (*_ROLLED_BACK, "DELETE_FAILED")
_PATIENCE: Final = {"Delay": 2, "MaxAttempts": 450}


@dataclass(frozen=True)
class _Left:
    """A resource that a rollback could not delete."""

    type: str
    name: str


class StuckError(Exception):
    """A stack that cannot be cleared away; its text says why and what to do."""


def clients(environment: Environment) -> Client:
    session: Any = boto3.Session(region_name=environment.region)
    made: Client = session.client
    return made


def failed(environment: Environment, client: Client) -> list[str]:
    """The ids of the environment's stacks that have never once been complete. Raises ClientError."""
    cloudformation = client("cloudformation")
    pages = cloudformation.get_paginator("list_stacks").paginate(StackStatusFilter=list(_LOOKED_FOR))
    found = [each for page in pages for each in page["StackSummaries"] if _is_ours(environment, each["StackName"])]
    return [
        each["StackId"]
        for each in found
        # One that a deletion has failed on may have held data: only its events tell.
        if each["StackStatus"] in _ROLLED_BACK or _was_rolled_back(cloudformation, each["StackId"])
    ]


def clear(stack: str, client: Client) -> Iterator[str]:
    """Delete a stack that was never complete, with what its creation made; one line for each act. Raises StuckError."""
    cloudformation = client("cloudformation")
    name = stack.split("/")[1]
    yield f"{name}: its first creation failed and was rolled back; clearing it away, so that it is created anew"
    left = list(_left(cloudformation, stack))
    [described] = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    if described.get("EnableTerminationProtection"):
        cloudformation.update_termination_protection(StackName=stack, EnableTerminationProtection=False)
        yield f"{name}: switched off its termination protection: it guards nothing that was ever complete"
    for each in left:
        if delete := _DELETES.get(each.type):
            delete(each.name, client)
            yield f"{name}: deleted {each.type} {each.name}, which the creation made and its rollback could not delete"
        else:
            yield f"{name}: {each.type} {each.name} may stay behind: delete it if the creation finds it in its way"
    cloudformation.delete_stack(StackName=stack)
    yield _await_deletion(cloudformation, stack, name)


def _is_ours(environment: Environment, name: str) -> bool:
    """The stack of the roles that deploy is an administrator's."""
    return name.startswith(environment.stack("")) and name != environment.stack("delivery")


def _events(cloudformation: Any, stack: str) -> Iterator[dict[str, Any]]:
    """A stack's events, the newest first. By its id: another stack may have had its name."""
    for page in cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack):
        yield from page["StackEvents"]


def _was_rolled_back(cloudformation: Any, stack: str) -> bool:
    """From there a stack can go nowhere but to its deletion, so one that was rolled back was never complete."""
    own = [each for each in _events(cloudformation, stack) if each.get("PhysicalResourceId") == stack]
    return any(each["ResourceStatus"] in _ROLLED_BACK for each in own)


def _left(cloudformation: Any, stack: str) -> Iterator[_Left]:
    """What the creation made and nothing has deleted since."""
    made, gone, undeleted = set(), set(), {}
    for event in _events(cloudformation, stack):
        named = _Left(event["ResourceType"], event.get("PhysicalResourceId", ""))
        match event["ResourceStatus"]:
            case "CREATE_COMPLETE" | "CREATE_IN_PROGRESS":
                made.add(named)
            case "DELETE_COMPLETE":
                gone.add(named)
            case "DELETE_FAILED" | "DELETE_SKIPPED" if named.name and named.name != stack:
                undeleted[named] = True
    yield from (each for each in undeleted if each in made and each not in gone)


def _delete_pool(pool: str, client: Client) -> None:
    cognito = client("cognito-idp")
    try:
        cognito.update_user_pool(UserPoolId=pool, DeletionProtection="INACTIVE")
        cognito.delete_user_pool(UserPoolId=pool)
    except cognito.exceptions.ResourceNotFoundException:
        return  # an earlier run did it


def _delete_table(table: str, client: Client) -> None:
    dynamodb = client("dynamodb")
    try:
        dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)
        dynamodb.get_waiter("table_exists").wait(TableName=table, WaiterConfig=_PATIENCE)
        dynamodb.delete_table(TableName=table)
    except dynamodb.exceptions.ResourceNotFoundException:
        return


_DELETES: Final[dict[str, Callable[[str, Client], None]]] = {
    "AWS::Cognito::UserPool": _delete_pool,
    "AWS::DynamoDB::GlobalTable": _delete_table,
    "AWS::DynamoDB::Table": _delete_table,
}
"""The types that are made with deletion protection."""


def _await_deletion(cloudformation: Any, stack: str, name: str) -> str:
    try:
        cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack, WaiterConfig=_PATIENCE)
    except WaiterError:
        reason = next(_events(cloudformation, stack)).get("ResourceStatusReason", "it takes too long")
        raise StuckError(f"{name}: it cannot be deleted: {reason}; delete it by hand, then deploy again") from None
    return f"{name}: deleted the stack"
