"""What is meant for AWS reaches it with the caller's own credentials, never the emulator that the shell names."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stacks.synthesis import SynthesizedStack
from tools import seal, synth

ROOT = Path(__file__).parents[2]
CALLER = {"AWS_PROFILE": "mine", "AWS_SESSION_TOKEN": "session", "AWS_REGION": "eu-west-1", "LANG": "C"}
EMULATOR = {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566", "AWS_ENDPOINT_URL_CLOUDFORMATION": "http://127.0.0.1:4566"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose CDK CLI writes down how it was called, and ends with status 7."""
    cli = tmp_path / "node_modules" / ".bin" / "cdk"
    cli.parent.mkdir(parents=True)
    cli.write_text(
        f"#!{sys.executable}\nimport json, os, pathlib, sys\n"
        "app = pathlib.Path(sys.argv[sys.argv.index('--app') + 1])\n"
        "seen = {str(each.relative_to(app)): each.stat().st_mode & 0o777 for each in app.rglob('*')}\n"
        "json.dump([sys.argv[1:], dict(os.environ), seen], open('called.json', 'w'))\nsys.exit(7)\n"
    )
    cli.chmod(0o755)
    return tmp_path


def deploy(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)} | CALLER | EMULATOR
    command = [sys.executable, "-m", "tools.at_aws", sys.executable, "-m", "tools.deploy", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_deploy_selects_one_environment_and_passes_on_all_but_endpoints(
    folder: Path, cdk_out: Path, environment: str
) -> None:
    deployed = deploy(folder, environment, "--assembly", str(cdk_out), "--digest", seal.check(cdk_out).digest)
    assert deployed.returncode == 7, deployed.stderr
    # Whether the caller's credentials are good is for the CDK CLI to say.
    assert "deploy: not looking for stacks whose first creation failed: The config profile (mine)" in deployed.stderr
    arguments, variables, _ = json.loads((folder / "called.json").read_text())
    assert arguments[:3] == ["deploy", f"{environment}/*", "--app"]
    assert arguments[4:] == ["--require-approval", "broadening"]
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


def judged(folder: Path, cdk_out: Path) -> tuple[Path, str]:
    """A copy of the assembly, as an artifact of a run brings it, and the digest that the report says."""
    given = folder / "assembly"
    shutil.copytree(cdk_out, given)
    for path in given.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    return given, seal.check(given).digest


def test_what_is_deployed_is_a_copy_of_what_was_judged_and_its_digests_are_told(folder: Path, cdk_out: Path) -> None:
    given, digest = judged(folder, cdk_out)
    deployed = deploy(folder, "dev", "--assembly", str(given), "--digest", digest)
    arguments, _, seen = json.loads((folder / "called.json").read_text())
    assert Path(arguments[3]) != given
    assert seen.keys() == {str(path.relative_to(given)) for path in given.rglob("*")}
    assert {mode for name, mode in seen.items() if name.endswith(".py")} == {0o644}
    first, *stacks = [line for line in deployed.stdout.splitlines() if "sha256:" in line]
    assert first == f"deploy: dev: the assembly {digest}"
    sealed = seal.check(given).stacks
    assert stacks == [
        f"deploy: {name}: {sealed[name]}"
        for name in sealed
        if name.startswith("otto-dev-") and name != "otto-dev-delivery"
    ]


@pytest.mark.parametrize("planted", ["manifest.json", "assembly-prod/new.json", "asset"])
def test_a_deploy_of_anything_but_what_was_judged_is_refused_and_calls_nothing(
    folder: Path, cdk_out: Path, planted: str
) -> None:
    given, digest = judged(folder, cdk_out)
    path = next(given.glob("asset.*/*/*.py")) if planted == "asset" else given / planted
    path.write_text(path.read_text() + "\n" if path.exists() else "{}")
    refused = deploy(folder, "dev", "--assembly", str(given), "--digest", digest)
    assert refused.returncode == 1
    assert refused.stderr.startswith("deploy: nothing is deployed: ")
    assert digest in refused.stderr or "its tag digest is" in refused.stderr
    assert not (folder / "called.json").exists()


def test_this_checkout_is_refused_where_another_assembly_was_judged(folder: Path) -> None:
    refused = deploy(folder, "dev", "--digest", "sha256:0")
    assert refused.returncode == 1
    assert re.fullmatch(
        r"deploy: nothing is deployed: the assembly is sha256:\w{64}, and what was judged is sha256:0: judge it anew\n",
        refused.stderr,
    )
    assert not (folder / "called.json").exists()


def test_an_assembly_without_a_digest_is_refused(folder: Path, cdk_out: Path) -> None:
    refused = deploy(folder, "dev", "--assembly", str(cdk_out))
    assert (refused.returncode, refused.stderr) == (
        1,
        "deploy: ASSEMBLY: say which was judged: DIGEST=sha256:…, as the access report says it\n",
    )


def test_an_assembly_that_could_not_be_made_says_why(folder: Path) -> None:
    synth.leave(folder / "assembly", "clients:1: folder: none")
    refused = deploy(folder, "dev", "--assembly", "assembly", "--digest", "sha256:0")
    assert (refused.returncode, refused.stderr) == (1, "deploy: nothing is deployed: clients:1: folder: none\n")


def test_deploy_calls_nothing_where_preflight_refuses(folder: Path, cdk_out: Path) -> None:
    refused = deploy(
        folder, "dev", "--despite", "weather", "--assembly", str(cdk_out), "--digest", seal.check(cdk_out).digest
    )
    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-1] == (
        "deploy: nothing was changed: fix what is wrong above, or name it: DESPITE=<row>,<row>"
    )
    assert not (folder / "called.json").exists()


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_the_selection_is_every_stack_of_that_environment_and_no_other(
    stacks: dict[str, SynthesizedStack], cdk_out: Path, environment: str, tmp_path: Path
) -> None:
    assembly = shutil.copytree(cdk_out, tmp_path / "assembly")
    command = [str(ROOT / "node_modules/.bin/cdk"), "list", f"{environment}/*", "--app", str(assembly)]
    listed = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.splitlines()
    selected = {re.sub(r".*\((.+)\)", r"\1", line) for line in listed}
    assert selected == {stack.name for stack in stacks.values() if stack.environment == environment}
    assert f"otto-{environment}-identity" in selected


def runs(makefile: str, *arguments: str) -> list[str]:
    """What `make` would run."""
    command = ["make", "--dry-run", "--assume-old=.venv/.ready", "--assume-old=.venv/.deploy", "--file=-", *arguments]
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
