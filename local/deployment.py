"""The real `cdk bootstrap` and `cdk deploy`, run at the emulator."""

import collections
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from botocore.exceptions import ClientError

from local import cloud
from local.emulator import left_out, private
from local.emulator.key import ACCOUNT
from local.emulator.process import REGION, Emulator
from local.failure import CommandError

CHECKOUT = Path(__file__).parent.parent
CDK: Final = "node_modules/.bin/cdk"
_DEPLOYED = re.compile(r"✅\s+(?P<stack>\S+)(?P<unchanged>.*no changes)?")
_FAILED = re.compile(r"^\S+ \| .*?\| \w+_FAILED\s+\| (?P<what>.+)$|^(?P<error>.*(Error|failed):? .+)$")


Progress = Callable[[str], None]


def bootstrap(emulator: Emulator, log: Path) -> None:
    """Make the CDK's own stack unless it is whole. Raises CommandError."""
    try:
        [stack] = emulator.client("cloudformation").describe_stacks(StackName="CDKToolkit")["Stacks"]
    except ClientError:
        stack = {"StackStatus": "none"}
    # An interrupted one is there as well, without a parameter or a bucket.
    if stack["StackStatus"] not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        # Where there is no cdk.json, nothing is synthesized for it.
        _run(emulator, ["bootstrap", f"aws://{ACCOUNT}/{REGION}"], log.parent, log, lambda _: None)


def deploy(
    emulator: Emulator,
    log: Path,
    progress: Progress = lambda _: None,
    checkout: Path = CHECKOUT,
    *,
    assembly: Path | None = None,
    select: Sequence[str] = (f"{cloud.ENVIRONMENT}/*",),
) -> None:
    """Deploy stacks of the local environment, telling `progress` of each. Raises CommandError with the reason.

    What is deployed, a given assembly or the checkout's, is left beside `log`: the CLI writes locks where it reads.
    """
    folder = log.with_suffix(".out")
    if assembly:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(assembly, folder)
    else:
        synthesize(checkout, folder)
    _run(emulator, [*arguments(*select), "--app", str(folder)], CHECKOUT, log, progress)


def synthesize(checkout: Path, folder: Path) -> None:
    """Leave the sealed assembly of a checkout in `folder`, as `make synth` does. Raises CommandError."""
    command = [sys.executable, "-m", "tools.synth", "--checkout", str(checkout), "--output", str(folder)]
    made = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if made.returncode:
        raise CommandError(f"synth failed: {reason(made.stderr.removeprefix('synth: ').splitlines())}")


def left_out_resources(emulator: Emulator) -> dict[str, int]:
    """How many resources of each type are deployed in name only, because the emulator cannot hold them."""
    cloudformation = emulator.client("cloudformation")
    kinds = collections.Counter(
        resource["ResourceType"]
        for stack in cloudformation.describe_stacks()["Stacks"]
        for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack["StackName"])
        for resource in page["StackResourceSummaries"]
        if left_out.is_left_out(resource.get("PhysicalResourceId", ""))
    )
    return dict(sorted(kinds.items()))


def arguments(*select: str) -> list[str]:
    """What the CDK CLI is told to deploy without asking anybody; `select` may hold other options too."""
    return ["deploy", *select, "--require-approval", "never", "--progress", "events", "--ci"]


def _run(emulator: Emulator, command: list[str], folder: Path, log: Path, progress: Progress) -> None:
    lines: list[str] = []
    with (
        private.create(log) as copy,
        subprocess.Popen(
            [CHECKOUT / CDK, *command],
            cwd=folder,
            env=cloud.environment(emulator),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None  # noqa: S101
        for line in process.stdout:
            copy.write(line)
            lines.append(line.rstrip())
            if deployed := _DEPLOYED.search(line):
                progress(f"{deployed['stack']}{' (no changes)' if deployed['unchanged'] else ''}")
    if process.returncode:
        raise CommandError(f"cdk {command[0]} failed: {reason(lines)}\n  the whole log is {log}")


def reason(lines: Iterable[str]) -> str:
    """The first thing that went wrong in the CDK CLI's output: CloudFormation's reason, or the registry's problems."""
    shown = [line.strip() for line in lines if line.strip()]
    problems = [line for line in shown if re.match(r"clients(/.+?)?:\d+: ", line)]
    if problems:
        return "\n".join([f"{len(problems)} problem(s) in the registry", *problems])
    for line in shown:
        if (failed := _FAILED.match(line)) and "CloudFormation::Stack" not in line:
            return re.sub(r"\s+", " ", failed["what"] or failed["error"])
    return shown[-1] if shown else "no output"
