"""Where the log of one request ends: the function's process says so itself.

ministack 1.5.33 guesses (`core.lambda_runtime`, `Worker._drain_stderr_bounded`): it waits 50 ms for the first line of a
function that writes none, which was most of what any request took here, and takes a line that comes later for the next
request's.
"""

import queue
import time
from typing import Any, Final

from local.emulator.hooks import Hook

END: Final = "\x1eend of the request's log"
"""The last line of each request's; it begins with ASCII's record separator."""
_ANSWERED: Final = "        _real_stdout.flush()\n\nrun()\n"
_SCRIPT: Final = Hook("core.lambda_runtime", "_PYTHON_WORKER_SCRIPT", holds=_ANSWERED)
_DRAIN: Final = Hook("core.lambda_runtime", "Worker._drain_stderr_bounded", ("self",))
HOOKS: Final = (_SCRIPT, _DRAIN)
_SECONDS: Final = 0.25
"""As long as ministack waits at most: a process that ended in the middle says nothing more."""


def _drain(worker: Any, **_: float) -> str:
    lines: list[str] = []
    until = time.monotonic() + _SECONDS
    while True:
        try:
            line: str = worker._stderr_queue.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            break
        if line.endswith(END):
            lines += filter(None, [line.removesuffix(END)])
            break
        lines.append(line)
    return "\n".join(lines)


def install() -> None:
    """Let each Python function's process end its log of a request, and read to that end."""
    says_so = f"        print({END!r}, file=sys.__stderr__, flush=True)\n"
    _SCRIPT.replace(lambda script: script.replace(_ANSWERED, says_so + _ANSWERED))
    _DRAIN.replace(lambda _: _drain)
