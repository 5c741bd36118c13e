"""The clock of a token's age, which nobody can set."""

import sys
import time


def read_clock() -> float:
    """Read seconds since some moment; on Linux the time that a machine sleeps counts too, as it does for a token."""
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()
