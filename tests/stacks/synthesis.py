"""Synthesizes what is deployed: the same app, with the context that the CDK CLI reads from `cdk.json`."""

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_cdk as cdk

import app
from stacks.environments import ENVIRONMENTS
from stacks.registry import Group

CHECKOUT = Path(__file__).parents[2]
CONTEXT = json.loads((CHECKOUT / "cdk.json").read_text())["context"]

Template = dict[str, Any]
Resource = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class SynthesizedStack:
    """A stack as CloudFormation gets it."""

    environment: str
    name: str
    template: Template
    termination_protection: bool

    def of_type(self, *types: str) -> Iterator[tuple[str, Resource]]:
        """The logical id and definition of every resource of these types."""
        for logical_id, resource in self.template["Resources"].items():
            if resource["Type"] in types:
                yield logical_id, resource


def synthesize(groups: tuple[Group, ...]) -> dict[str, SynthesizedStack]:
    """Every stack of every environment, by stack name."""
    with tempfile.TemporaryDirectory() as folder:
        assembly = cdk.App(context=CONTEXT, outdir=folder)
        app.build(assembly, groups)
        assembly.synth()
        return {stack.name: stack for stack in _read(Path(folder))}


def _read(folder: Path) -> Iterator[SynthesizedStack]:
    for stage in sorted(folder / f"assembly-{environment.name}" for environment in ENVIRONMENTS):
        for artifact in json.loads((stage / "manifest.json").read_text())["artifacts"].values():
            if artifact["type"] == "aws:cloudformation:stack":
                properties = artifact["properties"]
                yield SynthesizedStack(
                    environment=stage.name.removeprefix("assembly-"),
                    name=properties["stackName"],
                    template=json.loads((stage / properties["templateFile"]).read_text()),
                    termination_protection=properties.get("terminationProtection", False),
                )


def strings(value: object) -> Iterator[str]:
    """Every string anywhere in a template or a part of one, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield str(key)
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
