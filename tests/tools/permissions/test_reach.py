"""What a deploy, and any role that it makes, may do to another application's resources: nothing that has no reason."""

import copy
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tools.permissions import decide, policies, wide
from tools.permissions.excess import Grant
from tools.permissions.policies import Statements
from tools.permissions.requests import Request
from tools.template import Assembly

NAMES = ("dev", "staging", "prod")
Statement = dict[str, Any]
HERE = "us-east-1:111122223333"
OURS = {"application": "otto-m2m", "environment": "dev"}
OTHERS: tuple[Mapping[str, str], ...] = (
    {},
    {"environment": "dev"},
    {"application": "otto-m2m"},
    {"application": "shop", "environment": "dev"},
    {"application": "otto-m2m", "environment": "prod"},
)
"""The tags of what is not ours, of an application that means no harm and of one that copies half of ours."""


def of(assembly: Assembly, policy: str, environment: str = "dev") -> Statements:
    if policy == "cloudformation":
        return policies.execution(assembly, environment)
    return policies.managed(assembly, f"otto-{environment}-{policy}")


def request(action: str, resource: str, context: Mapping[str, str] | None = None, **tags: Mapping[str, str]) -> Request:
    named = {f"aws:{key}/{name}": (value,) for key, each in tags.items() for name, value in each.items()}
    return Request(action, resource, named | {key: (value,) for key, value in (context or {}).items()}, "planted")


def allowed(policy: Statements, asked: Request) -> bool:
    return not list(decide.refused([asked], policy))


@pytest.mark.parametrize("policy", ["cloudformation", "boundary"])
@pytest.mark.parametrize("environment", NAMES)
def test_what_reaches_further_than_ours_is_listed_with_its_reason_and_nothing_else_is(
    assembly: Assembly, policy: str, environment: str
) -> None:
    assert wide.beyond_ours(of(assembly, policy, environment), environment) == set(wide.reasons(policy))
    assert all(each["reason"].endswith((".", ").")) for each in wide.entries()[policy])


def on(resource: str) -> Callable[[Statement], None]:
    return lambda statement: statement.update(Resource=resource)


def under(condition: Mapping[str, Any]) -> Callable[[Statement], None]:
    return lambda statement: statement.update(Condition=condition)


@pytest.mark.parametrize(
    ("action", "change", "planted"),
    [
        ("iam:PutRolePolicy", under({}), Grant("iam:PutRolePolicy", "arn:aws:iam::111122223333:role/*")),
        ("secretsmanager:*", on("*"), Grant("secretsmanager:*", "*")),
        (
            "logs:*",
            on(f"arn:aws:logs:{HERE}:log-group:*otto-dev-*"),
            Grant("logs:*", f"arn:aws:logs:{HERE}:log-group:*otto-dev-*"),
        ),
        (
            "kms:PutKeyPolicy",
            under({"StringEquals": {"aws:ResourceTag/environment": "dev"}}),
            Grant("kms:PutKeyPolicy", f"arn:aws:kms:{HERE}:key/*"),
        ),
        (
            "kms:PutKeyPolicy",
            under({"StringEqualsIfExists": {f"aws:ResourceTag/{key}": value for key, value in OURS.items()}}),
            Grant("kms:PutKeyPolicy", f"arn:aws:kms:{HERE}:key/*"),
        ),
        (
            "apigateway:PATCH",
            under({"StringEquals": {f"aws:RequestTag/{key}": value for key, value in OURS.items()}}),
            Grant("apigateway:PATCH", "arn:aws:apigateway:us-east-1::/restapis/*"),
        ),
        (
            "cognito-idp:UpdateUserPool",
            under({}),
            Grant("cognito-idp:UpdateUserPool", f"arn:aws:cognito-idp:{HERE}:userpool/*"),
        ),
        (
            "iam:PassRole",
            on("arn:aws:iam::111122223333:role/*"),
            Grant("iam:PassRole", "arn:aws:iam::111122223333:role/*"),
        ),
    ],
)
def test_a_planted_reach_without_a_reason_is_found(
    assembly: Assembly, action: str, change: Callable[[Statement], None], planted: Grant
) -> None:
    statements = copy.deepcopy([dict(each) for each in of(assembly, "cloudformation")])
    for statement in statements:
        if action in statement["Action"]:
            change(statement)
            if planted.resource.endswith("role/*"):
                statement["Resource"] = planted.resource
    found = wide.beyond_ours(statements, "dev")
    assert planted in {Grant(action, resource.replace("{env}", "dev")) for action, resource in found}
    assert planted not in wide.reasons("cloudformation")


POOL = f"arn:aws:cognito-idp:{HERE}:userpool/us-east-1_another"
API = "arn:aws:apigateway:us-east-1::/restapis/another"
KEY = f"arn:aws:kms:{HERE}:key/another"
STAGE_LOG = f"arn:aws:logs:{HERE}:log-group:API-Gateway-Execution-Logs_another/dev"
BY_TAG = [
    ("cloudformation", f"cognito-idp:{action}", POOL)
    for action in (
        "CreateUserPoolClient",
        "DeleteUserPool",
        "DeleteUserPoolClient",
        "DeleteUserPoolDomain",
        "DescribeUserPoolClient",
        "ListUserPoolClientSecrets",
        "ListUserPoolClients",
        "UntagResource",
        "UpdateResourceServer",
        "UpdateUserPool",
        "UpdateUserPoolClient",
    )
]
BY_TAG += [
    ("cloudformation", f"apigateway:{action}", f"{API}{part}")
    for action, part in (
        ("GET", ""),
        ("PATCH", ""),
        ("PUT", ""),
        ("DELETE", ""),
        ("POST", "/deployments"),
        ("PUT", "/resources/r/methods/GET"),
        ("PATCH", "/stages/dev"),
        ("SetWebACL", "/stages/dev"),
    )
]
BY_TAG += [
    ("cloudformation", f"kms:{action}", KEY)
    for action in ("DisableKey", "DisableKeyRotation", "PutKeyPolicy", "ScheduleKeyDeletion", "UntagResource")
]
BY_TAG += [
    ("cloudformation", f"logs:{action}", STAGE_LOG)
    for action in ("AssociateKmsKey", "DeleteLogGroup", "DeleteRetentionPolicy", "PutDataProtectionPolicy")
]
BY_TAG += [
    ("boundary", f"cognito-idp:{action}", POOL)
    for action in ("AddUserPoolClientSecret", "DeleteUserPoolClientSecret", "ListUserPoolClients")
]


@pytest.mark.parametrize(("policy", "action", "resource"), BY_TAG)
def test_what_is_told_by_its_tags_is_ours_alone(assembly: Assembly, policy: str, action: str, resource: str) -> None:
    said = of(assembly, policy)
    assert allowed(said, request(action, resource, ResourceTag=OURS))
    for tags in OTHERS:
        assert not allowed(said, request(action, resource, ResourceTag=tags)), tags


MAKES = [
    ("cognito-idp:CreateUserPool", "*"),
    ("kms:CreateKey", "*"),
    ("apigateway:POST", "arn:aws:apigateway:us-east-1::/restapis"),
    ("logs:CreateLogGroup", STAGE_LOG),
]


@pytest.mark.parametrize(("action", "resource"), MAKES)
def test_what_is_made_has_our_tags(assembly: Assembly, action: str, resource: str) -> None:
    said = of(assembly, "cloudformation")
    assert allowed(said, request(action, resource, RequestTag=OURS))
    for tags in OTHERS:
        assert not allowed(said, request(action, resource, RequestTag=tags)), tags


@pytest.mark.parametrize(
    ("action", "resource"),
    [("kms:TagResource", KEY), ("cognito-idp:TagResource", POOL), ("logs:TagResource", STAGE_LOG)],
)
def test_our_tags_are_given_to_nothing_that_has_others(assembly: Assembly, action: str, resource: str) -> None:
    said = of(assembly, "cloudformation")
    assert allowed(said, request(action, resource, RequestTag=OURS))
    assert allowed(said, request(action, resource, RequestTag=OURS, ResourceTag=OURS))
    assert not allowed(said, request(action, resource, RequestTag={"environment": "dev"}))
    for tags in OTHERS[3:]:
        assert not allowed(said, request(action, resource, RequestTag=OURS, ResourceTag=tags)), tags


GATEWAY_LOGGING = "arn:aws:iam::111122223333:role/delivery/otto-dev-gateway-logging"
ROLE = "arn:aws:iam::111122223333:role/otto-dev-x"
BOUNDED = {"iam:PermissionsBoundary": "arn:aws:iam::111122223333:policy/otto-dev-boundary"}
TO_LAMBDA, TO_GATEWAY = ({"iam:PassedToService": f"{each}.amazonaws.com"} for each in ("lambda", "apigateway"))
BY_NAME = [
    *(
        ("cloudformation", request(action, ROLE, BOUNDED), request(action, ROLE))
        for action in ("iam:CreateRole", "iam:UpdateAssumeRolePolicy", "iam:PutRolePolicy", "iam:AttachRolePolicy")
    ),
    *(
        ("cloudformation", request("iam:PassRole", ROLE, TO_LAMBDA), request("iam:PassRole", ROLE, to))
        for to in ({}, TO_GATEWAY, {"iam:PassedToService": "ec2.amazonaws.com"})
    ),
    *(
        ("cloudformation", request("iam:PassRole", GATEWAY_LOGGING, TO_GATEWAY), request("iam:PassRole", role, to))
        for role, to in (
            (GATEWAY_LOGGING, TO_LAMBDA),
            (GATEWAY_LOGGING, {}),
            ("arn:aws:iam::111122223333:role/delivery/otto-dev-delivery-Deploy", TO_GATEWAY),
            ("arn:aws:iam::111122223333:role/shop", TO_LAMBDA),
        )
    ),
    *(
        (
            policy,
            request(action, f"arn:aws:logs:{HERE}:log-group:{ours}"),
            request(action, f"arn:aws:logs:{HERE}:{theirs}"),
        )
        for policy, action, ours in (
            ("cloudformation", "logs:FilterLogEvents", "otto-dev-profiles-Logs:log-stream:"),
            ("cloudformation", "logs:GetLogEvents", "/aws/events/otto-dev-tokens:log-stream:one"),
            ("cloudformation", "logs:PutSubscriptionFilter", "aws-waf-logs-otto-dev-apis"),
            ("boundary", "logs:PutLogEvents", "otto-dev-profiles-Logs:log-stream:one"),
        )
        for theirs in (
            "log-group:/aws/lambda/shop:log-stream:one",
            "log-group:shop-otto-dev-copy:log-stream:one",
            "log-group:otto-prod-profiles-Logs:log-stream:one",
            "log-group:API-Gateway-Execution-Logs_another/dev:log-stream:one",
        )
    ),
    *(
        ("boundary", request("logs:PutLogEvents", f"arn:aws:logs:{HERE}:log-group:otto-dev-x:log-stream:one"), theirs)
        for theirs in (
            request("logs:FilterLogEvents", f"arn:aws:logs:{HERE}:log-group:otto-dev-x:log-stream:one"),
            request("logs:GetLogEvents", f"arn:aws:logs:{HERE}:log-group:shop:log-stream:one"),
            request("logs:DescribeLogGroups", "*"),
            request("logs:CreateLogGroup", f"arn:aws:logs:{HERE}:log-group:shop"),
        )
    ),
]


@pytest.mark.parametrize(("policy", "ours", "theirs"), BY_NAME)
def test_what_is_told_by_its_name_or_its_service_is_ours_alone(
    assembly: Assembly, policy: str, ours: Request, theirs: Request
) -> None:
    assert allowed(of(assembly, policy), ours)
    assert not allowed(of(assembly, policy), theirs)


def test_a_deploy_reads_no_line_of_a_log_of_rest_apis(assembly: Assembly) -> None:
    for action in ("logs:FilterLogEvents", "logs:GetLogEvents", "logs:StartQuery", "logs:PutSubscriptionFilter"):
        for resource in (STAGE_LOG, f"{STAGE_LOG}:log-stream:one"):
            assert not allowed(of(assembly, "cloudformation"), request(action, resource, ResourceTag=OURS))


@pytest.mark.parametrize("action", ["UpdateUserPool", "DeleteUserPool", "ListUserPoolClients"])
def test_who_deploys_touches_no_pool_but_ours(assembly: Assembly, action: str) -> None:
    own = [each for each in policies.roles(assembly, "delivery") if each.node[0] == "otto-dev-delivery"]
    [role] = [each for each in own if each.node[1].startswith("Deploy")]
    assert allowed(role.statements, request(f"cognito-idp:{action}", POOL, ResourceTag=OURS))
    for tags in OTHERS:
        assert not allowed(role.statements, request(f"cognito-idp:{action}", POOL, ResourceTag=tags)), tags
