"""What CloudFormation may do when it deploys one environment, instead of CDK's default AdministratorAccess.

Every call that a deploy makes is decided by it in tests/tools/permissions, as IAM decides; what it grants beyond those
calls has its reason in tools/permissions/wider.yaml. A managed policy holds 6,144 characters.
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
        "dynamodb:CreateTable*",
        "dynamodb:D*TableReplica",  # Delete and Disassociate
        "dynamodb:DeleteTable",
        "dynamodb:Describe*",
        "dynamodb:GetResourcePolicy",
        "dynamodb:ListTagsOfResource",
        "dynamodb:TagResource",
        "dynamodb:UntagResource",
        "dynamodb:UpdateCont*",
        "dynamodb:UpdateTable*",
        "dynamodb:UpdateTimeToLive",
    ),
    "lambda:{region}:{account}:function:otto-{env}-*": ("lambda:*",),
    # A REST API's ARN holds a generated id.
    "apigateway:{region}::/restapis*": ("apigateway:*", *_FIREWALL),
    "apigateway:{region}::/account": ("apigateway:GET", "apigateway:PATCH"),
    "apigateway:{region}::/tags/*": ("apigateway:DELETE", "apigateway:GET", "apigateway:PUT"),
    "logs:{region}:{account}:log-group:*otto-{env}-*": ("logs:*",),
    "cloudwatch:{region}:{account}:alarm:otto-{env}-*": ("cloudwatch:*",),
    "cloudwatch::{account}:dashboard/otto-{env}": (
        "cloudwatch:DeleteDashboards",
        "cloudwatch:GetDashboard",
        "cloudwatch:ListTagsForResource",
        "cloudwatch:PutDashboard",
        "cloudwatch:TagResource",
        "cloudwatch:UntagResource",
    ),
    "cloudwatch:{region}:{account}:insight-rule/otto-{env}-*": ("cloudwatch:*",),
    "events:{region}:{account}:rule/otto-{env}-*": ("events:*",),
    "sns:{region}:{account}:otto-{env}-*": ("sns:*",),
    # API Gateway's own name for what its stages write, and our stage's.
    "logs:{region}:{account}:log-group:API-Gateway-Execution-Logs_*/{env}*": ("logs:*",),
    "wafv2:{region}:{account}:regional/webacl/otto-{env}-*": ("wafv2:*", "cognito-idp:AssociateWebACL"),
    "wafv2:{region}:{account}:regional/managedruleset/*": ("wafv2:CreateWebACL", "wafv2:UpdateWebACL"),
    "ssm:{region}:{account}:parameter/otto/{env}/*": (
        "ssm:*Tags*",
        "ssm:DeleteParameter",
        "ssm:GetParameters",
        "ssm:PutParameter",
    ),
    # Every template asks for the bootstrap's version by a parameter, and CloudFormation reads it with this role:
    # https://github.com/aws-samples/aws-iam-identity-center-automation/issues/3
    "ssm:{region}:{account}:parameter/cdk-bootstrap/{qualifier}/version": ("ssm:GetParameters",),
    "iam::{account}:role/otto-{env}-*": (
        "iam:GetRole",
        "iam:GetRolePolicy",
        "iam:List*RolePolicies",
        "iam:ListRoleTags",
        "iam:TagRole",
        "iam:UntagRole",
    ),
    "s3:::cdk-{qualifier}-assets-{account}-{region}/*": ("s3:GetObject", "s3:GetObjectVersion"),
}
# These take no resource, or AWS asks for them on everything.
_ACCOUNT_WIDE: Final[Sequence[str]] = (
    "application-autoscaling:Describe*",
    "cloudwatch:DescribeAlarms",
    "cloudwatch:DescribeInsightRules",
    "cloudwatch:ListDashboards",
    "cloudwatch:PutCompositeAlarm",
    "cognito-idp:CreateUserPool",
    "cognito-idp:DescribeUserPoolDomain",
    "cognito-idp:ListUserPools",
    "dynamodb:ListTables",
    "events:ListRules",
    "lambda:ListFunctions",
    "logs:*IndexPolicy",
    "logs:*QueryDefinition*",
    "logs:*ResourcePolicy",
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeIndexPolicies",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "kms:ListKeys",
    "sns:ListTopics",
    "secretsmanager:GetRandomPassword",
    "secretsmanager:ListSecrets",
    "ssm:DescribeParameters",
    "iam:ListRoles",
    "wafv2:ListLoggingConfigurations",
    "wafv2:ListWebACLs",
)
# What makes or changes a role, only a role with the boundary: without it, a template could make an administrator.
_BOUNDED: Final[Sequence[str]] = (
    "iam:AttachRolePolicy",
    "iam:CreateRole",
    "iam:DeleteRole",
    "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateRole",
    "iam:UpdateRoleDescription",
)
_SERVICES: Final[Sequence[str]] = ("apigateway.amazonaws.com", "lambda.amazonaws.com")
# A key's tags need up to five minutes to count, so what CloudFormation calls right after it has made one rests on none:
# https://docs.aws.amazon.com/kms/latest/developerguide/tag-authorization.html
_NEW_KEY: Final[Sequence[str]] = (
    "kms:DescribeKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListResourceTags",
)
_OWN_KEY: Final[Sequence[str]] = (
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "kms:UntagResource",
    "kms:UpdateKeyDescription",
)


def statements(environment: Environment, *, application: str) -> list[Statement]:
    """The statements of the environment's execution policy, one for each kind of resource.

    `application` is the tag that tells this application's keys from another's of the same account.
    """
    names = {
        "env": environment.name,
        "region": environment.region,
        "account": cdk.Aws.ACCOUNT_ID,
        "qualifier": cdk.DefaultStackSynthesizer.DEFAULT_QUALIFIER,
    }
    roles = [f"arn:aws:iam::{names['account']}:role/{environment.stack('*')}"]
    return [
        *(
            Statement(actions=actions, resources=[f"arn:aws:{resource.format_map(names)}"])
            for resource, actions in _ACTIONS.items()
        ),
        Statement(actions=_ACCOUNT_WIDE, resources=["*"]),
        Statement(
            actions=_BOUNDED,
            resources=roles,
            conditions={"StringEquals": {"iam:PermissionsBoundary": boundary.arn(environment)}},
        ),
        Statement(
            actions=["iam:PassRole"],
            resources=roles,
            conditions={"StringEquals": {"iam:PassedToService": _SERVICES}},
        ),
        *_keys(
            f"arn:aws:kms:{names['region']}:{names['account']}:key/*",
            {"application": application, "environment": environment.name},
        ),
    ]


def _keys(keys: str, tags: Mapping[str, str]) -> list[Statement]:
    """A KMS key has no name until it is there: it is told by tags, which every stack here gives to all it makes."""
    new, own = ({f"aws:{of}/{key}": value for key, value in tags.items()} for of in ("RequestTag", "ResourceTag"))
    return [
        Statement(actions=["kms:CreateKey"], resources=["*"], conditions={"StringEquals": new}),
        # Asked as well of a key that is made with tags, and then on everything. Tags of other values are never changed:
        # https://docs.aws.amazon.com/kms/latest/developerguide/tag-permissions.html
        Statement(
            actions=["kms:TagResource"],
            resources=["*"],
            conditions={"StringEquals": new, "StringEqualsIfExists": own},
        ),
        Statement(actions=_NEW_KEY, resources=[keys]),
        Statement(actions=_OWN_KEY, resources=[keys], conditions={"StringEquals": own}),
    ]
