"""Waiting for what another process does."""

import time
from collections.abc import Callable
from typing import Any


def wait(until: Callable[[], Any], seconds: float = 60) -> Any:
    """What `until` returns once it is true."""
    deadline = time.monotonic() + seconds
    while not (found := until()):
        assert time.monotonic() < deadline, f"still not true: {until}"
        time.sleep(0.05)
    return found
