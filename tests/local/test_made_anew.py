"""What is deleted and made anew reaches all that refers to it by the next deployment of the same templates."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local import cloud, deployment
from local.deployment import CHECKOUT
from local.emulator import process
from stacks.registry.own import SMOKE
from tests.local.platform.deployed import CLIENTS, Platform


@pytest.fixture(scope="module")
def alone(cdk_out: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform of its own, for whole stacks of it are deleted."""
    state = tmp_path_factory.mktemp("anew")
    emulator = process.start(state=state, port=process.free_port())
    try:
        deployment.bootstrap(emulator, state / "bootstrap.log")
        made = Platform(emulator=emulator, state=state, shown="")
        shutil.copytree(cdk_out, made.assembly)
        deploy(made, "dev/*")
        made.wait_for_credentials(*CLIENTS)
        yield made
    finally:
        process.stop(state)


def deploy(platform: Platform, *select: str) -> None:
    """As `make deploy` has the CDK CLI do it."""
    deployment.deploy(platform.emulator, platform.state / "again.log", assembly=platform.assembly, select=select)


def remove(platform: Platform, stack: str) -> None:
    cloudformation = platform.emulator.client("cloudformation")
    cloudformation.update_termination_protection(StackName=stack, EnableTerminationProtection=False)
    cloudformation.delete_stack(StackName=stack)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack, WaiterConfig={"Delay": 1})


def rotate_all(platform: Platform) -> None:
    """As the watch does within the hour, of secrets whose value no rotation registered."""
    for client in CLIENTS:
        platform.emulator.client("secretsmanager").rotate_secret(SecretId=f"otto/dev/clients/{client}")
    platform.wait_for_credentials(*CLIENTS)


def described(platform: Platform, client: str) -> dict[str, Any]:
    answer: dict[str, Any] = platform.emulator.client("secretsmanager").describe_secret(
        SecretId=f"otto/dev/clients/{client}"
    )
    return answer


def pool_clients(platform: Platform) -> dict[str, str]:
    """The id of each app client of the pool by its name."""
    listed = platform.emulator.client("cognito-idp").list_user_pool_clients(
        UserPoolId=platform.parameter("user-pool-id"), MaxResults=60
    )
    return {each["ClientName"]: each["ClientId"] for each in listed["UserPoolClients"]}


def make_credentials(platform: Platform) -> list[str]:
    """What `make credentials` says of clients that are not ready, waiting for none."""
    command = [sys.executable, "-m", "tools.credentials", "dev", "--seconds", "0"]
    environment = cloud.environment(platform.emulator)
    done = subprocess.run(command, env=environment, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stderr.splitlines()


def test_app_clients_move_into_the_new_pool_and_get_tokens_there(alone: Platform) -> None:
    before = pool_clients(alone)
    remove(alone, "otto-dev-identity")
    deploy(alone, "dev/identity", "--exclusively")
    cognito, pool = alone.emulator.client("cognito-idp"), alone.parameter("user-pool-id")
    foreign = cognito.create_user_pool_client(UserPoolId=pool, ClientName=SMOKE)["UserPoolClient"]["ClientId"]
    said = make_credentials(alone)
    for client, client_id in before.items():
        has = f"has {SMOKE} as {foreign}" if client == SMOKE else f"has no app client {client}"
        made = f"otto/dev/clients/{client}: made for the app client {client_id}, and the user pool {has}"
        assert f"{client}: {made}: make up, then make credentials ENV=local" in said
    cognito.delete_user_pool_client(UserPoolId=pool, ClientId=foreign)

    deploy(alone, "dev/*")
    after = pool_clients(alone)
    assert after.keys() == before.keys()
    assert set(after.values()).isdisjoint(before.values())
    tags = {client: {tag["Key"]: tag["Value"] for tag in described(alone, client)["Tags"]} for client in CLIENTS}
    assert {client: tag["client-id"] for client, tag in tags.items()} == after
    # CloudFormation wrote values that no rotation registered, which the next rotation does.
    assert all("its current value was written" in why for why in alone.unready(*CLIENTS).values())
    assert alone.unready(*CLIENTS).keys() == CLIENTS.keys()
    rotate_all(alone)
    assert {client: alone.credentials(client)["client_id"] for client in CLIENTS} == after
    assert alone.call("GET", "https://www.linkedin.com/in/nobody").status == 404, "the API takes the new pool's tokens"


def test_schedules_call_the_new_rotation_function(alone: Platform) -> None:
    before = described(alone, "smoke")["RotationLambdaARN"]
    remove(alone, "otto-dev-rotation")
    deploy(alone, "dev/*")
    [function] = [
        each["PhysicalResourceId"]
        for each in alone.emulator.client("cloudformation").describe_stack_resources(StackName="otto-dev-rotation")[
            "StackResources"
        ]
        if each["ResourceType"] == "AWS::Lambda::Function"
    ]
    assert before.rpartition(":")[2] != function
    assert {described(alone, client)["RotationLambdaARN"].rpartition(":")[2] for client in CLIENTS} == {function}
    alone.wait_for_credentials(*CLIENTS)  # a changed schedule rotates at once
    rotate_all(alone)
    assert alone.token("smoke")


def test_metrics_are_counted_in_the_new_log_group(alone: Platform) -> None:
    remove(alone, "otto-dev-profiles")
    deploy(alone, "dev/*")
    logs = alone.emulator.client("logs")
    groups = {
        each["logGroupName"]
        for page in logs.get_paginator("describe_log_groups").paginate()
        for each in page["logGroups"]
    }
    filters = [
        each for page in logs.get_paginator("describe_metric_filters").paginate() for each in page["metricFilters"]
    ]
    assert {each["logGroupName"] for each in filters} <= groups
    assert "Unauthorized" in {each["metricTransformations"][0]["metricName"] for each in filters}
    assert alone.call("GET", "https://www.linkedin.com/in/nobody").status == 404


def test_what_the_firewall_protects_gets_the_new_web_acls(alone: Platform) -> None:
    """The emulator has no association: what it would be made with is the template's parameter."""
    deploy(alone, "staging/*")
    before = web_acls(alone)
    assert read(alone) == before
    remove(alone, "otto-staging-firewall")
    logs = alone.emulator.client("logs")
    for group in logs.describe_log_groups(logGroupNamePrefix="aws-waf-logs-otto-staging-")["logGroups"]:
        logs.delete_log_group(logGroupName=group["logGroupName"])  # retained, under a name that WAF asks for
    deploy(alone, "staging/*")
    after = web_acls(alone)
    assert after.isdisjoint(before)
    assert read(alone) == after


def web_acls(platform: Platform) -> set[str]:
    listed = platform.emulator.client("wafv2").list_web_acls(Scope="REGIONAL")["WebACLs"]
    return {each["ARN"] for each in listed if each["Name"].startswith("otto-staging-")}


def read(platform: Platform) -> set[str]:
    """What the stacks behind the firewall were deployed with: ResolvedValue at AWS, ParameterValue at the emulator."""
    cloudformation = platform.emulator.client("cloudformation")
    return {
        parameter.get("ResolvedValue", parameter["ParameterValue"])
        for name in ("otto-staging-identity", "otto-staging-profiles")
        for parameter in cloudformation.describe_stacks(StackName=name)["Stacks"][0]["Parameters"]
        if "stacksfirewall" in parameter["ParameterKey"]
    }
