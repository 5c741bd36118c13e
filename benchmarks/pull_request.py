"""What one client more costs before it is merged: `python -m benchmarks pull_request`. In a clone of its own."""

import os
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.measurement import CHECKOUT, Finding, Run, Series, run, take_turns
from benchmarks.synth import FLOOR
from benchmarks.synthesis import environment, synthesize
from tools import assembly, synth

ABOUT = """\
A clone of what is committed, with one file more and the page that lists clients. The fast tests are all but
`tests/local`, in as many processes as `make test` has; their floor is one synth of the next to empty app, as a process.
The report compares with the commit before the client, and synthesizes both."""

FAST: Final = ("tests/registry", "tests/lambdas", "tests/stacks", "tests/tools", "tests/callers")
TESTS_FAILED: Final = 1
"""pytest's status when tests ran and some failed."""


def measure(rounds: int) -> Iterator[Finding]:
    with _clone() as checkout:
        python = str(checkout / ".venv" / "bin" / "python")
        day = datetime.now(UTC).date().isoformat()
        steps = {
            # The clone is newer than what is installed, which is the same: `-o` says so.
            "make check": ["make", "-o", ".venv/.ready", "-o", ".venv/checkov/.ready", "check"],
            "the fast tests": [python, "-m", "pytest", "-q", "-n", "3", "--no-loadscope-reorder", *FAST],
            "the report": [python, "-m", "tools.report", "HEAD^", "--on", day],
        }
        subjects = {name: partial(_run, command, checkout) for name, command in steps.items()}
        results = take_turns(rounds, subjects | {"floor": partial(synthesize, FLOOR)})
        times = {name: Series(tuple(one.seconds for one in runs)) for name, runs in results.items()}
        whole = Series(tuple(map(sum, zip(*(times[name].values for name in steps), strict=True))))
        each = ", ".join(f"{name} {times[name].median:.1f} s" for name in steps)
        yield Finding(what="a one-client pull request", measured=each, value=whole, reach=60, bound=300)
        tests = times["the fast tests"]
        yield Finding(
            what="the fast tests",
            measured=str(tests),
            against=f"one bare synth: {times['floor']}",
            value=tests.over(times["floor"]),
            reach=6,
            bound=150,
        )
        yield Finding(
            what="runs of the fast tests that fail because of a client more",
            measured=f"of {len(results['the fast tests'])}",
            value=Series((float(sum(one.status == TESTS_FAILED for one in results["the fast tests"])),), ""),
            reach=0,
            bound=0,
        )
        changed = _changed(checkout)
        yield Finding(
            what="stacks that it changes, in the environment where it changes most",
            measured=", ".join(name for names in changed.values() for name in names),
            value=Series((float(max(map(len, changed.values()))),), ""),
            reach=1,
            bound=1,
        )


def _run(command: list[str], checkout: Path) -> Run:
    path = f"{checkout / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return run(
        command,
        environment(PATH=path, PYTHONPATH=str(checkout)),
        checkout,
        allowed=TESTS_FAILED if "pytest" in command else 0,
    )


@contextmanager
def _clone() -> Iterator[Path]:
    with TemporaryDirectory() as directory:
        checkout = Path(directory) / "checkout"
        subprocess.run(["make", "check"], cwd=CHECKOUT, check=True)  # installs what it needs
        _git(CHECKOUT, "clone", "--quiet", "--local", str(CHECKOUT), str(checkout))
        for installed in (".venv", "node_modules"):
            (checkout / installed).symlink_to(CHECKOUT / installed)
        python = str(checkout / ".venv" / "bin" / "python")
        _run([python, "-m", "tools.client", "NAME=benchmarked-service", "GROUP=internal"], checkout)
        _run([python, "-m", "tools.catalogue"], checkout)
        _git(checkout, "add", "clients", "docs")
        _git(
            checkout,
            *("-c", "user.name=benchmark", "-c", "user.email=benchmark@example.com"),
            "commit",
            "-qm",
            "Add one",
        )
        yield checkout


def _changed(checkout: Path) -> dict[str, list[str]]:
    """The stacks whose template the client changes, by the environment that a deploy selects."""
    interpreter = CHECKOUT / ".venv" / "bin" / "python"
    with TemporaryDirectory() as before, TemporaryDirectory() as after:
        for root, folder in ((CHECKOUT, before), (checkout, after)):
            synth.synthesize(root, interpreter, Path(folder))
        old, new = (assembly.read(Path(folder)).stacks for folder in (before, after))
    changed: dict[str, list[str]] = defaultdict(list)
    for name, stack in new.items():
        if name not in old or stack.template != old[name].template:
            changed[stack.environment].append(name)
    return changed


def _git(directory: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=directory, check=True)
