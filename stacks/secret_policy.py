"""The resource policy of an app client's credentials: what nobody may do, whatever the account's policies allow.

A plain value: a call to jsii for each field of a thousand policies is what a synth would spend its time on.
"""

from collections.abc import Sequence
from typing import Any, Final

import aws_cdk as cdk

_READ: Final = "secretsmanager:GetSecretValue"
# All that changes whose a secret is, or what it holds. Not RestoreSecret, which undoes, nor RotateSecret, which the
# watch and `make rotate` call: the function that it names is held below.
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html (2026-11-25)
_GUARDED: Final = (
    "secretsmanager:CancelRotateSecret",
    "secretsmanager:DeleteResourcePolicy",
    "secretsmanager:DeleteSecret",
    "secretsmanager:PutResourcePolicy",
    "secretsmanager:PutSecretValue",
    "secretsmanager:ReplicateSecretToRegions",
    "secretsmanager:TagResource",
    "secretsmanager:UntagResource",
    "secretsmanager:UpdateSecret",
    "secretsmanager:UpdateSecretVersionStage",
)


def document(stack: cdk.Stack, *, readers: Sequence[str], rotation: str, function: str) -> dict[str, Any]:
    """The policy of one client's secret.

    CloudFormation and the rotation alone may write it. Where there are `readers`, they and the rotation alone read it.
    `rotation` is the ARN of the rotation function's role, `function` the function's own.
    """
    statements = [
        _deny(_GUARDED, {"ArnNotEquals": {"aws:PrincipalArn": [rotation, execution_role(stack)]}}),
        # Another function would be called with every version of it. Absent, the secret keeps the one that it has.
        _deny(
            "secretsmanager:RotateSecret",
            {
                "ArnNotEquals": {"secretsmanager:RotationLambdaARN": function},
                "Null": {"secretsmanager:RotationLambdaARN": "false"},
            },
        ),
    ]
    if readers:
        allowed = [*readers, rotation]
        statements += [
            {"Effect": "Allow", "Principal": {"AWS": allowed}, "Action": _READ, "Resource": "*"},
            # CloudFormation's handlers of a secret read the value: `handlers` of https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html
            # (schema of 2026-11-25). The identity policies of its role still decide.
            _deny(_READ, {"ArnNotEquals": {"aws:PrincipalArn": [*allowed, execution_role(stack)]}}),
            _deny(_READ, {"Bool": {"aws:SecureTransport": "false"}}),
        ]
    return {"Version": "2012-10-17", "Statement": statements}


def execution_role(stack: cdk.Stack) -> str:
    """The role with which CloudFormation deploys, as CDK's bootstrap names it."""
    qualifier = cdk.DefaultStackSynthesizer.DEFAULT_QUALIFIER
    account, region = cdk.Aws.ACCOUNT_ID, stack.region
    return f"arn:aws:iam::{account}:role/cdk-{qualifier}-cfn-exec-role-{account}-{region}"


def _deny(actions: str | Sequence[str], conditions: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Refuse actions to everybody of whom the conditions hold."""
    return {
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": actions if isinstance(actions, str) else list(actions),
        "Resource": "*",
        "Condition": conditions,
    }
