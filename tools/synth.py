"""`make synth`: the one cloud assembly of this checkout, which is scanned, reported, compared and deployed as it is.

It asks nothing outside the checkout, so every machine makes the same, and its digest says which it is.
"""

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tools import configuration, seal
from tools.seal import Seal, SealError

ROOT: Final = Path(__file__).parent.parent
FOLDER: Final = Path(".local/assembly")
PROBLEM: Final = "problem.txt"
"""Stands in the folder in place of an assembly that could not be made, and says why."""
_SECONDS: Final = 300
FLAGS: Final = {"aws:cdk:enable-path-metadata": True, "aws:cdk:enable-asset-metadata": True}
"""What the CDK CLI adds to the context: each resource then carries its construct path."""


class SynthesisError(Exception):
    """A checkout that cannot be synthesized; the message is what its own code said."""


def synthesize(checkout: Path, interpreter: Path, output: Path, *, validate: bool = False) -> None:
    """Run the app of `cdk.json` by `interpreter` in `checkout`, as the CDK CLI would.

    `validate` holds the templates to CloudFormation's rules too. Raises SynthesisError with the app's own words.
    """
    try:
        config = json.loads((checkout / configuration.FILE).read_text())
        _, *arguments = shlex.split(config["app"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SynthesisError(f"cdk.json cannot be read: {type(error).__name__}: {error}") from error
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"} | {
        "CDK_OUTDIR": str(output),
        "CDK_CONTEXT_JSON": json.dumps(config.get("context", {}) | FLAGS),
        "PATH": f"{interpreter.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    environment["CDK_VALIDATION"] = "true" if validate else "false"
    try:
        done = subprocess.run(
            [str(interpreter), *arguments],
            cwd=checkout, env=environment, capture_output=True, text=True, timeout=_SECONDS, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SynthesisError(f"{shlex.join(arguments)}: {error}".replace(f"{checkout}/", "")) from error
    if done.returncode:
        raise SynthesisError(_said(done.stderr).replace(f"{checkout}/", "") or f"exit code {done.returncode}")


def _said(stderr: str) -> str:
    """What a failed app printed; of a traceback, the error alone."""
    lines = [line for line in stderr.strip().splitlines() if line.strip()]
    if any(line.startswith("Traceback ") for line in lines):
        last = max(i for i, line in enumerate(lines) if not line.startswith((" ", "\t")) and ": " in line)
        lines = lines[last:]
    return "\n".join(lines[:100])


def make(output: Path, checkout: Path = ROOT, *, validate: bool = True) -> Seal:
    """Make the sealed assembly of a checkout in a new folder, `output`. Raises SynthesisError with all problems."""
    if held := list(configuration.problems(checkout)):
        raise SynthesisError("\n".join(held))
    synthesize(checkout, Path(sys.executable), output, validate=validate)
    if warnings := list(_warnings(output)):
        raise SynthesisError("\n".join(warnings))
    try:
        return seal.close(output)
    except SealError as error:
        raise SynthesisError(str(error)) from error


def _warnings(output: Path) -> Iterator[str]:
    """Each finding that did not stop the synth, with the construct paths: ours has none."""
    report = output / "validation-report.json"
    if not report.exists():
        yield f"{report.name}: the CDK wrote none, so nothing says what it found"
        return
    for plugin in json.loads(report.read_text())["pluginReports"]:
        for violation in plugin["violations"]:
            paths = ", ".join(each["constructPath"] for each in violation["violatingConstructs"])
            yield f"{paths}: {violation['description']} ({violation['ruleName']})"


@contextmanager
def assembly(given: str, digest: str = "", *, validate: bool = True) -> Iterator[tuple[Path, Seal]]:
    """A private copy of the assembly in the folder `given`, or where that is empty a new one of this checkout.

    Raises SynthesisError for one that cannot be made, and for one that is not of this `digest`.
    """
    with TemporaryDirectory(prefix="otto-assembly-") as space:
        folder = Path(space) / "assembly"
        if given and (problem := Path(given) / PROBLEM).is_file():
            raise SynthesisError(problem.read_text())
        try:
            found = seal.copy(Path(given), folder) if given else make(folder, validate=validate)
        except SealError as error:
            raise SynthesisError(f"{given}: no assembly that `make synth` made: {error}") from error
        if digest and found.digest != digest:
            raise SynthesisError(f"the assembly is {found.digest}, and what was judged is {digest}: judge it anew")
        yield folder, found


def validates() -> bool:
    """Tell whether the CDK's own switch leaves CloudFormation's rules on, as it is unless somebody turns them off."""
    return os.environ.get("CDK_VALIDATION") != "false"


def leave(folder: Path, problem: str) -> None:
    """Say in a folder why there is no assembly in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / PROBLEM).write_text(problem)


def main() -> None:
    parser = argparse.ArgumentParser(prog="make synth", description=__doc__)
    parser.add_argument("--output", type=Path, default=FOLDER)
    parser.add_argument("--checkout", type=Path, default=ROOT, help="default: this one")
    arguments = parser.parse_args()
    output: Path = arguments.output
    shutil.rmtree(output, ignore_errors=True)
    output.parent.mkdir(parents=True, exist_ok=True)
    try:
        made = make(output.absolute(), arguments.checkout.absolute(), validate=validates())
    except SynthesisError as error:
        leave(output, str(error))
        sys.exit(f"synth: {error}")
    print(f"synth: {len(made.stacks)} stacks in {output}, {made.digest}")
    if steps := os.environ.get("GITHUB_OUTPUT"):  # for the job that judges
        with Path(steps).open("a") as file:
            file.write(f"digest={made.digest}\n")


if __name__ == "__main__":
    main()
