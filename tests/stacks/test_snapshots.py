"""A review aid: what each template holds, so that a change to any of them is a hunk of its own.

Of the assembly that is deployed; but its app clients are those of a registry of one client, so that a client more of
the shipped one changes no snapshot.
"""

import json
import re
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from stacks import registry
from tests.registry.sample import CLIENT, GROUPS, write
from tests.stacks.synthesis import SynthesizedStack, synthesize_callers

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
def reviewed(
    stacks: dict[str, SynthesizedStack], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, SynthesizedStack]:
    root = tmp_path_factory.mktemp("registry")
    write(root, {"groups.yaml": GROUPS, "internal/x1.yaml": CLIENT})
    sample = synthesize_callers(registry.load(root))
    shipped = {name: stack for name, stack in stacks.items() if "-clients-" not in name}
    return shipped | {name: stack for name, stack in sample.items() if "-clients-" in name}


def test_every_stack_has_a_snapshot(reviewed: dict[str, SynthesizedStack]) -> None:
    assert set(reviewed) == set(STACKS)


@pytest.mark.parametrize("stack", STACKS)
def test_template_is_as_reviewed(
    reviewed: dict[str, SynthesizedStack], stack: str, snapshot: SnapshotAssertion
) -> None:
    template = json.loads(ASSET.sub("<asset>", json.dumps(reviewed[stack].template)))
    for resource in template["Resources"].values():
        _leave_paths_out(resource)
    assert template == snapshot(extension_class=JSONSnapshotExtension)


def _leave_paths_out(resource: dict[str, Any]) -> None:
    """Take away where the construct and its asset are, which the CDK CLI asks for and reviewers do not."""
    kept = {
        key: value
        for key, value in resource.pop("Metadata", {}).items()
        if key != "aws:cdk:path" and not key.startswith("aws:asset:")
    }
    if kept:
        resource["Metadata"] = kept
