"""The real `cdk bootstrap` and `cdk deploy`, run at the emulator."""

import re
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

import boto3
from botocore.exceptions import ClientError

from local import cloud
from local.failure import CommandError

CHECKOUT = Path(__file__).parent.parent
_CDK = "node_modules/.bin/cdk"
_DEPLOYED = re.compile(r"✅\s+(?P<stack>\S+)(?P<unchanged>.*no changes)?")
_FAILED = re.compile(r"^\S+ \| .*?\| \w+_FAILED\s+\| (?P<what>.+)$|^(?P<error>.*(Error|failed):? .+)$")


def bootstrap(port: int, log: Path) -> bool:
    """Make the CDK's own stack unless it is there. Returns whether it was made. Raises CommandError."""
    try:
        boto3.client("cloudformation").describe_stacks(StackName="CDKToolkit")
    except ClientError:
        _run(["bootstrap", f"aws://{cloud.ACCOUNT}/{cloud.REGION}"], port, log)
        return True
    return False


def deploy(
    port: int, log: Path, *, checkout: Path = CHECKOUT, progress: Callable[[str], None] = lambda _: None
) -> None:
    """Deploy every stack of the local environment, telling `progress` of each. Raises CommandError with the reason."""
    arguments = ["deploy", f"{cloud.ENVIRONMENT}/*", "--require-approval", "never", "--progress", "events", "--ci"]
    _run(arguments, port, log, checkout=checkout, progress=progress)


def _run(
    arguments: list[str],
    port: int,
    log: Path,
    *,
    checkout: Path = CHECKOUT,
    progress: Callable[[str], None] = lambda _: None,
) -> None:
    log.parent.mkdir(parents=True, exist_ok=True)
    lines: list[str] = []
    with (
        log.open("w") as copy,
        subprocess.Popen(
            [checkout / _CDK, *arguments],
            cwd=checkout,
            env=cloud.environment(port),
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
        raise CommandError(f"cdk {arguments[0]} failed: {reason(lines)}\n  the whole log is {log}")


def reason(lines: Iterable[str]) -> str:
    """The first thing that went wrong in the CDK CLI's output: CloudFormation's reason, or the registry's problems."""
    shown = [line.strip() for line in lines if line.strip()]
    problems = [line for line in shown if re.match(r"clients/\S+?:\d+: |clients/\S+: ", line)]
    if problems:
        return "\n".join([f"{len(problems)} problem(s) in the registry", *problems])
    for line in shown:
        if (failed := _FAILED.match(line)) and "CloudFormation::Stack" not in line:
            return re.sub(r"\s+", " ", failed["what"] or failed["error"])
    return shown[-1] if shown else "no output"
