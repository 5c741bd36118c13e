"""A review aid: what each template holds, so that a change to any of them is a hunk of its own.

Of a registry of one client, so that a client more of the shipped one changes no snapshot.
"""

import json
import re

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from stacks import registry
from tests.registry.sample import CLIENT, GROUPS, write
from tests.stacks.synthesis import SynthesizedStack, synthesize

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
        "profiles",
        "observability",
        "delivery",
    )
    if (environment, stack) not in {("dev", "firewall"), ("staging", "clients-internal")}
] + ["otto-github-oidc"]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> dict[str, SynthesizedStack]:
    root = tmp_path_factory.mktemp("registry")
    write(root, {"groups.yaml": GROUPS, "internal/x1.yaml": CLIENT})
    return synthesize(registry.load(root))


def test_every_stack_has_a_snapshot(sample: dict[str, SynthesizedStack]) -> None:
    assert set(sample) == set(STACKS)


@pytest.mark.parametrize("stack", STACKS)
def test_template_is_as_reviewed(sample: dict[str, SynthesizedStack], stack: str, snapshot: SnapshotAssertion) -> None:
    template = json.loads(ASSET.sub("<asset>", json.dumps(sample[stack].template)))
    assert template == snapshot(extension_class=JSONSnapshotExtension)
