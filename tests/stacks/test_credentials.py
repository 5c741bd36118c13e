"""Every client's credentials are generated and rotated, and read by those alone that the registry names."""

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import pytest

from stacks.environments import ENVIRONMENTS
from stacks.registry import Group
from stacks.registry.own import SMOKE
from tests.stacks.statements import written
from tests.stacks.synthesis import SynthesizedStack, resolved, strings, synthesize_callers
from tools.template import Reference

READERS = ("arn:aws:iam::111122223333:role/lead-enricher", "arn:aws:iam::111122223333:role/on-call")


def by_type(stacks: dict[str, SynthesizedStack], resource_type: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The environment, logical id and properties of every resource of a type."""
    for stack in stacks.values():
        for logical_id, resource in stack.of_type(resource_type):
            yield stack.environment, logical_id, resource["Properties"]


def changed(groups: tuple[Group, ...], name: str, **grant: object) -> tuple[Group, ...]:
    """The registry with one client's grant in `prod` changed."""
    return tuple(
        dataclasses.replace(
            group,
            clients=tuple(
                dataclasses.replace(
                    client,
                    environments=dict(client.environments)
                    | {"prod": dataclasses.replace(client.environments["prod"], **grant)},  # type: ignore[arg-type]
                )
                if client.name == name
                else client
                for client in group.clients
            ),
        )
        for group in groups
    )


def test_every_secret_is_generated_by_a_block_that_never_changes(stacks: dict[str, SynthesizedStack]) -> None:
    """CloudFormation answers a change of this block with a new value, which Cognito does not know."""
    secrets = list(by_type(stacks, "AWS::SecretsManager::Secret"))
    assert secrets
    for _, logical_id, properties in secrets:
        client = properties["GenerateSecretString"]["SecretStringTemplate"]["Fn::Join"][1][1]["Ref"]
        assert client.split("AppClient")[0] == logical_id.split("Credentials")[0]
        assert properties["GenerateSecretString"] == {
            "ExcludePunctuation": True,
            "GenerateStringKey": "client_secret",
            "PasswordLength": 64,
            "SecretStringTemplate": {"Fn::Join": ["", ['{"client_id":"', {"Ref": client}, '"}']]},
        }
        assert {"Key": "client-id", "Value": {"Ref": client}} in properties["Tags"]
        assert "SecretString" not in properties


def test_no_template_reads_the_secret_that_cognito_made(stacks: dict[str, SynthesizedStack]) -> None:
    assert [name for name, stack in stacks.items() if "ClientSecret" in strings(stack.template)] == []


def test_every_secret_is_rotated_on_its_environments_schedule(stacks: dict[str, SynthesizedStack]) -> None:
    days = {"dev": 90, "staging": 30, "prod": 30}
    rotated = {
        (stack.environment, properties["SecretId"].logical_id)
        for stack, _, properties in resolved(stacks).of_type("AWS::SecretsManager::RotationSchedule")
        if properties["RotationRules"] == {"AutomaticallyAfterDays": days[stack.environment]}
        and properties["RotationLambdaARN"].stack == f"otto-{stack.environment}-rotation"
    }
    secrets = {(environment, name) for environment, name, _ in by_type(stacks, "AWS::SecretsManager::Secret")}
    assert rotated == secrets


def test_ten_rotations_run_at_a_time(stacks: dict[str, SynthesizedStack]) -> None:
    """docs/decisions/which-secret-is-current.md says why neither fewer nor more."""
    functions = {
        environment.name: properties.get("ReservedConcurrentExecutions")
        for environment in ENVIRONMENTS
        for _, _, properties in by_type({"": stacks[environment.stack("rotation")]}, "AWS::Lambda::Function")
    }
    assert functions == {"dev": None, "staging": 10, "prod": 10}


def test_a_client_is_three_resources(stacks: dict[str, SynthesizedStack]) -> None:
    for environment in ENVIRONMENTS:
        stack = stacks[environment.stack("clients-internal")]
        clients = list(stack.of_type("AWS::Cognito::UserPoolClient"))
        policies = list(stack.of_type("AWS::SecretsManager::ResourcePolicy"))  # of those that name readers
        assert len(stack.template["Resources"]) == 3 * len(clients) + len(policies)


def test_readers_become_a_policy_that_lets_only_them_and_the_rotation_read(groups: tuple[Group, ...]) -> None:
    stacks = synthesize_callers(changed(groups, SMOKE, readers=READERS))
    [(environment, _, properties)] = by_type(stacks, "AWS::SecretsManager::ResourcePolicy")
    assert environment == "prod"
    assert properties["SecretId"] == {"Ref": "smokeCredentials9BA16F2D"}
    assert properties["BlockPublicPolicy"] is True
    [(role, _)] = stacks["otto-prod-rotation"].of_type("AWS::IAM::Role")
    allow, others, plain = properties["ResourcePolicy"]["Statement"]
    readers = allow["Principal"]["AWS"]
    assert readers[:2] == list(READERS)
    [(_, _, policy)] = resolved(stacks).of_type("AWS::SecretsManager::ResourcePolicy")
    last = policy["ResourcePolicy"]["Statement"][0]["Principal"]["AWS"][2]
    assert last == Reference("otto-prod-rotation", role, "Arn")
    shared = {"Action": "secretsmanager:GetSecretValue", "Resource": "*"}
    assert allow == shared | {"Effect": "Allow", "Principal": {"AWS": readers}}
    deny = shared | {"Effect": "Deny", "Principal": {"AWS": "*"}}
    *excepted, cloudformation = others["Condition"]["ArnNotEquals"]["aws:PrincipalArn"]
    assert others == deny | {"Condition": {"ArnNotEquals": {"aws:PrincipalArn": [*readers, cloudformation]}}}
    assert excepted == readers
    name = "role/cdk-hnb659fds-cfn-exec-role-<AWS::AccountId>-us-east-1"
    assert written(cloudformation) == f"arn:aws:iam::<AWS::AccountId>:{name}"
    assert plain == deny | {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}


@pytest.mark.parametrize(
    "grant", [{"readers": READERS}, {"suspended": True}, {"access_token_minutes": 5}, {"scopes": ("api.write",)}]
)
def test_no_other_change_of_a_client_touches_its_secret(
    stacks: dict[str, SynthesizedStack], groups: tuple[Group, ...], grant: dict[str, object]
) -> None:
    after = synthesize_callers(changed(groups, SMOKE, **grant))["otto-prod-clients-internal"]
    before = stacks["otto-prod-clients-internal"]
    assert json.dumps(after.template) != json.dumps(before.template)
    for kind in ("AWS::SecretsManager::Secret", "AWS::SecretsManager::RotationSchedule"):
        assert dict(after.of_type(kind)) == dict(before.of_type(kind))


def test_a_suspended_client_keeps_its_identity_and_loses_every_flow_and_scope(
    stacks: dict[str, SynthesizedStack], groups: tuple[Group, ...]
) -> None:
    name = "smokeAppClient2E904B24"
    before = stacks["otto-prod-clients-internal"].template["Resources"][name]["Properties"]
    after = synthesize_callers(changed(groups, SMOKE, suspended=True))["otto-prod-clients-internal"]
    assert after.template["Resources"][name]["Properties"] == before | {
        "AllowedOAuthFlows": [],
        "AllowedOAuthFlowsUserPoolClient": False,
        "AllowedOAuthScopes": [],
    }
