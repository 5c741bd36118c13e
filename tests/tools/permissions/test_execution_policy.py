"""CloudFormation may make every call of a deploy, and what it may do beyond them is listed with its reason."""

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from tools.permissions import decide, demands, excess, policies
from tools.permissions.requests import Request, requests_of
from tools.template import Assembly

NAMES = ("dev", "staging", "prod")
Requests = dict[str, tuple[Request, ...]]
Statement = dict[str, Any]


def policy(assembly: Assembly, environment: str) -> list[Statement]:
    """A copy of the environment's execution policy, to change."""
    return copy.deepcopy([dict(each) for each in policies.execution(assembly, environment)])


def of(statement: Statement, part: str) -> list[str]:
    """The actions or the resources of a statement."""
    return statement[part] if isinstance(statement[part], list) else [statement[part]]


@pytest.mark.parametrize("environment", NAMES)
def test_every_request_of_a_deploy_is_allowed(assembly: Assembly, requests: Requests, environment: str) -> None:
    denied = decide.refused(requests[environment], policy(assembly, environment))
    assert decide.describe(denied) == []


@pytest.mark.parametrize("environment", NAMES)
def test_each_policy_fits_into_a_managed_policy(assembly: Assembly, environment: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: without white space"""
    for name in ("cloudformation", "cloudformation-by-tag", "boundary"):
        statements = [dict(each) for each in policies.managed(assembly, f"otto-{environment}-{name}")]
        document = {"Version": "2012-10-17", "Statement": statements}
        assert len(json.dumps(document, separators=(",", ":"))) < 6_144


def test_without_any_one_statement_something_could_not_be_made(assembly: Assembly, requests: Requests) -> None:
    whole = policy(assembly, "staging")
    for number, statement in enumerate(whole):
        missing = list(decide.refused(requests["staging"], whole[:number] + whole[number + 1 :]))
        assert missing, statement
        for each in decide.describe(missing):
            assert " for staging/" in each or " for otto-staging-" in each


def without(action: str, resource: str = "") -> Callable[[list[Statement]], None]:
    """Takes an action away from every statement on such a resource."""

    def change(statements: list[Statement]) -> None:
        for each in statements:
            if any(resource in arn for arn in of(each, "Resource")):
                each["Action"] = [name for name in of(each, "Action") if name != action]
        statements[:] = [each for each in statements if each["Action"]]

    return change


def moved(action: str, resource: str) -> Callable[[list[Statement]], None]:
    """Grants an action on this resource alone."""

    def change(statements: list[Statement]) -> None:
        without(action)(statements)
        statements.append({"Effect": "Allow", "Action": [action], "Resource": resource})

    return change


def by_tag(action: str) -> Callable[[list[Statement]], None]:
    """Grants an action on a key under the tag that the key itself has."""

    def change(statements: list[Statement]) -> None:
        without(action)(statements)
        tagged = {"StringEquals": {"aws:ResourceTag/environment": "dev"}}
        statements.append({"Effect": "Allow", "Action": [action], "Resource": "*", "Condition": tagged})

    return change


def dropped(resource: str) -> Callable[[list[Statement]], None]:
    """Takes a resource out of every statement."""

    def change(statements: list[Statement]) -> None:
        for each in statements:
            each["Resource"] = [arn for arn in of(each, "Resource") if resource not in arn]
        statements[:] = [each for each in statements if each["Resource"]]

    return change


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        (
            moved("cloudwatch:PutCompositeAlarm", "arn:aws:cloudwatch:us-east-1:111122223333:alarm:otto-dev-*"),
            "cloudwatch:PutCompositeAlarm on *",
        ),
        (
            moved("cloudwatch:DescribeAlarms", "arn:aws:cloudwatch:us-east-1:111122223333:alarm:otto-dev-*"),
            "cloudwatch:DescribeAlarms on *",
        ),
        (
            moved(
                "cloudwatch:DescribeInsightRules", "arn:aws:cloudwatch:us-east-1:111122223333:insight-rule/otto-dev-*"
            ),
            "cloudwatch:DescribeInsightRules on *",
        ),
        (by_tag("kms:TagResource"), "kms:TagResource on *"),
        (by_tag("kms:EnableKeyRotation"), "kms:EnableKeyRotation on arn:aws:kms:"),
        (by_tag("kms:GetKeyPolicy"), "kms:GetKeyPolicy on arn:aws:kms:"),
        (
            dropped(":parameter/cdk-bootstrap/"),
            "ssm:GetParameters on arn:aws:ssm:us-east-1:111122223333:parameter/cdk-",
        ),
        (without("secretsmanager:ListSecrets"), "secretsmanager:ListSecrets on *"),
        (
            dropped(":log-group:otto-dev-*"),
            "logs:CreateLogGroup on arn:aws:logs:us-east-1:111122223333:log-group:otto-dev",
        ),
    ],
)
def test_a_planted_lack_is_named(
    assembly: Assembly, requests: Requests, change: Callable[[list[Statement]], None], missing: str
) -> None:
    statements = policy(assembly, "dev")
    change(statements)
    found = decide.describe(decide.refused(requests["dev"], statements))
    assert any(each.startswith(missing) for each in found), found


def test_a_planted_reference_to_another_stacks_output_is_a_lack(assembly: Assembly) -> None:
    stack = assembly.stacks["otto-dev-account"]
    output = {"Planted": {"Value": {"Fn::GetStackOutput": {"StackName": "otto-dev-identity", "OutputName": "Id"}}}}
    template = {**stack.template, "Outputs": output}
    more = Assembly({**assembly.stacks, stack.name: replace(stack, template=template)})
    found = decide.describe(decide.refused(requests_of(more, "dev"), policy(more, "dev")))
    assert any(each.startswith("cloudformation:DescribeStacks on ") and "otto-dev-account" in each for each in found)


def surplus(assembly: Assembly, requests: Requests, change: Callable[[list[Statement]], None] | None = None) -> Any:
    found: dict[str, Mapping[excess.Grant, tuple[str, ...]]] = {}
    for environment in NAMES:
        statements = policy(assembly, environment)
        if change:
            change(statements)
        found[environment] = excess.unneeded(statements, requests[environment])
    return excess.in_every(found)


def test_what_no_request_needs_is_listed_with_its_reason_and_nothing_else_is(
    assembly: Assembly, requests: Requests
) -> None:
    assert surplus(assembly, requests).keys() == excess.reasons("cloudformation").keys()


def swapped(old: str, new: str) -> Callable[[list[Statement]], None]:
    """Writes another action in the place of one that is granted on everything."""

    def change(statements: list[Statement]) -> None:
        for each in statements:
            if each["Resource"] == "*":
                each["Action"] = [new if name == old else name for name in of(each, "Action")]

    return change


@pytest.mark.parametrize(
    ("change", "grant", "action"),
    [
        (
            swapped("secretsmanager:ListSecrets", "secretsmanager:*"),
            ("secretsmanager:*", "*"),
            "secretsmanager:GetSecretValue",
        ),
        (swapped("logs:CreateLogDelivery", "logs:*"), ("logs:*", "*"), "logs:DeleteLogGroup"),
        (moved("iam:CreateUser", "*"), ("iam:CreateUser", "*"), "iam:CreateUser"),
        (
            moved("secretsmanager:GetSecretValue", "*"),
            ("secretsmanager:GetSecretValue", "*"),
            "secretsmanager:GetSecretValue",
        ),
        (
            moved("cloudwatch:DescribeInsightRules", "arn:aws:cloudwatch:us-east-1:111122223333:insight-rule/*"),
            ("cloudwatch:DescribeInsightRules", "arn:aws:cloudwatch:us-east-1:111122223333:insight-rule/*"),
            "cloudwatch:DescribeInsightRules",
        ),
        (moved("iam:UpdateRol", "*"), ("iam:UpdateRol", "*"), "iam:UpdateRol"),
    ],
)
def test_a_planted_excess_is_named(
    assembly: Assembly,
    requests: Requests,
    change: Callable[[list[Statement]], None],
    grant: tuple[str, str],
    action: str,
) -> None:
    found = surplus(assembly, requests, change)
    assert action in found[excess.Grant(*grant)]
    assert excess.Grant(*grant) not in excess.reasons("cloudformation")


# What AWS can tell no environment by: an ARN with an id that the service chooses, or what every account has one of.
SHARED = (
    "*",
    "arn:aws:apigateway:us-east-1::/account",
    "arn:aws:apigateway:us-east-1::/restapis",
    "arn:aws:apigateway:us-east-1::/tags/",
    "arn:aws:cognito-idp:us-east-1:111122223333:userpool/",
    "arn:aws:kms:us-east-1:111122223333:key/",
    "arn:aws:s3:::cdk-hnb659fds-assets-111122223333-us-east-1/",
    "arn:aws:ssm:us-east-1:111122223333:parameter/cdk-bootstrap/hnb659fds/version",
    "arn:aws:wafv2:us-east-1:111122223333:regional/managedruleset/",
)
BEFORE_TAGS = {"kms:DescribeKey", "kms:EnableKeyRotation", "kms:ListResourceTags"} | {
    f"kms:GetKey{each}" for each in ("Policy", "RotationStatus")
}
ON_EVERYTHING = {
    action for entry in demands.entries("beyond") if entry["resource"] == "*" for action in entry["actions"]
}


@pytest.mark.parametrize("environment", NAMES)
def test_nothing_of_another_environment_is_within_reach(
    assembly: Assembly, requests: Requests, environment: str
) -> None:
    own = policy(assembly, environment)
    for other in {*NAMES} - {environment}:
        denied = set(decide.refused(requests[other], own))
        for each in (each for each in requests[other] if each not in denied):
            assert each.resource.startswith(SHARED) or each.action in ON_EVERYTHING, each
            assert not each.action.startswith("kms:") or each.action in BEFORE_TAGS | {"kms:ListKeys"}, each


@pytest.mark.parametrize("environment", NAMES)
def test_who_may_deploy_can_be_changed_by_no_deploy(assembly: Assembly, requests: Requests, environment: str) -> None:
    denied = set(decide.refused(requests["delivery"], policy(assembly, environment)))
    assert {each.action for each in requests["delivery"] if each not in denied} == {"iam:GetRole", "iam:ListRoles"}


def role(action: str, **context: str) -> Request:
    known = {"PermissionsBoundary": "iam:PermissionsBoundary", "PassedToService": "iam:PassedToService"}
    named = {known[key]: (value,) for key, value in context.items()}
    return Request(action, "arn:aws:iam::111122223333:role/otto-dev-planted", named, "planted")


def key(action: str, **tags: Mapping[str, str]) -> Request:
    named = {f"aws:{of}/{name}": (value,) for of, each in tags.items() for name, value in each.items()}
    return Request(action, "arn:aws:kms:us-east-1:111122223333:key/another", named, "planted")


OURS = {"application": "otto-m2m", "environment": "dev"}


@pytest.mark.parametrize(
    "request_",
    [
        role("iam:CreateRole"),
        role("iam:PutRolePolicy", PermissionsBoundary="arn:aws:iam::111122223333:policy/otto-prod-boundary"),
        role("iam:UpdateAssumeRolePolicy"),
        role(
            "iam:DeleteRolePermissionsBoundary",
            PermissionsBoundary="arn:aws:iam::111122223333:policy/otto-dev-boundary",
        ),
        role("iam:PassRole", PassedToService="ec2.amazonaws.com"),
        key("kms:PutKeyPolicy"),
        key("kms:PutKeyPolicy", ResourceTag={"environment": "dev", "application": "another"}),
        key("kms:ScheduleKeyDeletion", ResourceTag={"application": "otto-m2m", "environment": "prod"}),
        key("kms:TagResource", RequestTag=OURS, ResourceTag={"application": "otto-m2m", "environment": "prod"}),
        key("kms:TagResource", RequestTag={"environment": "prod"}),
        key("kms:Decrypt", ResourceTag=OURS),
    ],
)
def test_what_would_widen_a_deploy_is_refused(assembly: Assembly, request_: Request) -> None:
    assert list(decide.refused([request_], policy(assembly, "dev"))) == [request_]
