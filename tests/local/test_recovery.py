"""A first creation of `staging` that fails, in whichever stack, is repaired by `make deploy` alone."""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local import cloud, deployment
from local.emulator import process
from local.emulator.process import Emulator
from tests.stacks.synthesis import SynthesizedStack
from tools import seal

PLANTED = {
    "Type": "AWS::SecretsManager::Secret",
    "Properties": {"SecretString": "a", "GenerateSecretString": {"PasswordLength": 32}},
}
"""A secret with two values, which is refused."""
PROTECTED = {"AWS::Cognito::UserPool": "UserPoolId", "AWS::DynamoDB::GlobalTable": "TableName"}
Template = dict[str, Any]


@dataclass(frozen=True)
class Account:
    """An account that has been bootstrapped, and the assembly that is deployed to it."""

    emulator: Emulator
    assembly: Path

    @property
    def cloudformation(self) -> Any:
        return self.emulator.client("cloudformation")

    def deploy(self) -> subprocess.CompletedProcess[str]:
        """What `make deploy ENV=staging` runs, at the emulator."""
        given = ["--assembly", str(self.assembly), "--digest", seal.close(self.assembly).digest]
        return self._run(sys.executable, "-m", "tools.deploy", "staging", "--require-approval", "never", *given)

    def deploy_alone(self) -> subprocess.CompletedProcess[str]:
        """What the CDK CLI does by itself."""
        alone = self.assembly.with_name("alone")
        shutil.copytree(self.assembly, alone)
        return self._run(deployment.CDK, *deployment.arguments("staging/*"), "--app", str(alone))

    def _run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=deployment.CHECKOUT,
            env=cloud.environment(self.emulator),
            capture_output=True,
            text=True,
            check=False,
        )

    def write(self, stack: str, template: Template) -> None:
        """Put a stack's template into the assembly, under a hash of its own as CDK does."""
        stage = self.assembly / "assembly-staging"
        manifest = stage / "manifest.json"
        [artifact] = [
            artifact
            for artifact in json.loads(manifest.read_text())["artifacts"].values()
            if artifact.get("properties", {}).get("stackName") == stack
        ]
        file = stage / artifact["properties"]["templateFile"]
        assets = stage / file.name.replace(".template.json", ".assets.json")
        [before] = [
            key for key, each in json.loads(assets.read_text())["files"].items() if each["source"]["path"] == file.name
        ]
        body = json.dumps(template)
        after = hashlib.sha256(body.encode()).hexdigest()
        file.write_text(body)
        for path in (manifest, assets):
            path.write_text(path.read_text().replace(before, after))

    def stacks(self) -> dict[str, dict[str, Any]]:
        return {each["StackName"]: each for each in self.cloudformation.describe_stacks()["Stacks"]}

    def resources(self, stack: str) -> dict[str, str]:
        """The status of each resource of a stack, by its logical id."""
        pages = self.cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
        found = [each for page in pages for each in page["StackResourceSummaries"]]
        return {each["LogicalResourceId"]: each["ResourceStatus"] for each in found}

    def pools(self) -> list[str]:
        cognito = self.emulator.client("cognito-idp")
        found = cognito.list_user_pools(MaxResults=60)["UserPools"]
        described = [cognito.describe_user_pool(UserPoolId=each["Id"])["UserPool"] for each in found]
        return [each["DeletionProtection"] for each in described]

    def tables(self) -> list[bool]:
        dynamodb = self.emulator.client("dynamodb")
        names = dynamodb.list_tables()["TableNames"]
        return [dynamodb.describe_table(TableName=name)["Table"]["DeletionProtectionEnabled"] for name in names]


@pytest.fixture
def account(cdk_out: Path, tmp_path: Path) -> Iterator[Account]:
    assembly = tmp_path / "cdk.out"
    shutil.copytree(cdk_out, assembly)
    running = process.start(state=tmp_path / "emulator", port=process.free_port())
    try:
        deployment.bootstrap(running, tmp_path / "emulator" / "bootstrap.log")
        yield Account(running, assembly)
    finally:
        process.stop(tmp_path / "emulator")


def failing(template: Template) -> Template:
    """The template with one more resource, which fails when all the others have been made."""
    resources = template["Resources"]
    return template | {"Resources": resources | {"Planted": PLANTED | {"DependsOn": sorted(resources)}}}


def acts(deployed: subprocess.CompletedProcess[str]) -> list[str]:
    """What `make deploy` said that it did before it deployed."""
    return [line for line in deployed.stdout.splitlines() if line.startswith("deploy: ") and "sha256:" not in line]


def test_each_stack_in_turn_fails_and_is_made_by_the_next_deploy(
    account: Account, stacks: dict[str, SynthesizedStack]
) -> None:
    staging = {name: stack for name, stack in stacks.items() if stack.environment == "staging"}
    failed: list[str] = []
    while len(failed) < len(staging):
        # Plant the fault in all that has not been made yet: whichever comes next fails.
        for name in staging.keys() - failed:
            account.write(name, failing(staging[name].template))
        deployed = account.deploy()
        assert deployed.returncode != 0, deployed.stdout
        assert all(line.startswith(f"deploy: {failed[-1]}: ") for line in acts(deployed))
        assert bool(acts(deployed)) == bool(failed)
        statuses = {name: each["StackStatus"] for name, each in account.stacks().items() if name in staging}
        [now] = [name for name, status in statuses.items() if status != "CREATE_COMPLETE"]
        kept = any(True for _ in staging[now].of_type(*PROTECTED))
        assert statuses[now] == ("ROLLBACK_FAILED" if kept else "ROLLBACK_COMPLETE")
        failed.append(now)
        account.write(now, staging[now].template)
    alone = account.deploy_alone()
    assert "cannot be deleted while TerminationProtection is enabled" in alone.stdout + alone.stderr
    last = account.deploy()
    assert last.returncode == 0, last.stdout + last.stderr
    ended = account.stacks()
    assert {name: ended[name]["StackStatus"] for name in staging} == dict.fromkeys(staging, "CREATE_COMPLETE")
    for name, stack in staging.items():
        assert ended[name]["EnableTerminationProtection"] == stack.termination_protection
        assert account.resources(name) == dict.fromkeys(stack.template["Resources"], "CREATE_COMPLETE")
    assert (account.pools(), account.tables()) == (["ACTIVE"], [True])
