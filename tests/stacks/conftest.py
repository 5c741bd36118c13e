"""One synth a session: every test of the stacks looks at the same templates."""

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
