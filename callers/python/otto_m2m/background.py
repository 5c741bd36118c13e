"""Work in threads that no interpreter waits for, with an end that any thread or asyncio task can wait for."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TypeVar

T = TypeVar("T")


def begin(work: Callable[[], None]) -> None:
    """Run `work` in a daemon thread. Raises RuntimeError where none can be started, as at the interpreter's end."""
    threading.Thread(target=work, name="otto-m2m", daemon=True).start()


def submit(work: Callable[[], T]) -> "Future[T]":
    """Run `work` in a daemon thread."""
    done: Future[T] = Future()

    def run() -> None:
        try:
            done.set_result(work())
        except BaseException as error:  # noqa: BLE001 - whoever waits gets it
            done.set_exception(error)

    begin(run)
    return done


def is_done(future: "Future[T]", seconds: float) -> bool:
    """Wait for the end of `future`, `seconds` at most."""
    return bool(wait([future], max(seconds, 0)).done)


async def is_done_async(future: "Future[T]", seconds: float) -> bool:
    """Wait as `is_done` does, in an asyncio task. A task that is cancelled here cancels nothing for others."""
    wrapped = asyncio.wrap_future(future)
    # Whoever waits reads the failure from `future`: asyncio would log this one as read by nobody, with its traceback.
    wrapped.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
    done, _ = await asyncio.wait([wrapped], timeout=max(seconds, 0))
    return bool(done)
