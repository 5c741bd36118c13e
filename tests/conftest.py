"""What every layer shares: one emulator and one synth a session, and none of the caller's AWS settings."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from local.emulator import process
from local.emulator.process import Emulator
from stacks import registry
from stacks.registry import Group

if TYPE_CHECKING:
    from tests.stacks.synthesis import SynthesizedStack

# What is configured on a machine must not change what a test proves.
for name in list(os.environ):
    if name.startswith(("AWS_", "CDK_", "MAKE", "MFLAGS")) or name.lower().endswith("_proxy"):
        del os.environ[name]

# The tools of .venv, Node among them, for every process that a test starts, however pytest itself was started.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
# 2.4 s in every process that synthesizes; the deployment in tests/local runs with it on.
os.environ["CDK_VALIDATION"] = "false"


LONGEST_FIRST = ("fleet", "wire", "platform", "account", "enforcing", "base", "browser")
"""Fixtures that take long to make: with several processes, their tests start first, so that none is left waiting."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("numprocesses", default=None) and not hasattr(config, "workerinput"):
        return

    def place(item: pytest.Item) -> int:
        fixtures = getattr(item, "fixturenames", ())
        return next((place for place, name in enumerate(LONGEST_FIRST) if name in fixtures), len(LONGEST_FIRST))

    items.sort(key=place)


@pytest.fixture(scope="session")
def groups() -> tuple[Group, ...]:
    return registry.load()


@pytest.fixture(scope="session")
def stacks(groups: tuple[Group, ...]) -> dict[str, SynthesizedStack]:
    """Every stack of every environment, by stack name."""
    from tests.stacks.synthesis import synthesize  # noqa: PLC0415 - 1 s, which the tests of the registry do not wait for

    return synthesize(groups)


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An empty emulator on a free loopback port; a test leaves nothing in it that another could meet."""
    state = tmp_path_factory.mktemp("emulator")
    running = process.start(state=state, port=process.free_port())
    yield running
    process.stop(state)
