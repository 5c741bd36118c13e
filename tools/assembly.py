"""The templates of this checkout, synthesized in this process from a given registry."""

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import aws_cdk as cdk

from app import build
from stacks.environments import ENVIRONMENTS
from stacks.registry import Group
from tools.routes import Templates

_CDK_JSON = Path(__file__).parent.parent / "cdk.json"


def synthesize(groups: Sequence[Group]) -> Templates:
    """Synthesize with `cdk.json`'s context, as the CDK CLI does: `App()` alone would not read it."""
    with TemporaryDirectory() as directory:
        app = cdk.App(context=json.loads(_CDK_JSON.read_text())["context"], outdir=directory)
        build(app, tuple(groups))
        assembly = app.synth()
        return {
            environment.name: {
                stack.stack_name: stack.template
                for stack in assembly.get_nested_assembly(f"assembly-{environment.name}").stacks
            }
            for environment in ENVIRONMENTS
        }
