"""Waiting, bounded by the time that the invocation has left."""

import itertools
import math
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_FIRST, _LONGEST = 0.25, 8.0
_RESERVE = 15.0  # seconds: the longest single call below, so that the last attempt can end and be reported


@dataclass(frozen=True)
class Patience:
    """Attempts with exponentially longer, jittered pauses. All times are in seconds."""

    remaining: Callable[[], float]
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[float, float], float] = random.uniform

    def attempts(self, within: float = math.inf) -> Iterator[int]:
        """Number the attempts from 1, pausing between them, until `within` or the invocation's time is used up."""
        end = max(self.remaining() - within, _RESERVE)
        for attempt in itertools.count(1):
            yield attempt
            pause = self.jitter(0.5, 1.0) * min(_FIRST * 2**attempt, _LONGEST)
            if self.remaining() - pause < end:
                return
            self.sleep(pause)
