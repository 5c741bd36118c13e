"""What a command waits for: one line that changes on a terminal, and in a log a line for each change."""

from collections.abc import Mapping
from typing import TextIO


class Progress:
    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._terminal = stream.isatty()
        self._told: dict[str, str] = {}

    def show(self, waiting: Mapping[str, str], of: int) -> None:
        """Tell what is waited for now, and why, of a number of things."""
        if self._terminal:
            line = f"waiting: {of - len(waiting)} of {of} are ready; {', '.join(waiting)}"
            # Clear what is there; a line that is cut stays one line.
            self._stream.write(f"\r\x1b[2K{line[:100]}")
        else:
            for name, why in waiting.items():
                if self._told.get(name) != why:
                    self._stream.write(f"waiting: {name}: {why}\n")
            self.end(waiting)
            self._told = dict(waiting)
        self._stream.flush()

    def end(self, waiting: Mapping[str, str]) -> None:
        """Leave nothing behind on a terminal; in a log, what has come to its end."""
        self._stream.write(
            "\r\x1b[2K" if self._terminal else "".join(f"ready: {name}\n" for name in self._told if name not in waiting)
        )
        self._stream.flush()
