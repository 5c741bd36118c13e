"""What CloudFormation may do when it deploys one environment, instead of CDK's default AdministratorAccess.

A resource type that is not covered makes a test fail, with the permissions that the type's own schema asks for.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import aws_cdk as cdk

from stacks import boundary
from stacks.environments import Environment
from stacks.policy import Statement

# Asked of what a web ACL is put in front of:
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_awswafv2.html
_FIREWALL: Final = ("wafv2:AssociateWebACL", "wafv2:DisassociateWebACL", "wafv2:GetWebACLForResource")
# By resource, because CloudFormation names what it makes after the stack, and every stack here is otto-<env>-*.
_ACTIONS: Final[Mapping[str, Sequence[str]]] = {
    # A user pool's ARN holds a generated id, so pools cannot be told apart by name.
    "cognito-idp:{region}:{account}:userpool/*": (
        "cognito-idp:*ResourceServer*",
        "cognito-idp:*UserPool",
        "cognito-idp:*UserPoolClient",
        "cognito-idp:*UserPoolDomain",
        "cognito-idp:*WebACL*",
        "cognito-idp:AddCustomAttributes",
        "cognito-idp:GetUserPoolMfaConfig",
        "cognito-idp:ListTagsForResource",
        "cognito-idp:ListUserPoolClientSecrets",
        "cognito-idp:ListUserPoolClients",
        "cognito-idp:SetUserPoolMfaConfig",
        "cognito-idp:TagResource",
        "cognito-idp:UntagResource",
        *_FIREWALL,
    ),
    "secretsmanager:{region}:{account}:secret:otto/{env}/*": ("secretsmanager:*",),
    "dynamodb:{region}:{account}:table/otto-{env}-*": (
        "dynamodb:*Table*",
        "dynamodb:Describe*",
        "dynamodb:GetResourcePolicy",
        "dynamodb:ListTagsOfResource",
        "dynamodb:TagResource",
        "dynamodb:UntagResource",
        "dynamodb:Update*",
    ),
    "lambda:{region}:{account}:function:otto-{env}-*": ("lambda:*",),
    "apigateway:{region}::/*": ("apigateway:*", *_FIREWALL),
    "logs:{region}:{account}:log-group:*otto-{env}-*": ("logs:*",),
    "cloudwatch:{region}:{account}:alarm:otto-{env}-*": ("cloudwatch:*",),
    "cloudwatch::{account}:dashboard/otto-{env}": ("cloudwatch:*Dashboard*",),
    "cloudwatch:{region}:{account}:insight-rule/otto-{env}-*": ("cloudwatch:*",),
    "events:{region}:{account}:rule/otto-{env}-*": ("events:*",),
    "sns:{region}:{account}:otto-{env}-*": ("sns:*",),
    # API Gateway's own name for what its stages write, and our stage's.
    "logs:{region}:{account}:log-group:API-Gateway-Execution-Logs_*/{env}*": ("logs:*",),
    "wafv2:{region}:{account}:regional/webacl/otto-{env}-*": ("wafv2:*",),
    "wafv2:{region}:{account}:regional/managedruleset/*": ("wafv2:*",),
    "ssm:{region}:{account}:parameter/otto/{env}/*": ("ssm:*Parameter", "ssm:*Parameters", "ssm:*Tags*"),
    "iam::{account}:role/otto-{env}-*": (
        "iam:DeleteRole",
        "iam:DeleteRolePolicy",
        "iam:DetachRolePolicy",
        "iam:GetRole",
        "iam:GetRolePolicy",
        "iam:List*RolePolicies",
        "iam:PassRole",
        "iam:TagRole",
        "iam:UntagRole",
        "iam:UpdateAssumeRolePolicy",
        "iam:UpdateRole",
        "iam:UpdateRoleDescription",
    ),
    "s3:::cdk-{qualifier}-assets-{account}-{region}/*": ("s3:GetObject*",),
}
# These have no resource to name before the thing exists, or list across the account.
_ACCOUNT_WIDE: Final[Sequence[str]] = (
    "application-autoscaling:Describe*",
    "cognito-idp:CreateUserPool",
    "cognito-idp:DescribeUserPoolDomain",
    "cognito-idp:ListUserPools",
    "dynamodb:ListTables",
    "lambda:ListFunctions",
    "logs:CreateLogDelivery",
    "logs:DescribeIndexPolicies",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:ListLogDeliveries",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:PutResourcePolicy",
    "logs:DeleteResourcePolicy",
    "logs:*QueryDefinition*",
    "kms:ListKeys",
    "sns:ListTopics",
    "secretsmanager:GetRandomPassword",
    "secretsmanager:ListSecrets",
    "ssm:DescribeParameters",
    "iam:ListRoles",
)
_KEY: Final[Sequence[str]] = (
    "kms:*KeyRotation*",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:EnableKey",
    "kms:GetKeyPolicy",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateKeyDescription",
)
# What gives a role permissions, only to a role with the boundary: without it, a template could make an administrator.
_BOUNDED: Final[Sequence[str]] = (
    "iam:AttachRolePolicy",
    "iam:CreateRole",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
)


def statements(environment: Environment) -> list[Statement]:
    """The statements of the environment's execution policy, one for each kind of resource."""
    names = {
        "env": environment.name,
        "region": environment.region,
        "account": cdk.Aws.ACCOUNT_ID,
        "qualifier": cdk.DefaultStackSynthesizer.DEFAULT_QUALIFIER,
    }
    return [
        *(
            Statement(actions=actions, resources=[f"arn:aws:{resource.format_map(names)}"])
            for resource, actions in _ACTIONS.items()
        ),
        Statement(actions=_ACCOUNT_WIDE, resources=["*"]),
        Statement(
            actions=_BOUNDED,
            resources=[f"arn:aws:iam::{names['account']}:role/{environment.stack('*')}"],
            conditions={"StringEquals": {"iam:PermissionsBoundary": boundary.arn(environment)}},
        ),
        *_keys(environment),
    ]


def _keys(environment: Environment) -> list[Statement]:
    """A KMS key has no name until it is there: it is told by its tag, which every stack here gives to all it makes."""
    return [
        Statement(
            actions=actions,
            resources=["*"],
            conditions={"StringEquals": {f"aws:{tag}/environment": environment.name}},
        )
        for tag, actions in (("RequestTag", ["kms:CreateKey"]), ("ResourceTag", _KEY))
    ]
