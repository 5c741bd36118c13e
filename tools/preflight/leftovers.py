"""Things that carry a name of the templates, and that no stack of the environment holds: CloudFormation refuses them.

What is retained outlives its stack, and a fixed name is taken for as long as it lives.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/validate-stack-deployments.html
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from stacks.environments import Environment
from tools.check import NOT_EMULATED, Check, elsewhere, unread
from tools.preflight.plan import Plan
from tools.row import Row, State, judge

EXPECTED: Final = "no name of the templates is taken"
_SHOWN: Final = 5


@dataclass(frozen=True, kw_only=True)
class Named:
    """A resource type whose names are one for the whole account and region, and how the account lists them."""

    property: str
    """The template's, which holds the name."""
    service: str
    operation: str
    result: str
    member: str
    """What holds the name in the list; of an ARN, the name is its last part."""
    arguments: Callable[[Environment], dict[str, Any]] = lambda _: {}
    delete: str


NAMED: Final = {
    "AWS::CloudWatch::Alarm": Named(
        property="AlarmName",
        service="cloudwatch",
        operation="describe_alarms",
        result="MetricAlarms",
        member="AlarmName",
        arguments=lambda environment: {"AlarmNamePrefix": environment.stack(""), "AlarmTypes": ["MetricAlarm"]},
        delete="aws cloudwatch delete-alarms --alarm-names {}",
    ),
    "AWS::CloudWatch::CompositeAlarm": Named(
        property="AlarmName",
        service="cloudwatch",
        operation="describe_alarms",
        result="CompositeAlarms",
        member="AlarmName",
        arguments=lambda environment: {"AlarmNamePrefix": environment.stack(""), "AlarmTypes": ["CompositeAlarm"]},
        delete="aws cloudwatch delete-alarms --alarm-names {}",
    ),
    "AWS::CloudWatch::Dashboard": Named(
        property="DashboardName",
        service="cloudwatch",
        operation="list_dashboards",
        result="DashboardEntries",
        member="DashboardName",
        arguments=lambda environment: {"DashboardNamePrefix": f"otto-{environment.name}"},
        delete="aws cloudwatch delete-dashboards --dashboard-names {}",
    ),
    "AWS::CloudWatch::InsightRule": Named(
        property="RuleName",
        service="cloudwatch",
        operation="describe_insight_rules",
        result="InsightRules",
        member="Name",
        delete="aws cloudwatch delete-insight-rules --rule-names {}",
    ),
    "AWS::Events::Rule": Named(
        property="Name",
        service="events",
        operation="list_rules",
        result="Rules",
        member="Name",
        arguments=lambda environment: {"NamePrefix": environment.stack("")},
        delete="aws events delete-rule --name {}",
    ),
    "AWS::Logs::LogGroup": Named(
        property="LogGroupName",
        service="logs",
        operation="describe_log_groups",
        result="logGroups",
        member="logGroupName",
        arguments=lambda environment: {"logGroupNamePattern": environment.stack("")},
        delete="aws logs delete-log-group --log-group-name {}",
    ),
    "AWS::Logs::ResourcePolicy": Named(
        property="PolicyName",
        service="logs",
        operation="describe_resource_policies",
        result="resourcePolicies",
        member="policyName",
        delete="aws logs delete-resource-policy --policy-name {}",
    ),
    "AWS::SNS::Topic": Named(
        property="TopicName",
        service="sns",
        operation="list_topics",
        result="Topics",
        member="TopicArn",
        delete="aws sns delete-topic --topic-arn {}",
    ),
    "AWS::SSM::Parameter": Named(
        property="Name",
        service="ssm",
        operation="describe_parameters",
        result="Parameters",
        member="Name",
        arguments=lambda environment: {
            "ParameterFilters": [{"Key": "Name", "Option": "BeginsWith", "Values": [environment.parameter("")]}]
        },
        delete="aws ssm delete-parameter --name {}",
    ),
    "AWS::SecretsManager::Secret": Named(
        property="Name",
        service="secretsmanager",
        operation="list_secrets",
        result="SecretList",
        member="Name",
        # A deleted secret keeps its name for its recovery window.
        arguments=lambda environment: {
            "IncludePlannedDeletion": True,
            "Filters": [{"Key": "name", "Values": [environment.credentials("")]}],
        },
        delete="aws secretsmanager delete-secret --force-delete-without-recovery --secret-id {}",
    ),
    "AWS::WAFv2::WebACL": Named(
        property="Name",
        service="wafv2",
        operation="list_web_acls",
        result="WebACLs",
        member="Name",
        arguments=lambda _: {"Scope": "REGIONAL", "Limit": 100},
        delete="aws wafv2 delete-web-acl --scope REGIONAL --name {} --id <id> --lock-token <token>",
    ),
}
UNNAMED: Final = {
    "AWS::ApiGateway::RestApi": "API Gateway takes any number of APIs of one name",
    "AWS::Cognito::UserPoolDomain": "has a row of its own",
    "AWS::Cognito::UserPoolResourceServer": "is one in its pool, and goes with it",
    "AWS::Logs::QueryDefinition": "is told by an id; two may have one name",
}
"""Types with fixed names that no leftover can be in the way of."""


def look(plan: Plan) -> Iterator[Row]:
    rows = [row for kind, named in NAMED.items() for row in _look(plan, kind, named)]
    rows += _orphans(plan)
    yield from rows
    if not any(row.state in (State.BAD, State.UNREAD) for row in rows):
        yield judge("leftovers", found="none", expected=EXPECTED, good=True, fix="")


def _look(plan: Plan, kind: str, named: Named) -> Iterator[Row]:
    """A row where names of a type are taken, or cannot be read. Of what the stacks hold already nothing is asked."""
    properties = [each.get(named.property) for each in plan.of_type(kind)]
    new = {name for name in properties if isinstance(name, str) and not _is_owned(plan, kind, name)}
    try:
        taken = sorted(new & _listed(plan, named)) if new else []
    except ClientError as error:
        check = Check[Plan](name="leftovers", expected=EXPECTED, look=look)
        yield elsewhere(check, f"{kind}: {NOT_EMULATED}") if plan.cloud.emulated else unread(check, error)
        return
    if taken:
        delete = "; ".join(named.delete.format(name) for name in taken)
        keep = f"node_modules/.bin/cdk deploy '{plan.environment.name}/*' --import-existing-resources"
        yield Row(
            name="leftovers",
            found=f"{kind} without a stack: {_some(taken)}",
            expected=EXPECTED,
            fix=f"to keep what they hold: {keep}; or else: {delete}" if _is_retained(plan, kind) else delete,
            state=State.BAD,
        )


def _is_owned(plan: Plan, kind: str, name: str) -> bool:
    """Tell by the physical id: a name, an ARN that ends in it, or the three parts of a web ACL."""
    spelled = re.compile(rf"(.*[:/])?{re.escape(name)}(-\w{{6}}|\|.*)?")
    return any(kind == owned and spelled.fullmatch(physical) for owned, physical in plan.owned)


def _listed(plan: Plan, named: Named) -> set[str]:
    client, arguments = plan.cloud.client(named.service), named.arguments(plan.environment)
    if client.can_paginate(named.operation):
        pages = list(client.get_paginator(named.operation).paginate(**arguments))
    else:
        pages = [getattr(client, named.operation)(**arguments)]
    found = [each[named.member] for page in pages for each in page.get(named.result, [])]
    return {name.rpartition(":")[2] if name.startswith("arn:") else name for name in found}


def _orphans(plan: Plan) -> Iterator[Row]:
    """A row where tables outlived their stack: AWS chose their names, so that nothing clashes with a new one."""
    tables = ("AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table")
    if any(kind in tables for kind, _ in plan.owned):
        return
    names = plan.cloud.pages("dynamodb", "list_tables", "TableNames")
    if left := sorted(name for name in names if name.startswith(plan.environment.stack(""))):
        delete = "; ".join(f"aws dynamodb delete-table --table-name {name}" for name in left)
        yield Row(
            name="leftovers",
            found=f"{_some(left)}: no stack owns it, and a new, empty table would be made",
            expected=EXPECTED,
            fix=f"to keep what is in it: docs/restoring.md; or else: {delete}",
            state=State.BAD,
        )


def _is_retained(plan: Plan, kind: str) -> bool:
    resources = [resource for stack in plan.stacks for resource in stack.resources.values()]
    return any(each["Type"] == kind and each.get("DeletionPolicy", "").startswith("Retain") for each in resources)


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
