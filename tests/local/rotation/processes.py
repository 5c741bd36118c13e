"""What every user of a machine may read of the processes that a run starts: their arguments, and their environments."""

import contextlib
import threading

import psutil


class Processes:
    """Samples the emulator, its functions, and whatever this process starts, from `start` to `stop`."""

    def __init__(self, emulator: int) -> None:
        self.seen: set[str] = set()
        self._roots = [psutil.Process(emulator), psutil.Process()]
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
        for root in self._roots:
            for process in (root, *root.children(recursive=True)):
                with contextlib.suppress(psutil.Error):
                    shown = [*process.cmdline(), *(f"{name}={value}" for name, value in process.environ().items())]
                    self.seen.add("\n".join(shown))
