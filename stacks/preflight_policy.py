"""What `make preflight` may read when a workflow runs it: names, limits and settings, and no data, secret or value."""

from typing import Final

import aws_cdk as cdk

from stacks.environments import Environment
from stacks.policy import Statement

# These take no resource, or list what is not known by name.
# https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
_ACCOUNT_WIDE: Final = (
    "cloudformation:ListStacks",
    "cloudtrail:DescribeTrails",
    "cloudwatch:DescribeAlarms",
    "cloudwatch:DescribeInsightRules",
    "cloudwatch:ListDashboards",
    "cognito-idp:DescribeUserPoolDomain",
    "cognito-idp:ListUserPools",
    "dynamodb:ListTables",
    "events:ListRules",
    "kms:ListAliases",
    "kms:ListKeys",
    "lambda:GetAccountSettings",
    "logs:DescribeDeliveries",
    "logs:DescribeLogGroups",
    "logs:DescribeQueryDefinitions",
    "logs:DescribeResourcePolicies",
    "secretsmanager:ListSecrets",
    "sns:ListTopics",
    "ssm:DescribeParameters",
    "wafv2:ListLoggingConfigurations",
    "wafv2:ListWebACLs",
)


def statements(environment: Environment) -> list[Statement]:
    account, region = cdk.Aws.ACCOUNT_ID, environment.region
    qualifier = cdk.DefaultStackSynthesizer.DEFAULT_QUALIFIER
    own = environment.stack("*")
    execution = f"arn:aws:iam::{account}:role/cdk-{qualifier}-cfn-exec-role-{account}-{region}"
    return [
        Statement(actions=_ACCOUNT_WIDE, resources=["*"]),
        Statement(
            actions=["cloudformation:ListStackResources"],
            resources=[f"arn:aws:cloudformation:{region}:{account}:stack/{own}/*"],
        ),
        Statement(
            actions=["lambda:GetFunctionConcurrency"], resources=[f"arn:aws:lambda:{region}:{account}:function:{own}"]
        ),
        Statement(
            actions=["ssm:GetParameter"],
            resources=[f"arn:aws:ssm:{region}:{account}:parameter/cdk-bootstrap/{qualifier}/version"],
        ),
        Statement(actions=["iam:ListAttachedRolePolicies", "iam:SimulatePrincipalPolicy"], resources=[execution]),
        # The names of the account's REST APIs, and nothing of what they are.
        Statement(actions=["apigateway:GET"], resources=[f"arn:aws:apigateway:{region}::/restapis"]),
        # The roles that app clients' files name as readers, which this stack does not know.
        Statement(actions=["iam:GetRole"], resources=[f"arn:aws:iam::{account}:role/*"]),
        Statement(
            actions=["cloudtrail:GetEventSelectors", "cloudtrail:GetTrailStatus"],
            resources=[f"arn:aws:cloudtrail:*:{account}:trail/*"],
        ),
    ]
