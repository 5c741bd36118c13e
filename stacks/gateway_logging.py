"""The role by which API Gateway writes the logs of every REST API of an account, which reaches every log group there.

So an administrator makes it, with who may deploy: no template of an environment can have such a role, and no deploy can
change this one.
"""

from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.acknowledgement import IN_ITS_ROLE, acknowledge
from stacks.environments import Environment

_PATH: Final = "/delivery/"
# https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html: API Gateway refuses a role that
# lacks any of these, and asks for them on every log group because it also makes groups of its own.
_ACTIONS: Final = (
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:DescribeLogGroups",
    "logs:DescribeLogStreams",
    "logs:PutLogEvents",
    "logs:GetLogEvents",
    "logs:FilterLogEvents",
)


def arn(environment: Environment) -> str:
    return f"arn:aws:iam::{cdk.Aws.ACCOUNT_ID}:role{_PATH}{_name(environment)}"


def add_role(scope: Construct, environment: Environment) -> iam.Role:
    role = iam.Role(
        scope,
        "GatewayLogging",
        role_name=_name(environment),
        path=_PATH,
        assumed_by=iam.ServicePrincipal("apigateway.amazonaws.com"),
        inline_policies={
            "logs": iam.PolicyDocument(statements=[iam.PolicyStatement(actions=list(_ACTIONS), resources=["*"])])
        },
    )
    acknowledge(
        role,
        {
            "API Gateway takes no role for its logs that may do less, or that names log groups.": (
                "AwsSolutions-IAM5[Resource::*]",
                "CKV_AWS_111",
            ),
            IN_ITS_ROLE: ("NIST.800.53.R5-IAMNoInlinePolicy",),
        },
    )
    return role


def _name(environment: Environment) -> str:
    return environment.stack("gateway-logging")
