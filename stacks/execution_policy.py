"""What CloudFormation may do when it deploys one environment, instead of CDK's default AdministratorAccess.

Every call that a deploy makes is decided by it in tests/tools/permissions, as IAM decides; what it grants beyond those
calls has its reason in tools/permissions/wider.yaml, and what reaches others' resources in tools/permissions/wide.yaml.
A managed policy holds 6,144 characters.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import aws_cdk as cdk

from stacks import boundary, gateway_logging
from stacks.environments import Environment
from stacks.policy import Statement, tags

_POOLS: Final = "cognito-idp:{region}:{account}:userpool/*"
_APIS: Final = "apigateway:{region}::/restapis"
_STAGES: Final = "apigateway:{region}::/restapis/*/stages/{env}"
_API_TAGS: Final = "apigateway:{region}::/tags/arn%3Aaws%3Aapigateway%3A{region}%3A%3A%2Frestapis%2F*"
_KEYS: Final = "kms:{region}:{account}:key/*"
# API Gateway's own name for what its stages write, and our stage's.
_STAGE_LOGS: Final = "logs:{region}:{account}:log-group:API-Gateway-Execution-Logs_*/{env}"
_STAGE_STREAMS: Final = f"{_STAGE_LOGS}:*"

# By name, because CloudFormation names what it makes after the stack, and every stack here is otto-<env>-*.
_NAMED: Final[Mapping[tuple[str, ...], Sequence[str]]] = {
    (
        "secretsmanager:{region}:{account}:secret:otto/{env}/*",
        "lambda:{region}:{account}:function:otto-{env}-*",
        "logs:{region}:{account}:log-group:otto-{env}-*",
        "logs:{region}:{account}:log-group:/aws/events/otto-{env}-*",
        "logs:{region}:{account}:log-group:aws-waf-logs-otto-{env}-*",
        "cloudwatch:{region}:{account}:alarm:otto-{env}-*",
        "cloudwatch:{region}:{account}:insight-rule/otto-{env}-*",
        "cloudwatch::{account}:dashboard/otto-{env}",
        "events:{region}:{account}:rule/otto-{env}-*",
        "sns:{region}:{account}:otto-{env}-*",
    ): ("secretsmanager:*", "lambda:*", "logs:*", "cloudwatch:*", "events:*", "sns:*"),
    ("dynamodb:{region}:{account}:table/otto-{env}-*",): (
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
    ("wafv2:{region}:{account}:regional/webacl/otto-{env}-*",): ("wafv2:*", "cognito-idp:AssociateWebACL"),
    ("ssm:{region}:{account}:parameter/otto/{env}/*",): (
        "ssm:*Tags*",
        "ssm:DeleteParameter",
        "ssm:GetParameters",
        "ssm:PutParameter",
    ),
    ("iam::{account}:role/otto-{env}-*",): (
        "iam:GetRole",
        "iam:GetRolePolicy",
        "iam:List*RolePolicies",
        "iam:ListRoleTags",
        "iam:TagRole",
        "iam:UntagRole",
    ),
}
# AWS chooses the names of these, so that ours are told by their tags.
_TAGGED: Final[Mapping[str, Sequence[str]]] = {
    _POOLS: (
        "cognito-idp:*UserPoolClient",
        "cognito-idp:AddCustomAttributes",
        "cognito-idp:DeleteResourceServer",
        "cognito-idp:DeleteUserPool",
        "cognito-idp:DeleteUserPoolDomain",
        "cognito-idp:ListTagsForResource",
        "cognito-idp:ListUserPoolClient*",
        "cognito-idp:UntagResource",
        "cognito-idp:UpdateResourceServer",
        "cognito-idp:UpdateUserPool",
        "cognito-idp:UpdateUserPoolDomain",
    ),
    # A REST API's tags count at once, and for all its parts:
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-tagging-supported-resources.html
    f"{_APIS}/*": (
        "apigateway:DELETE",
        "apigateway:GET",
        "apigateway:PATCH",
        "apigateway:POST",
        "apigateway:PUT",
        "apigateway:SetWebACL",
    ),
    _KEYS: (
        "kms:DisableKey",
        "kms:DisableKeyRotation",
        "kms:EnableKey",
        "kms:PutKeyPolicy",
        "kms:ScheduleKeyDeletion",
        "kms:UntagResource",
        "kms:UpdateKeyDescription",
    ),
    _STAGE_LOGS: (
        "logs:*KmsKey",
        "logs:DeleteDataProtectionPolicy",
        "logs:DeleteLogGroup",
        "logs:DeleteRetentionPolicy",
        "logs:PutBearerTokenAuthentication",
        "logs:PutDataProtectionPolicy",
        "logs:PutLogGroupDeletionProtection",
        "logs:UntagResource",
    ),
    _STAGE_STREAMS: (),
}
# Makes something with our tags. What is made is asked for on everything, or by the kind that it will be of.
_MAKES: Final[Mapping[str, Sequence[str]]] = {
    "*": ("cognito-idp:CreateUserPool", "kms:CreateKey"),
    _APIS: ("apigateway:POST",),
    _STAGE_LOGS: ("logs:CreateLogGroup",),
    _STAGE_STREAMS: (),
}
# Gives our tags. Asked as well of what is made with tags, before it has any. What has other values is never changed:
# https://docs.aws.amazon.com/kms/latest/developerguide/tag-permissions.html
_TAGS: Final[Mapping[str, Sequence[str]]] = {
    "*": ("kms:TagResource",),
    _POOLS: ("cognito-idp:TagResource",),
    _API_TAGS: ("apigateway:PUT",),
    _STAGE_LOGS: ("logs:TagResource",),
    _STAGE_STREAMS: (),
}
# CloudFormation calls these right after it has made the thing, whose tags need not count yet: a key's need up to five
# minutes, and nobody says it of a pool's or a log group's.
# https://docs.aws.amazon.com/kms/latest/developerguide/tag-authorization.html
_BEFORE_TAGS: Final[Mapping[str, Sequence[str]]] = {
    _POOLS: (
        "cognito-idp:*WebACL*",
        "cognito-idp:CreateResourceServer",
        "cognito-idp:CreateUserPoolDomain",
        "cognito-idp:DescribeResourceServer",
        "cognito-idp:DescribeUserPool",
        "cognito-idp:GetUserPoolMfaConfig",
        "cognito-idp:ListResourceServers",
        "cognito-idp:SetUserPoolMfaConfig",
    ),
    _KEYS: (
        "kms:DescribeKey",
        "kms:EnableKeyRotation",
        "kms:GetKeyPolicy",
        "kms:GetKeyRotationStatus",
        "kms:ListResourceTags",
    ),
    _STAGE_LOGS: (
        "logs:GetDataProtectionPolicy",
        "logs:ListTagsForResource",
        "logs:PutRetentionPolicy",
    ),
    _STAGE_STREAMS: (),
}
# AWS tells these apart by nothing: the account has one, or their requests carry no tag of what they change.
_SHARED: Final[Mapping[tuple[str, ...], Sequence[str]]] = {
    ("apigateway:{region}::/account",): ("apigateway:GET", "apigateway:PATCH"),
    (_APIS,): ("apigateway:GET",),
    (_API_TAGS,): ("apigateway:DELETE", "apigateway:GET"),
    # Asked of what a web ACL is put in front of:
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awswafv2.html
    (_POOLS, _STAGES): ("wafv2:AssociateWebACL", "wafv2:DisassociateWebACL", "wafv2:GetWebACLForResource"),
    ("wafv2:{region}:{account}:regional/managedruleset/*",): ("wafv2:CreateWebACL", "wafv2:UpdateWebACL"),
    # Every template asks for the bootstrap's version by a parameter, and CloudFormation reads it with this role:
    # https://github.com/aws-samples/aws-iam-identity-center-automation/issues/3
    ("ssm:{region}:{account}:parameter/cdk-bootstrap/{qualifier}/version",): ("ssm:GetParameters",),
    ("s3:::cdk-{qualifier}-assets-{account}-{region}/*",): ("s3:GetObject", "s3:GetObjectVersion"),
    ("*",): (
        "application-autoscaling:Describe*",
        "cloudwatch:DescribeAlarms",
        "cloudwatch:DescribeInsightRules",
        "cloudwatch:ListDashboards",
        "cloudwatch:PutCompositeAlarm",
        "cognito-idp:DescribeUserPoolDomain",
        "cognito-idp:ListUserPools",
        "dynamodb:ListTables",
        "events:ListRules",
        "lambda:ListFunctions",
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
    ),
}
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


def names(environment: Environment) -> tuple[str, str]:
    """The managed policies' names: of what is told by its name or by nothing, and of what is told by its tags."""
    return environment.stack("cloudformation"), environment.stack("cloudformation-by-tag")


def policies(environment: Environment, *, application: str) -> dict[str, list[Statement]]:
    """The statements of each of the environment's execution policies, by its name.

    `application` is the tag that tells what this application makes from another's of the same account.
    """
    placeholders = {
        "env": environment.name,
        "region": environment.region,
        "account": cdk.Aws.ACCOUNT_ID,
        "qualifier": cdk.DefaultStackSynthesizer.DEFAULT_QUALIFIER,
    }
    by_name, by_tag = names(environment)
    return {
        by_name: [
            *(_statement(actions, resources, placeholders) for resources, actions in {**_NAMED, **_SHARED}.items()),
            *_roles(environment),
        ],
        by_tag: _by_tag(environment, application, placeholders),
    }


def _roles(environment: Environment) -> list[Statement]:
    roles = [f"arn:aws:iam::{cdk.Aws.ACCOUNT_ID}:role/{environment.stack('*')}"]
    logging = [gateway_logging.arn(environment)]
    bounded = {"StringEquals": {"iam:PermissionsBoundary": boundary.arn(environment)}}
    return [
        Statement(actions=_BOUNDED, resources=roles, conditions=bounded),
        _passed("lambda", roles),
        _passed("apigateway", logging),
        Statement(actions=["iam:GetRole"], resources=logging),
    ]


def _by_tag(environment: Environment, application: str, placeholders: Mapping[str, str]) -> list[Statement]:
    new, own = (tags(of, application, environment.name) for of in ("RequestTag", "ResourceTag"))
    return [
        statement
        for grants, conditions in (
            (_TAGGED, {"StringEquals": own}),
            (_MAKES, {"StringEquals": new}),
            (_TAGS, {"StringEquals": new, "StringEqualsIfExists": own}),
            (_BEFORE_TAGS, {}),
        )
        for statement in _together(grants, placeholders, conditions)
    ]


def _statement(
    actions: Sequence[str],
    resources: Sequence[str],
    placeholders: Mapping[str, str],
    conditions: Mapping[str, Mapping[str, str]] | None = None,
) -> Statement:
    arns = [each if each == "*" else f"arn:aws:{each.format_map(placeholders)}" for each in resources]
    return Statement(actions=actions, resources=arns, conditions=conditions or {})


def _together(
    grants: Mapping[str, Sequence[str]], placeholders: Mapping[str, str], conditions: Mapping[str, Mapping[str, str]]
) -> Iterator[Statement]:
    """One statement of all that name a resource, to be short: an action takes resources of its own service alone."""
    for everything in (True, False):
        resources = [each for each in grants if (each == "*") is everything]
        if resources:
            yield _statement(
                [action for each in resources for action in grants[each]], resources, placeholders, conditions
            )


def _passed(service: str, roles: Sequence[str]) -> Statement:
    return Statement(
        actions=["iam:PassRole"],
        resources=roles,
        conditions={"StringEquals": {"iam:PassedToService": f"{service}.amazonaws.com"}},
    )
