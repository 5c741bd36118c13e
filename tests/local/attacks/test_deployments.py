"""Deployments that are cut short, fail, or meet what is left of an earlier one; callers must not notice."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local import cloud, deployment
from local.deployment import CHECKOUT
from local.failure import CommandError
from stacks.registry.own import SMOKE
from tests.local.conftest import copy_checkout
from tests.local.platform.deployed import CLIENTS, Platform

COMEBACK = "comeback-service"
SECRET = f"otto/dev/clients/{COMEBACK}"
GROUP = "clients-internal"
FAILING = f"""
        # A name that is taken: made after the function has its new code, and refused.
        taken = cdk.CfnResource(
            self,
            "Taken",
            type="AWS::SecretsManager::Secret",
            properties={{"Name": "otto/dev/clients/{SMOKE}", "SecretString": "x"}},
        )
        taken.node.add_dependency(handler.function)
"""
SAMPLE = "https://www.linkedin.com/in/arjaynacion"


@dataclass(frozen=True)
class Revision:
    """What one checkout synthesizes to, deployed a stack at a time."""

    platform: Platform
    assembly: Path

    def select(self, stack: str) -> list[str]:
        return [f"dev/{stack}", "--exclusively"]

    def deploy(self, stack: str) -> None:
        log = self.platform.state / "revision.log"
        deployment.deploy(self.platform.emulator, log, assembly=self.assembly, select=self.select(stack))

    def deploy_until(self, stack: str, moment: str) -> None:
        """Begin, and kill the CDK CLI with all that it started as soon as it says `moment`."""
        with subprocess.Popen(
            [CHECKOUT / deployment.CDK, *deployment.arguments(*self.select(stack), "--app", str(self.assembly))],
            cwd=CHECKOUT,
            env=cloud.environment(self.platform.emulator),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            assert process.stdout is not None
            said = next((line for line in process.stdout if moment in line), None)
            os.killpg(process.pid, signal.SIGKILL)
        assert said is not None, f"the deployment ended without {moment!r}"


@contextmanager
def calling(platform: Platform) -> Iterator[list[Any]]:
    """One call after another to the API, all the while; what was answered other than the profile."""
    over, wrong, token = threading.Event(), [], platform.token()
    calls = 0

    def call() -> None:
        nonlocal calls
        while not over.wait(0.1):
            answer = platform.call("GET", SAMPLE, token=token)
            calls += 1
            if answer.status != 200 or answer.json()["uri"] != SAMPLE:
                wrong.append((answer.status, answer.data))

    thread = threading.Thread(target=call)
    thread.start()
    try:
        yield wrong
    finally:
        over.set()
        thread.join()
    assert calls


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One client more, and new code for the API beside a resource that cannot be made."""
    copy = copy_checkout(tmp_path_factory.mktemp("changed"))
    client = copy / f"clients/internal/{SMOKE}.yaml"
    shutil.copy(client, client.with_name(f"{COMEBACK}.yaml"))
    handler = copy / "lambdas/profiles/handler.py"
    handler.write_text(handler.read_text().replace('"nosniff"', '"nosniff, new"'))
    stack = copy / "stacks/profiles.py"
    stack.write_text(stack.read_text() + FAILING)
    return copy


@pytest.fixture(scope="module")
def changed(platform: Platform, checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Revision:
    assembly = tmp_path_factory.mktemp("revision") / "assembly"
    deployment.synthesize(checkout, assembly)
    return Revision(platform, assembly)


@pytest.fixture(scope="module")
def base(platform: Platform) -> Revision:
    return Revision(platform, platform.assembly)


def test_a_secret_in_its_recovery_window_is_named_with_the_mend(
    platform: Platform, checkout: Path, changed: Revision, base: Revision
) -> None:
    """Somebody deleted the secret by hand, as the console does: its name is taken for days."""
    manager = platform.emulator.client("secretsmanager")
    manager.create_secret(Name=SECRET, SecretString="{}")
    manager.delete_secret(SecretId=SECRET, RecoveryWindowInDays=7)
    with calling(platform) as wrong, pytest.raises(CommandError, match="already scheduled for deletion"):
        changed.deploy(GROUP)
    assert wrong == []
    # What a failed `make deploy` says then.
    said = subprocess.run(
        [sys.executable, "-m", "tools.credentials", "dev", "--seconds", "0"],
        cwd=checkout,
        env=cloud.environment(platform.emulator) | {"PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        check=False,
    )
    [line] = [line for line in said.stderr.splitlines() if COMEBACK in line]
    assert f"{SECRET}: it is scheduled for deletion" in line
    at = f"aws --profile emulator --endpoint-url {platform.emulator.endpoint} --region us-east-1 secretsmanager"
    assert f"{at} restore-secret --secret-id {SECRET};" in line
    assert f"{at} delete-secret --secret-id {SECRET} --force-delete-without-recovery, then" in line
    assert said.returncode == 1
    # And the mend mends.
    manager.delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=True)
    changed.deploy(GROUP)
    platform.wait_for_credentials(COMEBACK)
    assert platform.token(COMEBACK)
    base.deploy(GROUP)


def test_a_deployment_killed_midway_is_ended_by_running_it_again(
    platform: Platform, changed: Revision, base: Revision
) -> None:
    before = {client: platform.credentials(client) for client in CLIENTS}
    with calling(platform) as wrong:
        for moment in ("creating CloudFormation changeset", f"otto-dev-{GROUP} |"):
            changed.deploy_until(GROUP, moment)
        changed.deploy(GROUP)
        platform.wait_for_credentials(COMEBACK)
    assert wrong == []
    assert {client: platform.credentials(client) for client in CLIENTS} == before
    for client in (*CLIENTS, COMEBACK):
        assert platform.call("GET", SAMPLE, token=platform.token(client)).status == 200
    # Its file is removed and added again: CloudFormation deletes a secret at once, so the name is free.
    first = platform.credentials(COMEBACK)
    base.deploy(GROUP)
    changed.deploy(GROUP)
    platform.wait_for_credentials(COMEBACK)
    second = platform.credentials(COMEBACK)
    assert second["client_id"] != first["client_id"]
    assert platform.request_token(**first).json()["error"] == "invalid_client"
    assert platform.request_token(**second).status == 200
    base.deploy(GROUP)


def test_a_failing_resource_is_rolled_back_and_the_old_api_goes_on(
    platform: Platform, changed: Revision, base: Revision
) -> None:
    before = platform.call("GET", SAMPLE)
    assert before.headers["X-Content-Type-Options"] == "nosniff"
    with calling(platform) as wrong, pytest.raises(CommandError, match=f"otto/dev/clients/{SMOKE} already exists"):
        changed.deploy("profiles")
    assert wrong == []
    after = platform.call("GET", SAMPLE)
    assert (after.status, after.json()) == (200, before.json())
    assert after.headers["X-Content-Type-Options"] == "nosniff"
    cloudformation = platform.emulator.client("cloudformation")
    [found] = cloudformation.describe_stacks(StackName="otto-dev-profiles")["Stacks"]
    assert found["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    events = cloudformation.describe_stack_events(StackName="otto-dev-profiles")["StackEvents"]
    assert any(event["ResourceType"] == "AWS::Lambda::Function" for event in events[:20])
    # And the next deployment is as any other.
    base.deploy("profiles")
    assert platform.call("GET", SAMPLE).status == 200
