"""The account is ours alone, where AWS cannot tell what is ours from what is another application's.

The kinds are those of tools/permissions/wide.yaml, which says what CloudFormation may do to them all.
"""

from collections.abc import Callable, Iterator
from typing import Final

from botocore.exceptions import ClientError

from tools.check import Check, unread
from tools.preflight.plan import Plan
from tools.row import Row, State, judge

EXPECTED: Final = "nothing of others within reach"
_FIX: Final = (
    "give it an account of its own (docs/decisions/one-account-an-environment.md); what a deploy could do to it is in "
    "docs/security.md#what-reaches-further; to deploy all the same: DESPITE=alone"
)
_DELIVERED_BY_AWS: Final = "AWSLogDeliveryWrite20150319"
"""The policy of the account by which AWS delivers logs:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html"""
_SHOWN: Final = 5


def look(plan: Plan) -> Iterator[Row]:
    rows = [row for kind, others in KINDS.items() for row in _look(plan, kind, others)]
    yield from rows
    if not rows:
        yield judge("alone", found="nothing of others", expected=EXPECTED, good=True, fix="")


def _look(plan: Plan, kind: str, others: Callable[[Plan], Iterator[str]]) -> Iterator[Row]:
    try:
        found = sorted(others(plan))
    except ClientError as error:
        yield unread(Check[Plan](name="alone", expected=EXPECTED, look=look), error)
        return
    if found:
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        told = f"{kind}: {', '.join(found[:_SHOWN])}{more}"
        yield Row(name="alone", found=told, expected=EXPECTED, fix=_FIX, state=State.BAD)


def _is_ours(plan: Plan, kind: str, physical: str) -> bool:
    return (kind, physical) in plan.owned


def _user_pools(plan: Plan) -> Iterator[str]:
    # At most 60 of them: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUserPools.html
    for pool in plan.cloud.pages("cognito-idp", "list_user_pools", "UserPools", MaxResults=60):
        if not _is_ours(plan, "AWS::Cognito::UserPool", pool["Id"]):
            yield f"{pool['Id']} ({pool['Name']})"


def _rest_apis(plan: Plan) -> Iterator[str]:
    for api in plan.cloud.pages("apigateway", "get_rest_apis", "items"):
        if not _is_ours(plan, "AWS::ApiGateway::RestApi", api["id"]):
            yield f"{api['id']} ({api['name']})"


def _keys(plan: Plan) -> Iterator[str]:
    """The account's own keys. Those that AWS manages have an alias `alias/aws/…`, and obey no policy of the account."""
    aliases = plan.cloud.pages("kms", "list_aliases", "Aliases")
    managed = {each.get("TargetKeyId") for each in aliases if each["AliasName"].startswith("alias/aws/")}
    for key in plan.cloud.pages("kms", "list_keys", "Keys"):
        if key["KeyId"] not in managed and not _is_ours(plan, "AWS::KMS::Key", key["KeyId"]):
            yield key["KeyId"]


def _stage_logs(plan: Plan) -> Iterator[str]:
    prefix = "API-Gateway-Execution-Logs_"
    for group in plan.cloud.pages("logs", "describe_log_groups", "logGroups", logGroupNamePrefix=prefix):
        name = group["logGroupName"]
        if name.endswith(f"/{plan.environment.name}") and not _is_ours(plan, "AWS::Logs::LogGroup", name):
            yield name


def _deliveries(plan: Plan) -> Iterator[str]:
    for delivery in plan.cloud.pages("logs", "describe_deliveries", "deliveries"):
        yield delivery["id"]
    own = plan.environment.stack("")
    for each in plan.cloud.client("wafv2").list_logging_configurations(Scope="REGIONAL", Limit=100)[
        "LoggingConfigurations"
    ]:
        name = each["ResourceArn"].split("/")[-2]
        if not name.startswith(own):
            yield f"of the web ACL {name}"


def _log_policies(plan: Plan) -> Iterator[str]:
    for policy in plan.cloud.pages("logs", "describe_resource_policies", "resourcePolicies"):
        name = policy["policyName"]
        if name != _DELIVERED_BY_AWS and not _is_ours(plan, "AWS::Logs::ResourcePolicy", name):
            yield name


def _queries(plan: Plan) -> Iterator[str]:
    for query in plan.cloud.client("logs").describe_query_definitions(maxResults=1000)["queryDefinitions"]:
        if not _is_ours(plan, "AWS::Logs::QueryDefinition", query["queryDefinitionId"]):
            yield query["name"]


def _composite_alarms(plan: Plan) -> Iterator[str]:
    for alarm in plan.cloud.pages("cloudwatch", "describe_alarms", "CompositeAlarms", AlarmTypes=["CompositeAlarm"]):
        if not alarm["AlarmName"].startswith(plan.environment.stack("")):
            yield alarm["AlarmName"]


KINDS: Final = {
    "user pools": _user_pools,
    "REST APIs": _rest_apis,
    "KMS keys": _keys,
    "log groups of REST APIs": _stage_logs,
    "log deliveries": _deliveries,
    "resource policies of logs": _log_policies,
    "saved queries": _queries,
    "composite alarms": _composite_alarms,
}
