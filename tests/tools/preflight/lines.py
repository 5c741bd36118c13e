"""An account in which a deploy of `staging` works, as AWS's answers, and how to change it."""

import dataclasses
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from lambdas.rotation.binding import refuse_managed
from lambdas.rotation.ports import Secret
from stacks.registry import Group
from tests.tools.answers import payload

ACCOUNT = "123456789012"
NOW = datetime(2026, 11, 25, tzinfo=UTC)
POLICIES = [
    f"arn:aws:iam::{ACCOUNT}:policy/otto-staging-{name}" for name in ("cloudformation", "cloudformation-by-tag")
]
TRAIL = {"Name": "management", "TrailARN": f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/management"}
READER = f"arn:aws:iam::{ACCOUNT}:role/service/reader"
Lines = dict[str, Any]


def stacks(*names: str) -> dict[str, Any]:
    return {
        "StackSummaries": [{"StackName": name, "StackStatus": "CREATE_COMPLETE", "CreationTime": NOW} for name in names]
    }


def resources(*found: tuple[str, str]) -> dict[str, Any]:
    return {
        "StackResourceSummaries": [
            {
                "LogicalResourceId": "A",
                "ResourceType": kind,
                "PhysicalResourceId": physical,
                "LastUpdatedTimestamp": NOW,
                "ResourceStatus": "CREATE_COMPLETE",
            }
            for kind, physical in found
        ]
    }


def decide(decision: str) -> Callable[[Mapping[str, Any]], Any]:
    """Answer SimulatePrincipalPolicy for each action on each resource."""
    return lambda request: {
        "EvaluationResults": [
            {"EvalActionName": action, "EvalResourceName": resource, "EvalDecision": decision}
            for action in request["ActionNames"]
            for resource in request["ResourceArns"]
        ]
    }


GOOD: Lines = {
    "sts.GetCallerIdentity": {"Account": ACCOUNT},
    "cloudformation.ListStacks": stacks("otto-staging-delivery", "otto-github-oidc", "CDKToolkit"),
    "cloudformation.ListStackResources": resources(),
    "ssm.GetParameter": {"Parameter": {"Value": "30"}},
    "iam.ListAttachedRolePolicies": {"AttachedPolicies": [{"PolicyArn": each} for each in POLICIES]},
    "iam.SimulatePrincipalPolicy": decide("allowed"),
    "iam.GetRole": lambda request: {
        "Role": {
            "Path": "/service/",
            "RoleName": request["RoleName"],
            "RoleId": "AROA1234567890123456",
            "Arn": f"arn:aws:iam::{ACCOUNT}:role/service/{request['RoleName']}",
            "CreateDate": NOW,
        }
    },
    "lambda.GetAccountSettings": {
        "AccountLimit": {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 1000}
    },
    "lambda.GetFunctionConcurrency": {"ReservedConcurrentExecutions": 200},
    "cognito-idp.DescribeUserPoolDomain": {"DomainDescription": {}},
    "cloudtrail.DescribeTrails": {"trailList": [TRAIL]},
    "cloudtrail.GetTrailStatus": {"IsLogging": True},
    "cloudtrail.GetEventSelectors": {"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True}]},
    "cloudwatch.DescribeAlarms": {},
    "cloudwatch.DescribeInsightRules": {},
    "cloudwatch.ListDashboards": {},
    "events.ListRules": {},
    "logs.DescribeLogGroups": {},
    "logs.DescribeResourcePolicies": {},
    "sns.ListTopics": {},
    "ssm.DescribeParameters": {},
    "secretsmanager.ListSecrets": {},
    "wafv2.ListWebACLs": {},
    "dynamodb.ListTables": {},
    "cognito-idp.ListUserPools": {},
    "apigateway.GetRestApis": {},
    "kms.ListAliases": {
        "Aliases": [{"AliasName": "alias/aws/sns", "TargetKeyId": "of-aws"}, {"AliasName": "alias/aws/s3"}]
    },
    "kms.ListKeys": {"Keys": [{"KeyId": "of-aws"}]},
    "logs.DescribeDeliveries": {},
    "logs.DescribeQueryDefinitions": {"queryDefinitions": []},
    "wafv2.ListLoggingConfigurations": {"LoggingConfigurations": []},
}


MANAGED: Lines = {
    "cloudformation.ListStacks": stacks("otto-staging-delivery", "otto-staging-rotation"),
    "cloudformation.ListStackResources": resources(
        ("AWS::Lambda::Function", "otto-staging-rotation-Handler"),
        (
            "AWS::SecretsManager::Secret",
            f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:otto/staging/clients/smoke-aB1dE2",
        ),
    ),
    "secretsmanager.ListSecrets": {"SecretList": [{"Name": "otto/staging/clients/smoke"}]},
    "lambda.Invoke": payload(
        {
            "refused": {
                "otto/staging/clients/smoke": refuse_managed(Secret("smoke", "smoke-id", True, False, {}), "arn:aws:m")
            },
            "wrong": {},
        }
    ),
}
"""An account where Cognito keeps the secret of one of our app clients, as the rotation function tells it."""


def with_reader(groups: tuple[Group, ...], arn: str) -> tuple[Group, ...]:
    """The registry, with a reader of the first client's credentials."""
    first, *others = groups
    client, *rest = first.clients
    grant = dataclasses.replace(client.environments["staging"], readers=(arn,))
    changed = dataclasses.replace(client, environments=dict(client.environments) | {"staging": grant})
    return (dataclasses.replace(first, clients=(changed, *rest)), *others)
