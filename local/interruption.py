"""What an interrupted `make up` leaves behind, which the next one must not stumble over."""

import contextlib
import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psutil

from local.emulator import private
from local.emulator.process import Emulator
from local.failure import CommandError

_SECONDS: Final = 60
"""How long a stack may take to come to rest by itself: the slowest needs some ten."""


@contextmanager
def alone(state: Path) -> Iterator[None]:
    """Hold off every other `make up` of this state. Raises CommandError where one is running, or NotPrivateError."""
    private.make(state)
    with (state / "up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError("another make up is running here: wait until it has ended, or stop it") from None
        yield


def settle(emulator: Emulator) -> Iterator[str]:
    """End the CDK CLI that was left running, wait until no stack is being changed, and tell what was there.

    For whoever holds the lock alone: no other CLI is meant to be at work.
    """
    for process in _left_running(emulator.endpoint):
        with contextlib.suppress(psutil.Error):
            process.kill()
            process.wait(timeout=_SECONDS)
            yield f"ended the CDK CLI of an interrupted make up (pid {process.pid})"
    deadline = time.monotonic() + _SECONDS
    while (changing := _changing(emulator)) and time.monotonic() < deadline:
        time.sleep(0.2)
    if changing:
        yield f"still being changed: {', '.join(changing)}"


def _left_running(endpoint: str) -> Iterator[psutil.Process]:
    """Every process of the CDK CLI that works at this emulator."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            at_work = any(word.endswith("/node_modules/.bin/cdk") for word in process.cmdline())
            if at_work and process.environ().get("AWS_ENDPOINT_URL") == endpoint:
                yield process


def _changing(emulator: Emulator) -> list[str]:
    stacks = emulator.client("cloudformation").describe_stacks()["Stacks"]
    return [
        stack["StackName"]
        for stack in stacks
        if stack["StackStatus"].endswith("_IN_PROGRESS") and stack["StackStatus"] != "REVIEW_IN_PROGRESS"
    ]
