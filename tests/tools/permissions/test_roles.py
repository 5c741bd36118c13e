"""Every role may make the calls that it makes and no others, within the boundary; so may CDK's own roles."""

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tools.permissions import bootstrap, callers, code, decide, excess, policies
from tools.permissions.policies import Role
from tools.permissions.requests import Request
from tools.template import Assembly

ROOT = Path(__file__).parents[3]
NAMES = ("dev", "staging", "prod")


def of(assembly: Assembly, environment: str) -> list[tuple[Role, tuple[Request, ...]]]:
    """The roles of an environment's stacks with the requests of each."""
    return list(callers.calls_of(assembly, environment, environment))


def limit(assembly: Assembly, environment: str) -> policies.Statements:
    return policies.managed(assembly, f"otto-{environment}-boundary")


def faults(assembly: Assembly, environment: str) -> list[str]:
    """Roles without the boundary, calls that a role or the boundary does not allow, and grants without a call."""
    found = []
    for role, requests in of(assembly, environment):
        if role.boundary != f"arn:aws:iam::111122223333:policy/otto-{environment}-boundary":
            found.append(f"{role.node[1]} has no boundary")
        found += decide.describe(decide.refused(requests, role.statements, limit(assembly, environment)))
        found += [f"{role.node[1]}: {each.action}" for each in excess.unneeded(role.statements, requests)]
    return found


@pytest.mark.parametrize("environment", NAMES)
def test_every_role_may_make_its_calls_within_the_boundary_and_no_others(assembly: Assembly, environment: str) -> None:
    assert len(of(assembly, environment)) >= 3
    assert faults(assembly, environment) == []


@pytest.mark.parametrize("environment", NAMES)
def test_the_boundary_is_no_wider_than_the_calls_of_all_roles_and_its_reasons(
    assembly: Assembly, environment: str
) -> None:
    requests = [each for _, asked in of(assembly, environment) for each in asked]
    found = excess.unneeded(limit(assembly, environment), requests)
    assert excess.in_every({environment: found}).keys() == excess.reasons("boundary").keys()


def changed(assembly: Assembly, stack: str, kind: str, **properties: Any) -> Assembly:
    """The assembly with other properties of a stack's resources of one type; None takes one away."""
    template = copy.deepcopy(dict(assembly.stacks[stack].template))
    for resource in template["Resources"].values():
        if resource["Type"] == kind:
            for name, value in properties.items():
                resource["Properties"].pop(name) if value is None else resource["Properties"].update({name: value})
    return Assembly({**assembly.stacks, stack: replace(assembly.stacks[stack], template=template)})


def test_a_role_without_the_boundary_is_found(assembly: Assembly) -> None:
    found = faults(changed(assembly, "otto-dev-profiles", "AWS::IAM::Role", PermissionsBoundary=None), "dev")
    assert [each for each in found if each.endswith("has no boundary")]


def test_a_role_that_may_not_make_a_call_of_its_code_is_found(assembly: Assembly) -> None:
    none = {"Statement": [{"Effect": "Allow", "Action": "sts:GetCallerIdentity", "Resource": "*"}]}
    found = faults(changed(assembly, "otto-dev-profiles", "AWS::IAM::Policy", PolicyDocument=none), "dev")
    assert any(each.startswith("dynamodb:GetItem on arn:aws:dynamodb:us-east-1:") for each in found)
    assert any(each.endswith(": sts:GetCallerIdentity") for each in found)


def test_a_call_beyond_the_boundary_is_found(assembly: Assembly) -> None:
    document = {"Statement": [{"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "*"}]}
    narrow = changed(assembly, "otto-dev-delivery", "AWS::IAM::ManagedPolicy", PolicyDocument=document)
    assert any(each.startswith("dynamodb:PutItem on ") for each in faults(narrow, "dev"))


def test_the_rotation_may_touch_no_pool_without_the_environments_tags(assembly: Assembly) -> None:
    pool = Request(
        "cognito-idp:AddUserPoolClientSecret",
        "arn:aws:cognito-idp:us-east-1:111122223333:userpool/us-east-1_another",
        {"aws:ResourceTag/environment": ("dev",), "aws:ResourceTag/application": ("another",)},
        "planted",
    )
    assert list(decide.refused([pool], limit(assembly, "dev"))) == [pool]


@pytest.mark.parametrize("environment", NAMES)
def test_who_deploys_may_make_the_calls_of_its_commands_and_no_others(assembly: Assembly, environment: str) -> None:
    found = list(callers.calls_of(assembly, environment, "delivery"))
    assert len(found) == (3 if environment == "dev" else 2)
    for role, requests in found:
        assert decide.describe(decide.refused(requests, role.statements)) == []
        assert excess.unneeded(role.statements, requests) == {}


@pytest.mark.parametrize("role", ["DeploymentActionRole", "FilePublishingRole"])
def test_bootstraps_roles_may_make_the_calls_of_the_cli(assembly: Assembly, role: str) -> None:
    requests = list(callers.bootstrap_calls(assembly, "prod", role))
    assert requests
    assert decide.describe(decide.refused(requests, bootstrap.statements(role))) == []


def test_bootstraps_deploy_role_may_not_make_a_planted_call() -> None:
    planted = Request("cognito-idp:CreateUserPool", "*", {}, "planted")
    assert list(decide.refused([planted], bootstrap.statements("DeploymentActionRole"))) == [planted]


def test_the_listed_calls_of_a_file_are_those_of_its_code() -> None:
    listed: dict[str, set[str]] = {}
    for entry in callers.listed():
        for call in entry["calls"]:
            if call["by"].startswith(("callers/", "tools/")):
                listed.setdefault(call["by"], set()).update(call["actions"])
    assert {name: code.actions(ROOT / name) for name in listed} == listed


def test_what_is_called_by_its_name_is_a_call_too(tmp_path: Path) -> None:
    file = tmp_path / "planted.py"
    file.write_text(
        'stacks = boto3.client("cloudformation")\n'
        'stacks.get_paginator("list_stacks")\n'
        'stacks.get_waiter("stack_delete_complete")\n'
        "ask = stacks.get_template\n"
        'boto3.client("sts").get_caller_identity()\n'
        'cloud.pages("iam", "list_roles")\n'
        'Named(service="sns", operation="list_topics")\n'
    )
    assert code.actions(file) == {
        "iam:ListRoles",
        "sns:ListTopics",
        "cloudformation:DescribeStacks",
        "cloudformation:GetTemplate",
        "cloudformation:ListStacks",
    }
