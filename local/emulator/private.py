"""A directory that nobody but its owner can look into, whatever it was before, and files for it."""

import os
import stat
from pathlib import Path
from typing import TextIO


class NotPrivateError(Exception):
    """Why a directory cannot be one's own, and the fix, in one line."""


def require(directory: Path) -> None:
    """Raise NotPrivateError where `directory` is there and is somebody else's, or leads elsewhere."""
    try:
        found = directory.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(found.st_mode):
        kind = "a symbolic link" if stat.S_ISLNK(found.st_mode) else "no directory"
        raise NotPrivateError(f"{directory} is {kind}, and would hold secrets: remove it")
    if found.st_uid != os.geteuid():
        raise NotPrivateError(
            f"{directory} belongs to user {found.st_uid}, and would hold secrets of user {os.geteuid()}: remove it"
        )


def make(directory: Path) -> None:
    """Make `directory` unless it is there, and close it to everybody else. Raises NotPrivateError."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    require(directory)
    directory.chmod(0o700)


def create(file: Path) -> TextIO:
    """Open a new file in the place of an earlier one; its owner alone can read it, from the beginning."""
    file.unlink(missing_ok=True)
    return open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8")  # noqa: PTH123


def write(file: Path, text: str) -> None:
    """Write a file that its owner alone can read."""
    with create(file) as written:
        written.write(text)
