"""One synth as a process of its own, by the CDK CLI or without it."""

import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measurement import CHECKOUT, Run, run
from tools import assembly
from tools.synthesis import CONTEXT
from tools.template import Stack


def environment(**more: str) -> dict[str, str]:
    """Nothing of the caller's settings but where programs and caches are."""
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "PATH", "TMPDIR") if name in os.environ}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', os.defpath)}"
    return kept | {"PATH": path, "PYTHONPATH": str(CHECKOUT)} | more


def synthesize(app: str, *arguments: str, output: Path | None = None) -> Run:
    """Run an app as the CLI would. CloudFormation's rules are left out: they cost the same 2.4 s in every process."""
    with TemporaryDirectory() as directory:
        settings = {
            "CDK_OUTDIR": str(output or directory),
            "CDK_CONTEXT_JSON": json.dumps(CONTEXT | {"aws:cdk:enable-path-metadata": True}),
            "CDK_VALIDATION": "false",
        }
        return run([sys.executable, app, *arguments], environment(**settings))


def by_the_cli(app: str, selected: str) -> Run:
    """`cdk synth <selected>`, as people run it."""
    with TemporaryDirectory() as directory:
        command = [
            *("node_modules/.bin/cdk", "synth", "--quiet", "--output", directory),
            *("--app", f"{sys.executable} {app}", selected),
        ]
        return run(command, environment())


def stacks(app: str, *arguments: str) -> Iterable[Stack]:
    """What an app synthesizes."""
    with TemporaryDirectory() as directory:
        synthesize(app, *arguments, output=Path(directory))
        return assembly.read(Path(directory)).stacks.values()
