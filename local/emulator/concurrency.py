"""The account's Lambda concurrency: what may be reserved of it, and functions of stacks that have what they reserve.

Extends ministack 1.5.33, which throttles at a reservation but takes any, and drops the one of a template:
`services.lambda_svc._put_function_concurrency` and the type AWS::Lambda::Function. The limit is its environment's
LAMBDA_ACCOUNT_CONCURRENCY. "You can reserve up to the Unreserved account concurrency value minus 100":
https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html; a new account has 10, all of which stay
unreserved, in the words that aws-samples/one-observability-demo#278 recorded (2026-11-25).
"""

import json
from typing import Any, Final

from local.emulator.actions import Answer, Members
from local.emulator.hooks import Hook
from local.emulator.stack_types import Provisioned

_PUT: Final = Hook("services.lambda_svc", "_put_function_concurrency", ("func_name", "data"))
_DELETE: Final = Hook("services.lambda_svc", "_delete_function_concurrency", ("func_name",))
_FUNCTIONS: Final = Hook("services.lambda_svc", "_functions")
_LIMIT: Final = Hook("services.lambda_svc", "_ACCOUNT_CONCURRENCY_CAP")
_REFUSE: Final = Hook("services.lambda_svc", "error_response_json", ("code", "message", "status"))
_HANDLERS: Final = Hook("services.cloudformation.provisioners", "_RESOURCE_HANDLERS")
HOOKS: Final = (_PUT, _DELETE, _FUNCTIONS, _LIMIT, _REFUSE, _HANDLERS)

UNRESERVED: Final = 100
"""What must stay for functions that reserve nothing; all of a limit that is lower."""
TYPE: Final = "AWS::Lambda::Function"


def _unreserved() -> int:
    """What must stay unreserved here."""
    return int(min(UNRESERVED, _LIMIT.value))


def _is_too_much(name: str, wanted: int) -> bool:
    """Tell whether a function may not reserve so much. Nothing is always possible: it stops the function."""
    functions = _FUNCTIONS.value
    reserved = sum(int(functions[each].get("concurrency") or 0) for each in list(functions.keys()) if each != name)
    return wanted > 0 and reserved + wanted > _LIMIT.value - _unreserved()


def _reserving(original: Any) -> Any:
    def put(name: str, data: Members) -> Answer:
        if not _is_too_much(name, int(data.get("ReservedConcurrentExecutions", 0))):
            answer: Answer = original(name, data)
            return answer
        refused: Answer = _REFUSE(
            "InvalidParameterValueException",
            "Specified ReservedConcurrentExecutions for function decreases account's "
            f"UnreservedConcurrentExecution below its minimum value of [{_unreserved()}].",
            400,
        )
        return refused

    return put


def _reserve(name: str, props: Members) -> None:
    """What CloudFormation asks for a function. Raises ValueError."""
    if "ReservedConcurrentExecutions" not in props:
        _DELETE(name)
        return
    wanted = {"ReservedConcurrentExecutions": int(props["ReservedConcurrentExecutions"])}
    status, _, body = _PUT(name, wanted)
    if status != 200:
        raise ValueError(f"{json.loads(body)['message']} (Service: Lambda, Status Code: {status})")


def _keeping(handlers: dict[str, Any]) -> dict[str, Any]:
    """ministack's own handlers of a function, which then reserves what its template says."""

    def create(logical_id: str, props: Members, stack_name: str) -> Provisioned:
        made: Provisioned = handlers["create"](logical_id, props, stack_name)
        try:
            _reserve(made[0], props)
        except ValueError:
            handlers["delete"](made[0], props)
            raise
        return made

    def update(name: str, old: Members, new: Members, stack_name: str, logical_id: str) -> Provisioned:
        made: Provisioned = handlers["update"](name, old, new, stack_name, logical_id)
        _reserve(made[0], new)
        return made

    return handlers | {"create": create, "update": update}


def install() -> None:
    """Let functions reserve what the account has, and no more."""
    _PUT.replace(_reserving)
    _HANDLERS.value[TYPE] = _keeping(_HANDLERS.value[TYPE])
