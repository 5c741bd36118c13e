"""One synth a session: every test of the stacks looks at the same templates."""

import os

os.environ["CDK_VALIDATION"] = "false"  # 2.4 s a process; the deployment in tests/local runs with it on

import pytest

from stacks import registry
from stacks.registry import Group
from tests.stacks.synthesis import SynthesizedStack, synthesize


@pytest.fixture(scope="session")
def groups() -> tuple[Group, ...]:
    return registry.load()


@pytest.fixture(scope="session")
def stacks(groups: tuple[Group, ...]) -> dict[str, SynthesizedStack]:
    return synthesize(groups)
