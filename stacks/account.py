"""What API Gateway needs once in an AWS account and region before any REST API there can write logs."""

import aws_cdk as cdk
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.acknowledgement import IN_ITS_ROLE, acknowledge
from stacks.environments import Environment

# https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html: API Gateway refuses a role that
# lacks any of these, and asks for them on every log group because it also makes groups of its own.
_LOGGING = (
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:DescribeLogGroups",
    "logs:DescribeLogStreams",
    "logs:PutLogEvents",
    "logs:GetLogEvents",
    "logs:FilterLogEvents",
)


class AccountStack(cdk.Stack):
    """The account-wide API Gateway logging role. Retained, because every API of the account logs through it."""

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment) -> None:
        super().__init__(
            scope,
            construct_id,
            stack_name=environment.stack("account"),
            description="Account-wide settings of API Gateway that Otto's APIs need",
            termination_protection=environment.stateful,
        )
        role = iam.Role(
            self,
            "GatewayLogging",
            assumed_by=iam.ServicePrincipal("apigateway.amazonaws.com"),
            inline_policies={
                "logs": iam.PolicyDocument(statements=[iam.PolicyStatement(actions=list(_LOGGING), resources=["*"])])
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
        account = apigateway.CfnAccount(self, "Gateway", cloud_watch_role_arn=role.role_arn)
        role.apply_removal_policy(cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
        account.apply_removal_policy(cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
