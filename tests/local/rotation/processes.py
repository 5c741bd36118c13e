"""What every user of a machine may read of the processes on it: their arguments, and their environments."""

import contextlib
import threading
from collections import Counter

import psutil

LOOKS = 3
"""At one process: it may be seen first before it became the program that it was started for."""


class Processes:
    """Samples every process of this machine that may be read, from `start` to `stop`."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self._looks: Counter[int] = Counter()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    @property
    def watching(self) -> bool:
        return self._thread.is_alive()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.2):
            self.look()

    def look(self) -> None:
        # Which of them are ours is not asked: to tell that reads every process, five times a second.
        self._looks = Counter({pid: self._looks[pid] + 1 for pid in psutil.pids()})
        for pid, looks in self._looks.items():
            if looks <= LOOKS:
                with contextlib.suppress(psutil.Error):
                    process = psutil.Process(pid)
                    shown = [*process.cmdline(), *(f"{name}={value}" for name, value in process.environ().items())]
                    self.seen.add("\n".join(shown))
