"""A change set that changes outputs alone, which ministack 1.5.33 takes for one without changes.

Extends `services.cloudformation.handlers._ACTION_HANDLERS`. A weak reference between stacks is an output, so the first
client that refers to something of another stack changes nothing else there. CloudFormation updates a stack's outputs on
their own: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html.
"""

from collections.abc import Callable
from typing import Any, Final

from local.emulator.actions import Answer
from local.emulator.hooks import Hook

_HANDLERS: Final = Hook("services.cloudformation.handlers", "_ACTION_HANDLERS")
_FIND: Final = Hook("services.cloudformation.changesets", "_find_change_set", ("cs_name", "stack_name"))
_STACKS: Final = Hook("services.cloudformation", "_stacks")
_PARAMETER: Final = Hook("services.cloudformation.helpers", "_p", ("params", "key"))
HOOKS: Final = (_HANDLERS, _FIND, _STACKS, _PARAMETER)

_EMPTY: Final = "The submitted information didn't contain changes."


def _keeping_outputs(original: Callable[[Any], Answer]) -> Callable[[Any], Answer]:
    def create(params: Any) -> Answer:
        answer = original(params)
        _, made = _FIND(_PARAMETER(params, "ChangeSetName"), _PARAMETER(params, "StackName"))
        if made and made["StatusReason"].startswith(_EMPTY):
            stack = _STACKS.value.get(made["StackName"], {})
            if made["_template"].get("Outputs", {}) != stack.get("_template", {}).get("Outputs", {}):
                made |= {"Status": "CREATE_COMPLETE", "ExecutionStatus": "AVAILABLE", "StatusReason": ""}
        return answer

    return create


def install() -> None:
    """Let change sets change outputs."""
    handlers = _HANDLERS.value
    handlers["CreateChangeSet"] = _keeping_outputs(handlers["CreateChangeSet"])
