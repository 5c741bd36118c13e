"""A real checkout of this repository to change: its code and a registry of its own, as a git repository."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_cdk as cdk

from tools import assembly
from tools.report import acknowledgement, entries
from tools.report.comparison import Side
from tools.template import Assembly, Stack

SOURCE = Path(__file__).parents[3]

GROUPS = """\
internal:
  approvers: "@sellwithotto/platform"
  purpose: Otto's own services and jobs, which run in every environment.
testing:
  approvers: "@sellwithotto/platform"
  purpose: Clients for people who try the APIs by hand in dev.
  expires: required
"""
READER = """\
owner: growth
contact: "#otto-growth"
purpose: Looks up the public profile of each new lead.
environments:
  dev:
    scopes: [api.read]
  prod:
    scopes: [api.read]
"""
IMPORTER = """\
owner: ingestion
contact: "#otto-ingestion"
purpose: Imports the public profiles that partner feeds deliver.
environments:
  dev:
    scopes: [api.read, api.write]
  prod:
    scopes: [api.read, api.write]
    access_token_minutes: 120
    expected_tokens_per_day: 100
    readers: ["arn:aws:iam::111122223333:role/importer"]
"""
PAUSED = """\
owner: ingestion
contact: "#otto-ingestion"
purpose: Waits for its partner to sign.
environments:
  dev:
    scopes: [api.read]
    suspended: true
"""
TRIAL = """\
owner: platform
contact: "#otto-platform"
purpose: The client that anybody uses to try the APIs in dev.
kind: testing
expires: 2027-06-30
environments:
  dev:
    scopes: [api.read]
"""
REGISTRY = {
    "clients/groups.yaml": GROUPS,
    "clients/internal/reader.yaml": READER,
    "clients/internal/importer.yaml": IMPORTER,
    "clients/internal/paused.yaml": PAUSED,
    "clients/testing/trial.yaml": TRIAL,
}
"""Its own, so that a new client of the real registry changes no test."""


@dataclass(frozen=True)
class Checkout:
    """A working tree that a test edits as a person would."""

    root: Path

    def write(self, path: str, text: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace `old`, which must be there exactly once: an edit that no longer applies is no test."""
        text = (self.root / path).read_text()
        assert text.count(old) == 1, f"{path} holds {text.count(old)} of {old!r}"
        self.write(path, text.replace(old, new))

    def move(self, path: str, to: str) -> None:
        (self.root / to).parent.mkdir(parents=True, exist_ok=True)
        git(self.root, "mv", path, to)

    def remove(self, path: str) -> None:
        """As git does: without the folders that are empty then."""
        git(self.root, "rm", "--quiet", "--force", path)

    def commit(self) -> str:
        git(self.root, "add", "--all")
        git(self.root, "-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "--quiet", "-m", "Change")
        return git(self.root, "rev-parse", "HEAD")


def git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def copy(root: Path, but: tuple[str, ...] = ()) -> None:
    """Copy what git would commit of this repository to `root`, but what begins with any of `but`."""
    listed = git(SOURCE, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, listed.split("\0")):
        if (SOURCE / name).is_file() and not name.startswith(but):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(SOURCE / name, root / name)


def create(root: Path) -> Checkout:
    """A copy of what a synth reads, with the tests' registry, committed."""
    copy(root, but=("clients/", "tests/", "benchmarks/", "docs/", "callers/", "local/", "tools/"))
    checkout = Checkout(root)
    for name, text in REGISTRY.items():
        checkout.write(name, text)
    git(root, "init", "--quiet", "--initial-branch", "main")
    checkout.commit()
    return checkout


def clone(checkout: Checkout, root: Path) -> Checkout:
    git(checkout.root, "clone", "--quiet", "--shared", str(checkout.root), str(root))
    return Checkout(root)


@dataclass(frozen=True)
class Base:
    """What every change is compared with."""

    side: Side
    callers: Assembly
    """The stacks of app clients, and of those that they refer to what they ask of them."""

    @classmethod
    def of(cls, checkout: Checkout, output: Path) -> "Base":
        return cls(side(checkout, output / "whole"), callers(checkout, output / "callers"))

    def head(self, checkout: Checkout, output: Path) -> Side:
        """The side of a changed checkout. Of a change to the registry alone, what it can reach is synthesized."""
        changed = git(checkout.root, "status", "--short", "--no-renames", "--untracked-files=all").splitlines()
        paths = [line.split(maxsplit=1)[1] for line in changed]
        if not all(path.startswith(("clients/", "acknowledgements.yaml", "docs/")) for path in paths):
            return side(checkout, output)
        made = callers(checkout, output).stacks
        shared = {name: stack for name, stack in self.callers.stacks.items() if not _of_clients(stack)}
        if shared != {name: stack for name, stack in made.items() if not _of_clients(stack)}:
            return side(checkout, output)
        merged: dict[str, Stack] = {}
        for name, stack in self.side.assembly.stacks.items() if self.side.assembly else ():
            if not _of_clients(stack):
                merged[name] = stack
            if name == f"otto-{stack.environment}-rotation":
                merged |= {n: s for n, s in made.items() if _of_clients(s) and s.environment == stack.environment}
        return _side(checkout, Assembly(merged))


def _of_clients(stack: Stack) -> bool:
    return stack.name.startswith(f"otto-{stack.environment}-clients-")


def side(checkout: Checkout, output: Path) -> Side:
    """The side that the checkout's own code and files make, in this process: a fresh one costs seconds."""
    return _side(checkout, _synthesize(checkout, output, lambda code, made, groups: code.build(made, groups)))


def callers(checkout: Checkout, output: Path) -> Assembly:
    """What `tests.stacks.synthesis.synthesize_callers` makes, by the checkout's own code."""

    def build(code: Any, made: cdk.App, groups: Any) -> None:
        for environment in code.ENVIRONMENTS:
            code.add_callers(code.add_stage(made, environment), environment, groups)

    return _synthesize(checkout, output, build)


def _synthesize(checkout: Checkout, output: Path, build: Callable[[Any, cdk.App, Any], None]) -> Assembly:
    """What `build` makes of the checkout's own `app` and registry."""
    context = json.loads((checkout.root / "cdk.json").read_text())["context"]
    with _code_of(checkout.root):
        import app  # noqa: PLC0415 - the checkout's own
        from stacks import registry  # noqa: PLC0415

        made = cdk.App(context=context | {"aws:cdk:enable-path-metadata": True}, outdir=str(output))
        build(app, made, registry.load())
        made.synth()
    return assembly.read(output)


def _side(checkout: Checkout, made: Assembly) -> Side:
    given, problems = acknowledgement.read(checkout.root)
    return Side(
        assembly=made,
        entries=entries.read(checkout.root),
        acknowledgements=given,
        problems=tuple(map(str, problems)),
    )


@contextmanager
def _code_of(root: Path) -> Iterator[None]:
    """`app` and `stacks` are the checkout's, and afterwards this repository's again."""
    ours = {name: module for name, module in sys.modules.items() if name.split(".")[0] in {"app", "stacks"}}
    for name in ours:
        del sys.modules[name]
    before, directory = list(sys.path), Path.cwd()
    sys.path.insert(0, str(root))
    os.chdir(root)
    try:
        yield
    finally:
        os.chdir(directory)
        sys.path[:] = before
        for name in [name for name in sys.modules if name.split(".")[0] in {"app", "stacks"}]:
            del sys.modules[name]
        sys.modules.update(ours)
