"""The resources that ministack 1.5.33 cannot hold: it takes them, does nothing about them, and `make up` names them.

Extends `services.cloudformation.provisioners._RESOURCE_HANDLERS`. A type is here when ministack refuses every template
that has it, and nothing that runs on a laptop depends on it.
"""

import uuid
from collections.abc import Callable
from typing import Any, Final

from local.emulator import stack_types
from local.emulator.actions import Members
from local.emulator.hooks import Hook
from local.emulator.stack_types import Provisioned

_HANDLERS: Final = Hook("services.cloudformation.provisioners", "_RESOURCE_HANDLERS")
HOOKS: Final = (_HANDLERS,)

TYPES: Final = (
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::CloudWatch::InsightRule",
    "AWS::Logs::QueryDefinition",
    "AWS::WAFv2::LoggingConfiguration",
    "AWS::WAFv2::WebACLAssociation",
)
"""Left out whole."""
ALARM: Final = "AWS::CloudWatch::Alarm"
"""Left out where it watches `Metrics`, which is an expression or a query: ministack takes single metrics alone."""
_MARK: Final = "left-out-"


def is_left_out(physical_id: str) -> bool:
    """Whether a deployed resource's physical id is one that this module gave."""
    return physical_id.startswith(_MARK)


def _create(logical_id: str, props: Members, _stack_name: str) -> Provisioned:
    named = props.get("AlarmName") or props.get("RuleName") or props.get("Name") or logical_id
    identity = f"{_MARK}{named}-{uuid.uuid4().hex[:12]}"
    arn = f"arn:aws:cloudwatch:us-east-1:000000000000:alarm:{named}"
    return identity, {"Arn": arn, "QueryDefinitionId": identity, "RuleName": named}


def _update(physical_id: str, _old: Members, _new: Members, _stack_name: str, _logical_id: str) -> Provisioned:
    return physical_id, {}


def _delete(_physical_id: str, _props: Members) -> None:
    pass


def _choosing(original: dict[str, Any]) -> dict[str, Callable[..., Any]]:
    """ministack's own handlers of an alarm, and this module's for one that watches an expression."""

    def create(logical_id: str, props: Members, stack_name: str) -> Provisioned:
        made: Provisioned = (_create if "Metrics" in props else original["create"])(logical_id, props, stack_name)
        return made

    def update(physical_id: str, old: Members, new: Members, stack_name: str, logical_id: str) -> Provisioned:
        if ("Metrics" in old, "Metrics" in new) == (False, False):
            arguments = (logical_id,) if original.get("update_with_logical_id") else ()
            updated: Provisioned = original["update"](physical_id, old, new, stack_name, *arguments)
            return updated
        delete(physical_id, old)
        return create(logical_id, new, stack_name)

    def delete(physical_id: str, props: Members) -> None:
        (_delete if is_left_out(physical_id) else original["delete"])(physical_id, props)

    return {"create": create, "update": update, "delete": delete}


def install() -> None:
    """Take the types, and the alarms, that ministack refuses."""
    for name in TYPES:
        stack_types.register(
            name,
            replacing=(),
            reader=lambda _id, props: props,
            readable=(),
            create=_create,
            update=_update,
            delete=_delete,
        )
    _HANDLERS.value[ALARM] = _choosing(_HANDLERS.value[ALARM]) | {"update_with_logical_id": True}
