"""What is deployed, as the tests of the stacks look at it: every template that this checkout synthesizes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aws_cdk as cdk

import app
from stacks.environments import ENVIRONMENTS, Environment
from stacks.registry import Group
from tools import assembly, synth, synthesis
from tools.template import Assembly, Reference, Stack

Template = dict[str, Any]
Resource = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class SynthesizedStack:
    """A stack as CloudFormation gets it."""

    environment: str
    """The stage that holds it: an environment, or `delivery`."""
    name: str
    template: Template
    termination_protection: bool

    def of_type(self, *types: str) -> Iterator[tuple[str, Resource]]:
        """The logical id and definition of every resource of these types."""
        for logical_id, resource in self.template["Resources"].items():
            if resource["Type"] in types:
                yield logical_id, resource


def synthesize(groups: tuple[Group, ...]) -> dict[str, SynthesizedStack]:
    """Every stack of every stage, by stack name."""
    return _by_name(synthesis.synthesize(groups))


def synthesize_callers(
    groups: tuple[Group, ...], environments: Sequence[Environment] = ENVIRONMENTS
) -> dict[str, SynthesizedStack]:
    """The stacks that a registry makes, by stack name, and of those that they refer to what they ask of them.

    A sixth of a whole synth. `test_additivity.py` shows that the registry reaches no other stack, and that these are
    what the whole synth makes.
    """
    with TemporaryDirectory() as directory:
        made = cdk.App(context=synthesis.CONTEXT | synth.FLAGS, outdir=directory)
        for environment in environments:
            app.add_callers(app.add_stage(made, environment), environment, groups)
        made.synth()
        return read(Path(directory))


def read(directory: Path) -> dict[str, SynthesizedStack]:
    """Every stack of the cloud assembly in `directory`, by stack name."""
    return _by_name(assembly.read(directory))


def _by_name(synthesized: Assembly) -> dict[str, SynthesizedStack]:
    return {
        name: SynthesizedStack(
            environment=stack.environment,
            name=name,
            template=dict(stack.template),
            termination_protection=stack.settings["TerminationProtection"],
        )
        for name, stack in synthesized.stacks.items()
    }


def own_pool(stacks: dict[str, SynthesizedStack], environment: str) -> Reference:
    """An environment's one user pool, which is in its identity stack."""
    identity = stacks[f"otto-{environment}-identity"]
    [(logical_id, _)] = identity.of_type("AWS::Cognito::UserPool")
    return Reference(identity.name, logical_id)


def resolved(stacks: Mapping[str, SynthesizedStack]) -> Assembly:
    """The same stacks, as what resolves their references to the resources that they end at, in whichever stack."""
    return Assembly(
        {
            name: Stack(name=name, environment=stack.environment, template=stack.template)
            for name, stack in stacks.items()
        }
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
