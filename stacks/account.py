"""What API Gateway needs once in an AWS account and region before any REST API there can write logs."""

import aws_cdk as cdk
from aws_cdk import aws_apigateway as apigateway
from constructs import Construct

from stacks import gateway_logging
from stacks.environments import Environment


class AccountStack(cdk.Stack):
    """Names API Gateway's logging role to it. Retained, because every API of the account logs through it."""

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment) -> None:
        super().__init__(
            scope,
            construct_id,
            stack_name=environment.stack("account"),
            description="Account-wide settings of API Gateway that Otto's APIs need",
            termination_protection=environment.stateful,
        )
        account = apigateway.CfnAccount(self, "Gateway", cloud_watch_role_arn=gateway_logging.arn(environment))
        account.apply_removal_policy(cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
