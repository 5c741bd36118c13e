"""Every client's credentials are generated and rotated, and read by those alone that the registry names."""

import copy
import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import pytest

from stacks.environments import ENVIRONMENTS
from stacks.registry import Group
from stacks.registry.own import SMOKE
from tests.stacks.statements import many, written
from tests.stacks.synthesis import SynthesizedStack, resolved, strings, synthesize_callers

SECRET = "smokeCredentials9BA16F2D"
"""The logical id of the secret of a client that the registry keeps."""
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


def test_a_client_is_four_resources(stacks: dict[str, SynthesizedStack]) -> None:
    for environment in ENVIRONMENTS:
        stack = stacks[environment.stack("clients-internal")]
        clients = list(stack.of_type("AWS::Cognito::UserPoolClient"))
        assert len(stack.template["Resources"]) == 4 * len(clients)


CLOUDFORMATION = "arn:aws:iam::<AWS::AccountId>:role/cdk-hnb659fds-cfn-exec-role-<AWS::AccountId>-us-east-1"
ROTATING = "secretsmanager:RotationLambdaARN"
WRITING = {
    "secretsmanager:CancelRotateSecret",
    "secretsmanager:DeleteResourcePolicy",
    "secretsmanager:DeleteSecret",
    "secretsmanager:PutResourcePolicy",
    "secretsmanager:PutSecretValue",
    "secretsmanager:ReplicateSecretToRegions",
    "secretsmanager:TagResource",
    "secretsmanager:UntagResource",
    "secretsmanager:UpdateSecret",
    "secretsmanager:UpdateSecretVersionStage",
}


def unguarded(stacks: dict[str, SynthesizedStack]) -> list[tuple[str, str]]:
    """Each secret that somebody but CloudFormation and the rotation may write, or have rotated by another function."""
    found = {(environment, name) for environment, name, _ in by_type(stacks, "AWS::SecretsManager::Secret")}
    for environment, _, properties in by_type(stacks, "AWS::SecretsManager::ResourcePolicy"):
        writing, rotating = properties["ResourcePolicy"]["Statement"][:2]
        anybody = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Resource": "*"}
        role, cloudformation = writing["Condition"]["ArnNotEquals"].get("aws:PrincipalArn", ({"Ref": ""}, ""))
        if (
            set(writing["Action"]) >= WRITING
            and writing | anybody == writing
            and writing["Condition"].keys() == {"ArnNotEquals"}
            and writing["Condition"]["ArnNotEquals"].keys() == {"aws:PrincipalArn"}
            and written(cloudformation) == CLOUDFORMATION
            and is_parameter(role, stacks, environment, "rotation/RoleArn")
            and rotating | anybody == rotating
            and rotating["Action"] == "secretsmanager:RotateSecret"
            and rotating["Condition"].keys() == {"ArnNotEquals", "Null"}
            and rotating["Condition"]["Null"] == {ROTATING: "false"}
            and is_parameter(
                rotating["Condition"]["ArnNotEquals"][ROTATING], stacks, environment, "rotation/FunctionArn"
            )
        ):
            found.discard((environment, properties["SecretId"]["Ref"]))
    return sorted(found)


def is_parameter(value: dict[str, str], stacks: dict[str, SynthesizedStack], environment: str, name: str) -> bool:
    """Whether a value is read from what the rotation's stack of this environment tells."""
    read = [
        stack.template.get("Parameters", {}).get(value["Ref"])
        for stack in stacks.values()
        if stack.environment == environment
    ]
    return {"Type": "AWS::SSM::Parameter::Value<String>", "Default": f"/otto/{environment}/stacks/{name}"} in read


def test_nobody_but_cloudformation_and_the_rotation_may_write_a_secret(stacks: dict[str, SynthesizedStack]) -> None:
    assert unguarded(stacks) == []


@pytest.mark.parametrize("number", range(2))
@pytest.mark.parametrize("change", ["action", "condition", "gone"])
def test_a_planted_gap_in_a_secrets_policy_is_found(
    stacks: dict[str, SynthesizedStack], number: int, change: str
) -> None:
    stack = copy.deepcopy(stacks["otto-prod-clients-internal"])
    planted = next(
        resource["Properties"]["ResourcePolicy"]["Statement"]
        for _, resource in stack.of_type("AWS::SecretsManager::ResourcePolicy")
        if resource["Properties"]["SecretId"] == {"Ref": SECRET}
    )
    if change == "action":
        planted[number]["Action"] = planted[number]["Action"][:-1]
    elif change == "condition":
        planted[number]["Condition"]["StringEquals"] = {"aws:PrincipalTag/team": "growth"}
    else:
        del planted[number]
        planted.append(copy.deepcopy(planted[0]))
    assert unguarded(stacks | {"otto-prod-clients-internal": stack}) == [("prod", SECRET)]


def test_readers_become_a_policy_that_lets_only_them_and_the_rotation_read(groups: tuple[Group, ...]) -> None:
    stacks = synthesize_callers(changed(groups, SMOKE, readers=READERS))
    properties = next(
        each
        for environment, _, each in by_type(stacks, "AWS::SecretsManager::ResourcePolicy")
        if environment == "prod" and each["SecretId"] == {"Ref": SECRET}
    )
    assert properties["BlockPublicPolicy"] is True
    allow, others, plain = properties["ResourcePolicy"]["Statement"][2:]
    readers = allow["Principal"]["AWS"]
    assert readers[:2] == list(READERS)
    shared = {"Action": "secretsmanager:GetSecretValue", "Resource": "*"}
    assert allow == shared | {"Effect": "Allow", "Principal": {"AWS": readers}}
    deny = shared | {"Effect": "Deny", "Principal": {"AWS": "*"}}
    *excepted, cloudformation = others["Condition"]["ArnNotEquals"]["aws:PrincipalArn"]
    assert others == deny | {"Condition": {"ArnNotEquals": {"aws:PrincipalArn": [*readers, cloudformation]}}}
    assert excepted == readers
    rotation = properties["ResourcePolicy"]["Statement"][0]["Condition"]["ArnNotEquals"]["aws:PrincipalArn"][0]
    assert readers[2:] == [rotation]
    assert written(cloudformation) == CLOUDFORMATION
    assert plain == deny | {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}


def test_a_secret_without_readers_is_read_as_the_accounts_policies_say(stacks: dict[str, SynthesizedStack]) -> None:
    for _, _, properties in by_type(stacks, "AWS::SecretsManager::ResourcePolicy"):
        for statement in properties["ResourcePolicy"]["Statement"]:
            assert "secretsmanager:GetSecretValue" not in many(statement["Action"])


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
