"""Waiting, bounded by the time that the invocation has left."""

import itertools
import math
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from .ports import Busy

_FIRST, _LONGEST = 0.25, 8.0
RESERVE: Final = 23.0
"""Seconds: the longest single call (`aws.CONFIG`: twice 2 to connect and 8 to read, and a pause of up to 1 between), so
that whatever is begun ends, and is reported."""


@dataclass(frozen=True)
class Patience:
    """Attempts with exponentially longer, jittered pauses. All times are in seconds."""

    remaining: Callable[[], float]
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[float, float], float] = random.uniform

    def attempts(self, within: float = math.inf) -> Iterator[int]:
        """Number the attempts from 1, pausing between them, until `within` or the invocation's time is used up."""
        end = max(self.remaining() - within, RESERVE)
        for attempt in itertools.count(1):
            yield attempt
            pause = self.jitter(0.5, 1.0) * min(_FIRST * 2**attempt, _LONGEST)
            if self.remaining() - pause < end:
                return
            self.sleep(pause)

    def require(self) -> None:
        """Raise Busy when a call that is begun now might not end in time: Lambda would end it without a word."""
        if self.remaining() < RESERVE:
            raise Busy("its calls took long")
