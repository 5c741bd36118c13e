"""As many of a function's requests at once as this machine can run; the others wait their turn.

ministack 1.5.33 starts a process for each request that meets no idle one (`services.lambda_svc`,
`_execute_function_warm`). 200 callers would start 200 processes on two cores, and every timeout would pass meanwhile.
"""

import os
from collections.abc import Callable
from threading import BoundedSemaphore
from typing import Any, Final

from local.emulator.actions import Members
from local.emulator.hooks import Hook

_EXECUTE: Final = Hook("services.lambda_svc", "_execute_function_warm", ("func", "event", "request_id"))
HOOKS: Final = (_EXECUTE,)
AT_ONCE: Final = os.cpu_count() or 1


def _queueing(original: Callable[..., Members]) -> Callable[..., Members]:
    # By function, so that functions which call each other cannot wait for one another.
    places: dict[str, BoundedSemaphore] = {}

    def execute(func: Members, event: Any, request_id: str) -> Members:
        config = func.get("config") or func
        with places.setdefault(config.get("FunctionArn", ""), BoundedSemaphore(AT_ONCE)):
            return original(func, event, request_id)

    return execute


def install() -> None:
    """Let requests wait for a worker instead of starting one each."""
    _EXECUTE.replace(_queueing)
