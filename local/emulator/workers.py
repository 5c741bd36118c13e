"""When a function's processes start and end.

As many of its requests run at once as this machine can bear, and the others wait their turn: ministack 1.5.33 starts a
process for each request that meets no idle one (`services.lambda_svc`, `_execute_function_warm`). 200 callers would
start 200 processes on two cores, and every timeout would pass meanwhile.

A process that a deployment replaces ends its request first, as in AWS: ministack kills it in the middle
(`core.lambda_runtime`, `kill_workers`), and its caller is answered 502.
"""

import os
import time
from collections.abc import Callable, Iterable
from threading import BoundedSemaphore, Thread
from typing import Any, Final

from local.emulator.actions import Members
from local.emulator.hooks import Hook

_EXECUTE: Final = Hook("services.lambda_svc", "_execute_function_warm", ("func", "event", "request_id"))
_KILL: Final = Hook("core.lambda_runtime", "kill_workers", ("workers",))
HOOKS: Final = (_EXECUTE, _KILL)
AT_ONCE: Final = os.cpu_count() or 1


def _queueing(original: Callable[..., Members]) -> Callable[..., Members]:
    # By function, so that functions which call each other cannot wait for one another.
    places: dict[str, BoundedSemaphore] = {}

    def execute(func: Members, event: Any, request_id: str) -> Members:
        config = func.get("config") or func
        with places.setdefault(config.get("FunctionArn", ""), BoundedSemaphore(AT_ONCE)):
            return original(func, event, request_id)

    return execute


def _sparing(original: Callable[[Iterable[Any]], None]) -> Callable[[Iterable[Any]], None]:
    def end(worker: Any) -> None:
        # One whose request failed is never given back: its function's timeout has passed by then.
        last = time.monotonic() + float(worker.config.get("Timeout", 30))
        while worker.in_use and time.monotonic() < last:
            time.sleep(0.05)
        original([worker])

    def kill(workers: Iterable[Any]) -> None:
        idle = []
        for worker in filter(None, workers):
            if worker.in_use:
                Thread(target=end, args=(worker,), daemon=True).start()
            else:
                idle.append(worker)
        original(idle)

    return kill


def install() -> None:
    """Let requests wait for a worker instead of starting one each, and workers end what they have begun."""
    _EXECUTE.replace(_queueing)
    _KILL.replace(_sparing)
