"""Who may deploy: exact trust, the bootstrap roles only, and roles with the boundary only."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

import app
from stacks import registry
from stacks.environments import ENVIRONMENTS
from tools.permissions import authorization

ROOT = Path(__file__).parents[2]
NAMES = [environment.name for environment in ENVIRONMENTS]
SUBJECT = "repo:sellwithotto/otto-m2m"
REPOSITORY_ID = "1234567890"


@cache
def assembly() -> cdk.cx_api.CloudAssembly:
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    built = cdk.App(context=context)
    app.build(built, registry.load())
    return built.synth()


def stage(name: str) -> dict[str, dict[str, Any]]:
    stacks = assembly().get_nested_assembly(f"assembly-{name}").stacks
    return {stack.stack_name: stack.template for stack in stacks}


def resolve(value: Any) -> Any:
    """The template's value in account 111122223333, with the parameters of that repository."""
    known = {"AWS::AccountId": "111122223333", "Subject": SUBJECT, "RepositoryId": REPOSITORY_ID}
    if isinstance(value, dict):
        if "Ref" in value:
            return known[value["Ref"]]
        if "Fn::Join" in value:
            return "".join(resolve(part) for part in value["Fn::Join"][1])
        return {key: resolve(item) for key, item in value.items()}
    return [resolve(item) for item in value] if isinstance(value, list) else value


def roles(name: str) -> dict[str, Any]:
    resources = stage("delivery")[f"otto-{name}-delivery"]["Resources"]
    found = [resolve(r["Properties"]) for r in resources.values() if r["Type"] == "AWS::IAM::Role"]
    return {role["Policies"][0]["PolicyName"]: role for role in found}


@pytest.mark.parametrize("name", NAMES)
def test_deploy_role_trusts_one_github_environment_and_holds_the_bootstrap_roles_and_one_clients_secret(
    name: str,
) -> None:
    role = roles(name)["deploy"]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust == {
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Effect": "Allow",
        "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},
        "Condition": {
            "StringEquals": {
                "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                "token.actions.githubusercontent.com:sub": f"{SUBJECT}:environment:{name}",
                "token.actions.githubusercontent.com:repository_id": REPOSITORY_ID,
                "token.actions.githubusercontent.com:ref": "refs/heads/main",
                "token.actions.githubusercontent.com:job_workflow_ref": (
                    "sellwithotto/otto-m2m/.github/workflows/environment.yml@refs/heads/main"
                ),
            }
        },
    }
    bootstrap = "arn:aws:iam::111122223333:role/cdk-hnb659fds-{}-role-111122223333-us-east-1"
    assert [each["PolicyName"] for each in role["Policies"]] == ["deploy", "preflight"]
    assert [policy["PolicyDocument"]["Statement"] for policy in role["Policies"][:1]] == [
        [
            {
                "Action": "sts:AssumeRole",
                "Effect": "Allow",
                "Resource": [bootstrap.format("deploy"), bootstrap.format("file-publishing")],
            },
            {
                "Action": ["secretsmanager:DescribeSecret", "secretsmanager:RotateSecret"],
                "Effect": "Allow",
                "Resource": f"arn:aws:secretsmanager:us-east-1:111122223333:secret:otto/{name}/clients/*",
            },
            {
                "Action": [
                    "cognito-idp:DeleteUserPool",
                    "cognito-idp:ListUserPoolClients",
                    "cognito-idp:UpdateUserPool",
                ],
                "Effect": "Allow",
                "Resource": "arn:aws:cognito-idp:us-east-1:111122223333:userpool/*",
                "Condition": {
                    "StringEquals": {"aws:ResourceTag/application": "otto-m2m", "aws:ResourceTag/environment": name}
                },
            },
            {
                "Action": ["cloudformation:ListStacks", "secretsmanager:ListSecrets"],
                "Effect": "Allow",
                "Resource": "*",
            },
            {
                "Action": "lambda:InvokeFunction",
                "Effect": "Allow",
                "Resource": f"arn:aws:lambda:us-east-1:111122223333:function:otto-{name}-rotation-*",
            },
            {
                "Action": "secretsmanager:GetSecretValue",
                "Effect": "Allow",
                "Resource": f"arn:aws:secretsmanager:us-east-1:111122223333:secret:otto/{name}/clients/smoke-??????",
            },
            {
                "Action": "ssm:GetParameter",
                "Effect": "Allow",
                "Resource": [
                    f"arn:aws:ssm:us-east-1:111122223333:parameter/otto/{name}/{parameter}"
                    for parameter in (
                        "m2m/profiles-api-url",
                        "m2m/token-endpoint",
                        "m2m/user-pool-id",
                        "stacks/rotation/FunctionArn",
                    )
                ],
            },
            {
                "Action": [
                    "cloudformation:DeleteStack",
                    "cloudformation:DescribeStackEvents",
                    "cloudformation:DescribeStacks",
                    "cloudformation:ListStackResources",
                    "cloudformation:UpdateTerminationProtection",
                ],
                "Effect": "Allow",
                "Resource": f"arn:aws:cloudformation:us-east-1:111122223333:stack/otto-{name}-*/*",
            },
            {
                "Action": ["dynamodb:DeleteTable", "dynamodb:DescribeTable", "dynamodb:UpdateTable"],
                "Effect": "Allow",
                "Resource": f"arn:aws:dynamodb:us-east-1:111122223333:table/otto-{name}-*",
            },
        ]
    ]
    assert "ManagedPolicyArns" not in role


def test_the_workflow_that_the_deploy_roles_trust_is_the_one_that_takes_them() -> None:
    workflows = {path.name: path.read_text() for path in (ROOT / ".github/workflows").glob("*.yml")}
    assert [name for name, text in workflows.items() if "vars.DEPLOY_ROLE" in text] == ["environment.yml"]
    assert "branches: [main]" in workflows["deploy.yml"]
    assert "uses: ./.github/workflows/environment.yml" in workflows["deploy.yml"]


@pytest.mark.parametrize("name", NAMES)
def test_a_deploy_role_trusts_by_claims_that_iam_knows(name: str) -> None:
    (trust,) = roles(name)["deploy"]["AssumeRolePolicyDocument"]["Statement"]
    known = authorization.known("sts:AssumeRoleWithWebIdentity")
    issuers = {"aud", "sub"}  # of every OIDC issuer
    claims = {key.rpartition(":")[2]: key for key in trust["Condition"]["StringEquals"]}
    assert known
    assert {claim for claim, key in claims.items() if key not in known.keys} == issuers


@pytest.mark.parametrize("name", NAMES)
def test_only_dev_lets_a_pull_request_in_and_only_to_read_templates(name: str) -> None:
    if name != "dev":
        assert set(roles(name)) == {"deploy", "logs"}
        return
    role = roles(name)["diff"]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Condition"]["StringEquals"] == {
        "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
        "token.actions.githubusercontent.com:sub": f"{SUBJECT}:pull_request",
        "token.actions.githubusercontent.com:repository_id": REPOSITORY_ID,
    }
    assert role["Policies"][0]["PolicyDocument"]["Statement"] == [
        {
            "Action": ["cloudformation:DescribeStacks", "cloudformation:GetTemplate"],
            "Effect": "Allow",
            "Resource": "arn:aws:cloudformation:us-east-1:111122223333:stack/otto-dev-*/*",
        }
    ]


@pytest.mark.parametrize("name", NAMES)
def test_selecting_an_environment_never_selects_who_may_deploy_it(name: str) -> None:
    assert f"otto-{name}-delivery" not in stage(name)
    assert set(stage("delivery")) == {"otto-github-oidc", *(f"otto-{other}-delivery" for other in NAMES)}


def managed(name: str, policy: str) -> list[dict[str, Any]]:
    """The statements of a managed policy that an administrator deploys for an environment."""
    resources = stage("delivery")[f"otto-{name}-delivery"]["Resources"]
    policies = [resolve(r["Properties"]) for r in resources.values() if r["Type"] == "AWS::IAM::ManagedPolicy"]
    found = {each["ManagedPolicyName"]: each["PolicyDocument"]["Statement"] for each in policies}
    return list(found[f"otto-{name}-{policy}"])


def granted(name: str) -> list[dict[str, Any]]:
    return [*managed(name, "cloudformation"), *managed(name, "cloudformation-by-tag")]


def actions(statement: dict[str, Any]) -> list[str]:
    return [statement["Action"]] if isinstance(statement["Action"], str) else list(statement["Action"])


@pytest.mark.parametrize("name", NAMES)
def test_api_gateway_alone_may_take_the_role_that_reaches_every_log_and_no_deploy_can_change_it(name: str) -> None:
    role = roles(name)["logs"]
    assert role["Path"] == "/delivery/"
    assert "PermissionsBoundary" not in role
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "apigateway.amazonaws.com"}
    [account] = [
        each["Properties"]
        for each in stage(name)[f"otto-{name}-account"]["Resources"].values()
        if each["Type"] == "AWS::ApiGateway::Account"
    ]
    assert resolve(account["CloudWatchRoleArn"]) == f"arn:aws:iam::111122223333:role/delivery/{role['RoleName']}"


@pytest.mark.parametrize("name", NAMES)
def test_execution_policy_reaches_neither_the_delivery_roles_nor_another_environment(name: str) -> None:
    taken = [f"arn:aws:iam::111122223333:role/delivery/otto-{name}-gateway-logging"]
    others = "|".join(other for other in NAMES if other != name)
    for statement in granted(name):
        assert "iam:*" not in actions(statement)
        assert "*" not in actions(statement)
        assert not re.search(rf"otto[-/]({others})", json.dumps(statement))
        if any(action.startswith("iam:") and not action.startswith("iam:List") for action in actions(statement)):
            if set(actions(statement)) <= {"iam:GetRole", "iam:PassRole"} and statement["Resource"] in taken:
                continue
            assert statement["Resource"] == f"arn:aws:iam::111122223333:role/otto-{name}-*"


BOUNDARY = "arn:aws:iam::111122223333:policy/otto-{}-boundary"


@pytest.mark.parametrize("name", NAMES)
def test_only_a_role_with_the_boundary_can_be_made_or_changed(name: str) -> None:
    gives = [
        (action, statement.get("Condition"))
        for statement in granted(name)
        for action in actions(statement)
        if re.match(r"iam:(\*|Create|Put|Attach|Add|Update|Delete|Detach|Set)", action)
    ]
    bounded = {"StringEquals": {"iam:PermissionsBoundary": BOUNDARY.format(name)}}
    assert gives == [
        (action, bounded)
        for action in (
            "iam:AttachRolePolicy",
            "iam:CreateRole",
            "iam:DeleteRole",
            "iam:DeleteRolePolicy",
            "iam:DetachRolePolicy",
            "iam:PutRolePermissionsBoundary",
            "iam:PutRolePolicy",
            "iam:UpdateAssumeRolePolicy",
            "iam:UpdateRole",
            "iam:UpdateRoleDescription",
        )
    ]
