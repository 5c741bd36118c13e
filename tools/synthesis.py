"""The templates of this checkout, synthesized in this process from a given registry."""

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import aws_cdk as cdk

from app import build
from stacks.modes import set_modes
from stacks.registry import Group
from tools import assembly, synth
from tools.template import Assembly

CONTEXT: Final[dict[str, Any]] = json.loads((Path(__file__).parent.parent / "cdk.json").read_text())["context"]
"""What the CDK CLI gives the app; `App()` alone would not read it."""


def synthesize(groups: Sequence[Group]) -> Assembly:
    with TemporaryDirectory() as directory:
        write(groups, Path(directory))
        return assembly.read(Path(directory))


def write(groups: Sequence[Group], directory: Path) -> None:
    """Write the cloud assembly, as the CDK CLI reads it."""
    app = cdk.App(context=CONTEXT | synth.FLAGS, outdir=str(directory))
    build(app, tuple(groups))
    app.synth()
    set_modes(directory)
