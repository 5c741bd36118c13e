"""What every layer shares: one emulator and one synth a session, and none of the caller's AWS settings."""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

import tools.assembly
from local.emulator import process
from local.emulator.process import Emulator
from stacks import registry
from stacks.registry import Group
from tools import synth
from tools.template import Assembly

if TYPE_CHECKING:
    from tests.stacks.synthesis import SynthesizedStack

# What is configured on a machine must not change what a test proves.
for name in list(os.environ):
    if name.startswith(("AWS_", "CDK_", "MAKE", "MFLAGS")) or name.lower().endswith("_proxy"):
        del os.environ[name]

# The tools of .venv, Node among them, for every process that a test starts, however pytest itself was started.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
# Playwright's own Node needs libatomic, which a bare machine has not.
os.environ["PLAYWRIGHT_NODEJS_PATH"] = str(Path(sys.executable).parent / "node")
# 2.4 s in every process that synthesizes: CloudFormation's rules, which `make check` holds once.
os.environ["CDK_VALIDATION"] = "false"


ONE_AFTER_ANOTHER = (
    tuple(f"rotation/test_{name}" for name in ("crashes", "faults", "hands", "load", "unseen")),
    tuple(f"rotation/test_{name}" for name in ("commands", "sequences", "updates")),
    ("local/platform/", "local/attacks/"),
    ("local/adoption/",),
    ("tools/report/",),
    ("tools/catalogue/test_page",),
    ("local/emulator/",),
)
"""What several modules share takes long to make: one process runs all of a row, longest first. Others run by module."""


def _row(nodeid: str) -> int:
    rows = enumerate(ONE_AFTER_ANOTHER)
    return next((row for row, parts in rows if any(part in nodeid for part in parts)), len(ONE_AFTER_ANOTHER))


class ByWhatIsShared(LoadScopeScheduling):  # type: ignore[misc]  # pytest-xdist has no types
    """pytest-xdist's scheduler of scopes, where a scope is a row or a module."""

    def _split_scope(self, nodeid: str) -> str:
        row = _row(nodeid)
        return nodeid.partition("::")[0] if row == len(ONE_AFTER_ANOTHER) else str(row)


# By its name, and not by pytest-xdist's groups: under pytest 9 those are lost without a word.
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByWhatIsShared:
    return ByWhatIsShared(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _row(item.nodeid))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--assembly", default="", help="a folder that `make synth` made (default: make one)")


@pytest.fixture(scope="session")
def groups() -> tuple[Group, ...]:
    return registry.load()


@pytest.fixture(scope="session")
def cdk_out(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sealed assembly, which nobody writes to: what is given, or the process that first needs it makes it."""
    if given := str(pytestconfig.getoption("assembly")):
        return pytestconfig.rootpath / given
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    made = shared / "cdk.out"
    with (shared / "cdk.out.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            unfinished = tmp_path_factory.mktemp("unfinished")
            synth.make(unfinished / "assembly", validate=False)
            (unfinished / "assembly").rename(made)
    return made


@pytest.fixture(scope="session")
def assembly(cdk_out: Path) -> Assembly:
    return tools.assembly.read(cdk_out)


@pytest.fixture(scope="session")
def stacks(cdk_out: Path) -> dict[str, SynthesizedStack]:
    """Every stack of every environment, by stack name."""
    from tests.stacks.synthesis import read  # noqa: PLC0415 - as above

    return read(cdk_out)


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An empty emulator on a free loopback port; a test leaves nothing in it that another could meet."""
    state = tmp_path_factory.mktemp("emulator")
    running = process.start(state=state, port=process.free_port())
    yield running
    process.stop(state)
