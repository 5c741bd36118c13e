"""The base of a change as a checkout of its own, with the packages that it pins."""

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.assembly import SynthesisError

_LOCK = "requirements.txt"


class UnknownBaseError(Exception):
    """A git ref that names no commit of the repository."""


def resolve(repository: Path, ref: str) -> str:
    """The commit, in full, that `ref` names. Raises UnknownBaseError."""
    command = ["git", "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}"]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UnknownBaseError(
            f"BASE={ref}: no such commit in this repository, expected a branch, tag or commit; "
            "a shallow clone needs `git fetch` of it first"
        )
    return done.stdout.strip()


@contextmanager
def worktree(repository: Path, commit: str, directory: Path) -> Iterator[Path]:
    """A checkout of `commit` at `directory`, which must not exist; gone afterwards, whatever happens."""
    _git(repository, "worktree", "add", "--quiet", "--detach", "--force", str(directory), commit)
    try:
        yield directory
    finally:
        _git(repository, "worktree", "remove", "--force", str(directory))


def _git(repository: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=repository, check=True, capture_output=True)


def interpreter(repository: Path, base: Path, cache: Path) -> Path:
    """The Python that has what `base` pins: this one, or where the pins differ, one with those packages.

    Otherwise an upgrade of aws-cdk-lib would change both sides alike and show nothing. Raises SynthesisError.
    """
    pins = base / _LOCK
    if not pins.is_file():
        raise SynthesisError(f"it has no {_LOCK}, so what it is synthesized with is not known")
    if pins.read_bytes() == (repository / _LOCK).read_bytes():
        return Path(sys.executable)
    home = cache / hashlib.sha256(pins.read_bytes()).hexdigest()[:16]
    python = home / "bin" / "python"
    if not (home / "ready").exists():
        uv = str(Path(sys.executable).parent / "uv")
        for command in (
            [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(home)],
            [uv, "pip", "sync", "--quiet", "--allow-empty-requirements", "--python", str(python), str(pins)],
        ):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                raise SynthesisError(f"its {_LOCK} cannot be installed: {done.stderr.strip()[-500:]}")
        (home / "ready").touch()
    return python
