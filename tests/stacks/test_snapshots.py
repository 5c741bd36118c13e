"""A review aid: what each template holds, so that a change to any of them is a hunk of its own."""

import json
import re

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from tests.stacks.synthesis import SynthesizedStack

ASSET = re.compile(r"[0-9a-f]{64}(?=\.(zip|json))")
STACKS = [
    f"otto-{environment}-{stack}"
    for environment in ("dev", "staging", "prod")
    for stack in (
        "account",
        "firewall",
        "identity",
        "rotation",
        "clients-internal",
        "clients-testing",
        "profiles",
        "observability",
        "delivery",
    )
    if (environment, stack) not in {("dev", "firewall"), ("staging", "clients-testing"), ("prod", "clients-testing")}
] + ["otto-github-oidc"]


def test_every_stack_has_a_snapshot(stacks: dict[str, SynthesizedStack]) -> None:
    assert set(stacks) == set(STACKS)


@pytest.mark.parametrize("stack", STACKS)
def test_template_is_as_reviewed(stacks: dict[str, SynthesizedStack], stack: str, snapshot: SnapshotAssertion) -> None:
    template = json.loads(ASSET.sub("<asset>", json.dumps(stacks[stack].template)))
    assert template == snapshot(extension_class=JSONSnapshotExtension)
