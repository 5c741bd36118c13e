"""The steps that docs/deploying.md asks for once in each account, as it says them, where none of our stacks is.

Without `delivery/account`, as the page says for an account that has GitHub's provider: the emulator has no such type.
"""

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import cloud, deployment
from local.emulator import process
from local.emulator.key import ACCOUNT
from local.emulator.process import Emulator
from stacks import execution_policy
from stacks.environments import ENVIRONMENTS

PAGE = (deployment.CHECKOUT / "docs" / "deploying.md").read_text()


@pytest.fixture
def emulator_alone(tmp_path: Path) -> Iterator[Emulator]:
    try:
        yield process.start(state=tmp_path / "emulator", port=process.free_port())
    finally:
        process.stop(tmp_path / "emulator")


def steps() -> list[list[str]]:
    """The CDK CLI's commands of the page's numbered steps."""
    found = re.findall(r"^ {7}(node_modules/\.bin/cdk (?:.*\\\n)*.*)$", PAGE, re.MULTILINE)
    commands = [
        shlex.split(line.replace("\\\n", " ").replace("<account>", ACCOUNT).replace("<repository id>", "1"))
        for line in found
    ]
    return [[word for word in command if word != "delivery/account"] for command in commands]


def test_the_steps_make_who_may_deploy_and_a_bootstrap_without_an_administrator(
    emulator_alone: Emulator, cdk_out: Path, tmp_path: Path
) -> None:
    assembly = Path(shutil.copytree(cdk_out, tmp_path / "assembly"))
    for command in steps():
        done = subprocess.run(
            [*command, *(["--require-approval", "never"] if "deploy" in command else [])],
            cwd=deployment.CHECKOUT,
            env=cloud.environment(emulator_alone) | {"CDK_APP": str(assembly)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    stacks = {each["StackName"]: each for each in emulator_alone.client("cloudformation").describe_stacks()["Stacks"]}
    assert stacks.keys() == {"otto-dev-delivery", "CDKToolkit"}
    parameters = {each["ParameterKey"]: each["ParameterValue"] for each in stacks["CDKToolkit"]["Parameters"]}
    made = [f"arn:aws:iam::{ACCOUNT}:policy/{name}" for name in execution_policy.names(ENVIRONMENTS[0])]
    assert parameters["CloudFormationExecutionPolicies"] == ",".join(made)
    iam = emulator_alone.client("iam")
    assert [iam.get_policy(PolicyArn=policy)["Policy"]["Arn"] for policy in made] == made
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stacks["otto-dev-delivery"]["Outputs"]}
    for name in ("DeployRoleArn", "DiffRoleArn"):
        assert f"`{name}`" in PAGE
        assert iam.get_role(RoleName=outputs[name].rsplit("/", 1)[-1])
