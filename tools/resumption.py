"""Rotations that Secrets Manager gave up, started again while somebody waits for them.

It invokes the rotation function synchronously, so of more rotations at once than the function may run, some are
throttled, and a throttled step fails its rotation. "Insufficient concurrent executions" is the first cause that
https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot_rotation.html names (2026-11-25). How often
Secrets Manager tries again by itself, nobody says.
"""

import math
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from tools import refusal
from tools.place import Place

AT_ONCE: Final = 10
"""Rotations that run at the same time: what the function reserves, and all that a new account has."""
ROTATION_SECONDS: Final = 180
"""A first rotation waits for the pool's new domain; the function's timeout."""
UNENDED: Final = "its rotation has not ended"


def seconds_for(clients: int) -> float:
    """How long the rotations of so many app clients may take, ten at a time."""
    return ROTATION_SECONDS * max(1, math.ceil(clients / AT_ONCE))


class Resumption:
    """Starts ten rotations again, in turn, whenever none has ended for `pace` seconds.

    Each step of a rotation may run again, so starting one that still runs does no harm
    (`tests/local/rotation/test_sequences.py`).
    """

    def __init__(self, at: Place, rotate: Callable[..., Any], tell: Callable[[str], Any], pace: float = 60) -> None:
        self._at, self._rotate, self._tell, self._pace = at, rotate, tell, pace
        self._waiting: list[str] = []
        self._since = time.monotonic()
        self._refused = False

    def look(self, waiting: Mapping[str, str]) -> None:
        """Look at those that are waited for, and why; start what has stood still."""
        unended = [name for name, why in waiting.items() if UNENDED in why]
        if set(unended) != set(self._waiting):
            self._waiting = [name for name in self._waiting if name in unended]
            self._waiting += [name for name in unended if name not in self._waiting]
            self._since = time.monotonic()
        if not unended or self._refused or time.monotonic() - self._since < self._pace:
            return
        again, others = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
        self._waiting, self._since = [*others, *again], time.monotonic()
        for name in again:
            self._start(name)

    def _start(self, name: str) -> None:
        try:
            self._rotate(SecretId=self._at.environment.credentials(name))
        except ClientError as error:
            # "A previous rotation isn't complete. That rotation will be reattempted." is what is wanted.
            if refusal.concerns_caller(error) and not self._refused:
                self._refused = True
                self._tell(f"credentials: rotations that were given up are not started again: {error}\n")
