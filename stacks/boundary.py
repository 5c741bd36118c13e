"""The most that a role of one environment may do, whatever its template says: the permissions boundary of every role.

An administrator deploys it with who may deploy, and no deploy of an environment can change it. A function that needs
more than is here makes a test fail: an administrator must deploy the wider boundary first.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import aws_cdk as cdk

from stacks.environments import Environment
from stacks.policy import Statement, tags

_ACTIONS: Final[Mapping[str, Sequence[str]]] = {
    "dynamodb:{region}:{account}:table/otto-{env}-*": ("dynamodb:*Item", "dynamodb:Query"),
    "secretsmanager:{region}:{account}:secret:otto/{env}/clients/*": (
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetSecretValue",
        "secretsmanager:PutSecretValue",
        "secretsmanager:RotateSecret",
        "secretsmanager:UpdateSecretVersionStage",
    ),
    "lambda:{region}:{account}:function:otto-{env}-*": ("lambda:InvokeFunction",),
    "logs:{region}:{account}:log-group:otto-{env}-*": ("logs:CreateLogStream", "logs:PutLogEvents"),
}
# A user pool's ARN holds a generated id, so the environment's own is told by its tags, which the ARN's type has:
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncognitouserpools.html
_POOL: Final = (
    "cognito-idp:*UserPoolClientSecret*",
    "cognito-idp:DescribeUserPoolClient",
    "cognito-idp:ListUserPoolClients",
)
# These take no resource.
_ACCOUNT_WIDE: Final[Sequence[str]] = (
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


def statements(environment: Environment, *, application: str) -> list[Statement]:
    """The boundary's statements; `application` is the tag that tells this application's user pool from another's."""
    names = {"env": environment.name, "region": environment.region, "account": cdk.Aws.ACCOUNT_ID}
    return [
        *(
            Statement(actions=actions, resources=[f"arn:aws:{resource.format_map(names)}"])
            for resource, actions in _ACTIONS.items()
        ),
        Statement(
            actions=_POOL,
            resources=[f"arn:aws:cognito-idp:{names['region']}:{names['account']}:userpool/*"],
            conditions={"StringEquals": tags("ResourceTag", application, environment.name)},
        ),
        Statement(actions=_ACCOUNT_WIDE, resources=["*"]),
    ]
