"""The base of a change as a checkout of its own, with the packages that it pins."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tools.synth import SynthesisError

_LOCK = "requirements.txt"
# Run by a hook, git's own variables name the hook's repository; what git says is matched in English.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | {"LC_ALL": "C"}


class CheckoutError(Exception):
    """Why there is no checkout of the base: what git said, and the fix."""


def resolve(repository: Path, ref: str) -> str:
    """The commit, in full, that `ref` names. Raises CheckoutError."""
    _git(repository, "rev-parse", "--git-dir")
    try:
        return _git(repository, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}").strip()
    except CheckoutError:
        raise CheckoutError(
            f"BASE={ref}: no such commit in this repository, expected a branch, tag or commit; "
            "a shallow clone needs `git fetch` of it first"
        ) from None


def changed(repository: Path, commit: str) -> list[str]:
    """Every path that differs between `commit` and the working tree, new files included. Raises CheckoutError."""
    listed = _git(repository, "diff", "--name-only", "--no-renames", "--no-ext-diff", "-z", commit, "--")
    listed += _git(repository, "ls-files", "--others", "--exclude-standard", "-z")
    return sorted({path for path in listed.split("\0") if path})


@contextmanager
def worktree(repository: Path, commit: str, directory: Path) -> Iterator[Path]:
    """A checkout of `commit` at `directory`, which must not exist; gone afterwards, whatever happens.

    Raises CheckoutError when git cannot make it.
    """
    try:
        _git(repository, "worktree", "add", "--quiet", "--detach", "--force", str(directory), commit)
        yield directory
    finally:
        # Also what was made only half. Git says itself when there is nothing to remove, which is no news.
        with suppress(CheckoutError):
            _git(repository, "worktree", "remove", "--force", "--force", str(directory))


def _git(repository: Path, *arguments: str) -> str:
    """What git prints. Raises CheckoutError with its own first line: hooks are a person's, and none of them runs."""
    command = ["git", "-c", f"core.hooksPath={os.devnull}", *arguments]
    try:
        done = subprocess.run(command, cwd=repository, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    except OSError as error:
        raise CheckoutError(f"git: {error.strerror}: the report compares with a commit, so install git") from error
    if done.returncode:
        said = next(iter(done.stderr.strip().splitlines()), f"git ended with status {done.returncode}")
        raise CheckoutError(f"git {arguments[0]}: {said}{_fix(said, repository)}")
    return done.stdout


def _fix(said: str, repository: Path) -> str:
    if "not a git repository" in said:
        return "; the report compares with a commit, so run it in a clone, not in an archive"
    if "dubious ownership" in said:
        return f"; `git config --global --add safe.directory {repository.resolve()}`, if you trust its owner"
    return ""


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
            try:
                done = subprocess.run(command, capture_output=True, text=True, check=False)
            except OSError as error:
                raise SynthesisError(f"its {_LOCK} cannot be installed: {uv}: {error.strerror}") from error
            if done.returncode:
                raise SynthesisError(f"its {_LOCK} cannot be installed: {done.stderr.strip()[-500:]}")
        (home / "ready").touch()
    return python
