"""`make preflight` names what others have where AWS cannot tell it from what is ours, and nothing else."""

import pytest

from stacks.environments import ENVIRONMENTS
from stacks.registry import Group
from tests.tools.answers import Answers, denied
from tests.tools.preflight.lines import ACCOUNT, GOOD, NOW, Lines, resources, stacks
from tools.permissions import wide
from tools.preflight import alone
from tools.preflight.plan import Plan
from tools.row import Row, State
from tools.template import Assembly

STAGING = next(each for each in ENVIRONMENTS if each.name == "staging")
EXECUTION_LOG = "API-Gateway-Execution-Logs_{}/staging"
ACL = f"arn:aws:wafv2:us-east-1:{ACCOUNT}:regional/webacl"


def logging(*names: str) -> Lines:
    configurations = [
        {
            "ResourceArn": f"{ACL}/{name}/a1b2",
            "LogDestinationConfigs": [f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:x"],
        }
        for name in names
    ]
    return {"LoggingConfigurations": configurations}


def alarms(*names: str) -> Lines:
    return {"CompositeAlarms": [{"AlarmName": name} for name in names]}


OURS: Lines = {
    "cloudformation.ListStacks": stacks("otto-staging-delivery", "otto-staging-identity"),
    "cloudformation.ListStackResources": resources(
        ("AWS::Cognito::UserPool", "us-east-1_ours"),
        ("AWS::ApiGateway::RestApi", "ours"),
        ("AWS::KMS::Key", "ours"),
        ("AWS::Logs::LogGroup", EXECUTION_LOG.format("ours")),
        ("AWS::Logs::ResourcePolicy", "ours"),
        ("AWS::Logs::QueryDefinition", "ours"),
    ),
    "cognito-idp.ListUserPools": {"UserPools": [{"Id": "us-east-1_ours", "Name": "ours"}]},
    "apigateway.GetRestApis": {"items": [{"id": "ours", "name": "profiles"}]},
    "kms.ListKeys": {"Keys": [{"KeyId": "of-aws"}, {"KeyId": "ours"}]},
    "logs.DescribeLogGroups": {
        "logGroups": [
            {"logGroupName": EXECUTION_LOG.format("ours")},
            {"logGroupName": "API-Gateway-Execution-Logs_a/v1"},
        ]
    },
    "logs.DescribeResourcePolicies": {
        "resourcePolicies": [{"policyName": "ours"}, {"policyName": "AWSLogDeliveryWrite20150319"}]
    },
    "logs.DescribeQueryDefinitions": {"queryDefinitions": [{"queryDefinitionId": "ours", "name": "errors"}]},
    "wafv2.ListLoggingConfigurations": logging("otto-staging-apis"),
    "cloudwatch.DescribeAlarms": alarms("otto-staging-page"),
}
OTHERS: list[tuple[str, Lines, str]] = [
    (
        "user pools",
        {"cognito-idp.ListUserPools": {"UserPools": [{"Id": "us-east-1_x", "Name": "people"}]}},
        "us-east-1_x (people)",
    ),
    ("REST APIs", {"apigateway.GetRestApis": {"items": [{"id": "x1", "name": "shop"}]}}, "x1 (shop)"),
    ("KMS keys", {"kms.ListKeys": {"Keys": [{"KeyId": "of-aws"}, {"KeyId": "theirs"}]}}, "theirs"),
    (
        "log groups of REST APIs",
        {"logs.DescribeLogGroups": {"logGroups": [{"logGroupName": EXECUTION_LOG.format("x1")}]}},
        EXECUTION_LOG.format("x1"),
    ),
    ("log deliveries", {"logs.DescribeDeliveries": {"deliveries": [{"id": "d1"}]}}, "d1"),
    ("log deliveries", {"wafv2.ListLoggingConfigurations": logging("shop")}, "of the web ACL shop"),
    (
        "resource policies of logs",
        {"logs.DescribeResourcePolicies": {"resourcePolicies": [{"policyName": "theirs"}]}},
        "theirs",
    ),
    (
        "saved queries",
        {"logs.DescribeQueryDefinitions": {"queryDefinitions": [{"queryDefinitionId": "x", "name": "shop/errors"}]}},
        "shop/errors",
    ),
    ("composite alarms", {"cloudwatch.DescribeAlarms": alarms("otto-prod-page")}, "otto-prod-page"),
]


def look(assembly: Assembly, groups: tuple[Group, ...], changed: Lines) -> list[Row]:
    cloud = Answers(lines=GOOD | OURS | changed)
    return list(
        alone.look(Plan(environment=STAGING, groups=groups, assembly=assembly, bootstrap_version=6, cloud=cloud))
    )


def test_what_is_ours_or_of_aws_is_nothing_of_others(assembly: Assembly, groups: tuple[Group, ...]) -> None:
    [row] = look(assembly, groups, {})
    assert (row.name, row.found, row.state) == ("alone", "nothing of others", State.GOOD)


@pytest.mark.parametrize(("kind", "changed", "named"), OTHERS)
def test_what_is_anothers_is_named(
    assembly: Assembly, groups: tuple[Group, ...], kind: str, changed: Lines, named: str
) -> None:
    [row] = look(assembly, groups, changed)
    assert (row.name, row.found, row.state) == ("alone", f"{kind}: {named}", State.BAD)
    assert row.fix.endswith("DESPITE=alone")


def test_of_many_some_are_named_and_all_are_counted(assembly: Assembly, groups: tuple[Group, ...]) -> None:
    many = {"UserPools": [{"Id": f"us-east-1_{n}", "Name": "x", "CreationDate": NOW} for n in range(7)]}
    [row] = look(assembly, groups, {"cognito-idp.ListUserPools": many})
    assert row.found.endswith("us-east-1_4 (x) and 2 more")


def test_a_kind_that_may_not_be_read_hides_no_other(assembly: Assembly, groups: tuple[Group, ...]) -> None:
    changed = {"kms.ListKeys": denied("kms:ListKeys"), "logs.DescribeDeliveries": {"deliveries": [{"id": "d1"}]}}
    assert [(row.state, row.found) for row in look(assembly, groups, changed)] == [
        (State.UNREAD, "could not be read: ListKeys is denied"),
        (State.BAD, "log deliveries: d1"),
    ]


def test_every_kind_that_a_deploy_can_reach_is_looked_at() -> None:
    reached = {
        kind for listed in wide.entries().values() for each in listed for kind in each.get("looked_at", "").split(", ")
    }
    assert reached - {""} == set(alone.KINDS)
    assert {kind for kind, _, _ in OTHERS} == set(alone.KINDS)
