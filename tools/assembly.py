"""Synthesizes a checkout with its own code, as the CDK CLI would, and reads the cloud assembly that comes out."""

import json
import os
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.template import Assembly, Stack

_SECONDS = 300
# The CLI sets this too (aws-cdk's `cdk synth`): each resource then carries its construct path.
_PATHS = {"aws:cdk:enable-path-metadata": True}


class SynthesisError(Exception):
    """A checkout that cannot be synthesized; the message is what its own code said."""


def synthesize(checkout: Path, interpreter: Path, output: Path) -> Assembly:
    """Run the app of `cdk.json` by `interpreter` in `checkout`. Raises SynthesisError with the app's own words."""
    try:
        config = json.loads((checkout / "cdk.json").read_text())
        _, *arguments = shlex.split(config["app"])
    except (OSError, ValueError, KeyError) as error:
        raise SynthesisError(f"cdk.json cannot be read: {type(error).__name__}: {error}") from error
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"} | {
        "CDK_OUTDIR": str(output),
        "CDK_CONTEXT_JSON": json.dumps(config.get("context", {}) | _PATHS),
        "CDK_VALIDATION": "false",  # CI validates the head once by itself; here it would only cost seconds.
        "PATH": f"{interpreter.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [str(interpreter), *arguments]
    try:
        done = subprocess.run(
            command, cwd=checkout, env=environment, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SynthesisError(f"{shlex.join(arguments)}: {error}".replace(f"{checkout}/", "")) from error
    if done.returncode:
        raise SynthesisError(_said(done.stderr).replace(f"{checkout}/", "") or f"exit code {done.returncode}")
    return read(output)


def _said(stderr: str) -> str:
    """What a failed app printed; of a traceback, the error alone."""
    lines = [line for line in stderr.strip().splitlines() if line.strip()]
    if any(line.startswith("Traceback ") for line in lines):
        last = max(i for i, line in enumerate(lines) if not line.startswith((" ", "\t")) and ": " in line)
        lines = lines[last:]
    return "\n".join(lines[:100])


def read(directory: Path) -> Assembly:
    """The cloud assembly in `directory`, nested assemblies (stages) included."""
    return Assembly({stack.name: stack for stack in _stacks(directory, "")})


def _stacks(directory: Path, stage: str) -> Iterator[Stack]:
    manifest: dict[str, Any] = json.loads((directory / "manifest.json").read_text())
    for artifact_id, artifact in manifest.get("artifacts", {}).items():
        properties = artifact.get("properties", {})
        if artifact["type"] == "cdk:cloud-assembly":
            name = properties.get("displayName", artifact_id)
            yield from _stacks(directory / properties["directoryName"], name)
        elif artifact["type"] == "aws:cloudformation:stack":
            yield Stack(
                name=properties.get("stackName", artifact_id),
                environment=stage,
                target=artifact["environment"],
                template=json.loads((directory / properties["templateFile"]).read_text()),
                settings={
                    "TerminationProtection": properties.get("terminationProtection", False),
                    "StackTags": properties.get("tags", {}),
                },
            )
