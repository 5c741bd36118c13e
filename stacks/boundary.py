"""The most that a role of one environment may do, whatever its template says: the permissions boundary of every role.

An administrator deploys it with who may deploy, and no deploy of an environment can change it. A function that needs
more than is here makes a test fail: an administrator must deploy the wider boundary first.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import aws_cdk as cdk

from stacks.environments import Environment
from stacks.policy import Statement

_ACTIONS: Final[Mapping[str, Sequence[str]]] = {
    "dynamodb:{region}:{account}:table/otto-{env}-*": ("dynamodb:*Item", "dynamodb:Query"),
    "secretsmanager:{region}:{account}:secret:otto/{env}/clients/*": (
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetSecretValue",
        "secretsmanager:PutSecretValue",
        "secretsmanager:RotateSecret",
        "secretsmanager:UpdateSecretVersionStage",
    ),
    # A user pool's ARN holds a generated id.
    "cognito-idp:{region}:{account}:userpool/*": ("cognito-idp:*UserPoolClientSecret*",),
    "lambda:{region}:{account}:function:otto-{env}-*": ("lambda:InvokeFunction",),
}
# API Gateway's role writes the log groups of the whole account; the others have no resource to name.
_ACCOUNT_WIDE: Final[Sequence[str]] = (
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:DescribeLogGroups",
    "logs:DescribeLogStreams",
    "logs:FilterLogEvents",
    "logs:GetLogEvents",
    "logs:PutLogEvents",
    "secretsmanager:GetRandomPassword",
    "secretsmanager:ListSecrets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
)


def name(environment: Environment) -> str:
    """The managed policy's name."""
    return environment.stack("boundary")


def arn(environment: Environment) -> str:
    return f"arn:aws:iam::{cdk.Aws.ACCOUNT_ID}:policy/{name(environment)}"


def statements(environment: Environment) -> list[Statement]:
    names = {"env": environment.name, "region": environment.region, "account": cdk.Aws.ACCOUNT_ID}
    return [
        *(
            Statement(actions=actions, resources=[f"arn:aws:{resource.format_map(names)}"])
            for resource, actions in _ACTIONS.items()
        ),
        Statement(actions=_ACCOUNT_WIDE, resources=["*"]),
    ]
