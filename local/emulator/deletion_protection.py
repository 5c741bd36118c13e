"""Deletion protection of user pools and tables, for CloudFormation too, and the rollback that it stops.

Extends ministack 1.5.33: `services.cognito._delete_user_pool` deletes a protected pool; `services.cloudformation`
deletes both behind their services' backs, forgets a global table's protection, which is a replica's, and drops from a
rolled-back stack what it could not delete. A pool that has a domain is deleted by nobody either.
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-deletion-protection.html and
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithTables.Basics.html (2026-11-25); Cognito's
words are those of localstack#11947 and, of a domain, hashicorp/terraform-provider-aws#16479, DynamoDB's of
aws-bench#41, all recorded at AWS.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from local.emulator.actions import Members, RefusedError, guarding
from local.emulator.hooks import Hook
from local.emulator.stack_types import Provisioned

_HANDLERS: Final = Hook("services.cloudformation.provisioners", "_RESOURCE_HANDLERS")
_ROLL_BACK: Final = Hook(
    "services.cloudformation.stacks", "_roll_back_operation", ("stack_name", "stack_id", "stack", "operation")
)
_DELETE_POOL: Final = Hook("services.cognito", "_delete_user_pool", ("data",))
_POOLS: Final = Hook("services.cognito", "_user_pools")
_DELETE_TABLE: Final = Hook("services.dynamodb", "_delete_table", ("data",))
_TABLES: Final = Hook("services.dynamodb", "_tables")
_TABLE_NAME: Final = Hook("services.dynamodb", "_normalize_table_name", ("value",))
HOOKS: Final = (_HANDLERS, _ROLL_BACK, _DELETE_POOL, _POOLS, _DELETE_TABLE, _TABLES, _TABLE_NAME)

POOL: Final = "AWS::Cognito::UserPool"
TABLES: Final = ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")
Handlers = dict[str, Any]


def _require_pool_unprotected(data: Members) -> None:
    pool = _POOLS.value.get(data.get("UserPoolId"), {})
    if pool.get("Domain") or pool.get("CustomDomain"):
        raise RefusedError(
            "InvalidParameterException",
            "User pool cannot be deleted. It has a domain configured that should be deleted first.",
        )
    if pool.get("DeletionProtection") == "ACTIVE":
        raise RefusedError(
            "InvalidParameterException",
            "The user pool cannot be deleted because deletion protection is activated. "
            "Deletion protection must be inactivated first.",
        )


def _require_table_unprotected(data: Members) -> None:
    if _TABLES.value.get(_TABLE_NAME(data.get("TableName")), {}).get("DeletionProtectionEnabled"):
        raise RefusedError(
            "ValidationException",
            "Resource cannot be deleted as it is currently protected against deletion. "
            "Disable deletion protection first.",
        )


def _guarding_stacks(handlers: Handlers, check: Callable[[Members], None], name: str) -> Handlers:
    """A type's handlers, whose delete asks the service's own `check` of the resource called `name` there."""

    def delete(physical_id: str, props: Members) -> None:
        try:
            check({name: physical_id})
        except RefusedError as refusal:
            raise ValueError(refusal.args[1]) from None
        handlers["delete"](physical_id, props)

    return handlers | {"delete": delete}


def _protecting_replicas(handlers: Handlers) -> Handlers:
    """A global table's handlers, which give its one table the protection of its replica here."""

    def protect(made: Provisioned, props: Members) -> Provisioned:
        protected = any(each.get("DeletionProtectionEnabled") for each in props.get("Replicas", []))
        _TABLES.value[made[0]]["DeletionProtectionEnabled"] = protected
        return made

    def create(logical_id: str, props: Members, stack_name: str) -> Provisioned:
        return protect(handlers["create"](logical_id, props, stack_name), props)

    def update(physical_id: str, old: Members, new: Members, stack_name: str) -> Provisioned:
        return protect(handlers["update"](physical_id, old, new, stack_name), new)

    return handlers | {"create": create, "update": update}


def _keeping_undeleted(original: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    async def roll_back(stack_name: str, stack_id: str, stack: Members, operation: Members, *rest: Any) -> None:
        """A stack in ROLLBACK_FAILED still has, as DELETE_FAILED, what it could not delete, and its template."""
        made = dict(stack.get("_resources", {}))
        await original(stack_name, stack_id, stack, operation, *rest)
        if stack["StackStatus"] == "ROLLBACK_FAILED":
            left = stack["_rollback_failed"]
            stack["_resources"] = {name: made[name] | {"ResourceStatus": "DELETE_FAILED"} for name in left}
            stack["_template"] = operation["template"]

    return roll_back


def install() -> None:
    """Let nothing delete what is protected."""
    _DELETE_POOL.replace(guarding(_require_pool_unprotected))
    _DELETE_TABLE.replace(guarding(_require_table_unprotected))
    _ROLL_BACK.replace(_keeping_undeleted)
    handlers = _HANDLERS.value
    handlers[POOL] = _guarding_stacks(handlers[POOL], _require_pool_unprotected, "UserPoolId")
    for name in TABLES:
        handlers[name] = _guarding_stacks(handlers[name], _require_table_unprotected, "TableName")
    handlers[TABLES[1]] = _protecting_replicas(handlers[TABLES[1]])
