"""What is meant for AWS reaches it with the caller's own credentials, never the emulator that the shell names."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stacks.synthesis import SynthesizedStack

ROOT = Path(__file__).parents[2]
CALLER = {"AWS_PROFILE": "mine", "AWS_SESSION_TOKEN": "session", "AWS_REGION": "eu-west-1", "LANG": "C"}
EMULATOR = {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566", "AWS_ENDPOINT_URL_CLOUDFORMATION": "http://127.0.0.1:4566"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose CDK CLI writes down how it was called, and ends with status 7."""
    cli = tmp_path / "node_modules" / ".bin" / "cdk"
    cli.parent.mkdir(parents=True)
    cli.write_text(
        f"#!{sys.executable}\nimport json, os, sys\n"
        "json.dump([sys.argv[1:], dict(os.environ)], open('called.json', 'w'))\nsys.exit(7)\n"
    )
    cli.chmod(0o755)
    return tmp_path


def deploy(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)} | CALLER | EMULATOR
    command = [sys.executable, "-m", "tools.at_aws", sys.executable, "-m", "tools.deploy", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_deploy_selects_one_environment_and_passes_on_all_but_endpoints(folder: Path, environment: str) -> None:
    deployed = deploy(folder, environment)
    assert deployed.returncode == 7
    # Whether the caller's credentials are good is for the CDK CLI to say.
    assert "deploy: not looking for stacks whose first creation failed: The config profile (mine)" in deployed.stderr
    arguments, variables = json.loads((folder / "called.json").read_text())
    assert arguments == ["deploy", f"{environment}/*", "--require-approval", "broadening"]
    assert {name: value for name, value in variables.items() if name.startswith(("AWS_", "LANG"))} == CALLER | {
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"
    }


@pytest.mark.parametrize("environment", ["", "local", "production", "*"])
def test_deploy_refuses_what_is_no_environment_and_calls_nothing(folder: Path, environment: str) -> None:
    refused = deploy(folder, environment)
    assert (refused.returncode, refused.stderr) == (
        1,
        f"deploy: ENV={environment!r}: expected dev, staging, prod; for example make deploy ENV=dev\n",
    )
    assert not (folder / "called.json").exists()


def test_deploy_calls_nothing_where_preflight_refuses(folder: Path) -> None:
    refused = deploy(folder, "dev", "--despite", "weather")
    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-1] == (
        "deploy: nothing was changed: fix what is wrong above, or name it: DESPITE=<row>,<row>"
    )
    assert not (folder / "called.json").exists()


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_the_selection_is_every_stack_of_that_environment_and_no_other(
    stacks: dict[str, SynthesizedStack], cdk_out: Path, environment: str
) -> None:
    command = [str(ROOT / "node_modules/.bin/cdk"), "list", f"{environment}/*", "--app", str(cdk_out)]
    listed = subprocess.run(command, cwd=cdk_out, capture_output=True, text=True, check=True).stdout.splitlines()
    selected = {re.sub(r".*\((.+)\)", r"\1", line) for line in listed}
    assert selected == {stack.name for stack in stacks.values() if stack.environment == environment}
    assert f"otto-{environment}-identity" in selected


def runs(makefile: str, *arguments: str) -> list[str]:
    """What `make` would run."""
    command = ["make", "--dry-run", "--assume-old=.venv/.ready", "--file=-", *arguments]
    dry = subprocess.run(command, cwd=ROOT, input=makefile, capture_output=True, text=True, check=True)
    return dry.stdout.replace("\\\n", "").splitlines()


def astray(makefile: str) -> list[str]:
    """Every command of a target that takes an environment which would follow the shell to an emulator."""
    targets = re.findall(r"^([a-z-]+):.*\n(?:\t.*\n)*\t.*\$\$(?:TYPED_ENV|WHERE)\b", makefile, re.MULTILINE)
    return [
        line
        for target in targets
        for line in runs(makefile, target, "ENV=prod", "CLIENT=smoke")
        if not re.sub(r"^(\w+=\S+ )+", "", line).startswith("python -m tools.at_aws ")
    ]


def test_every_command_that_takes_an_environment_is_run_at_aws() -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert astray(makefile) == []
    planted = makefile + '\nplanted: $(READY)\n\t@CDK_VALIDATION=false python -m tools.planted "$$WHERE"\n'
    assert astray(planted) == ['CDK_VALIDATION=false python -m tools.planted "$WHERE"']


def test_what_is_meant_for_the_emulator_is_run_there() -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert runs(makefile, "smoke", "ENV=local") == ['python -m local.at_emulator python -m tools.smoke -- "$WHERE"']
