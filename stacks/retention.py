"""What survives a mistake: outside `dev`, stateful resources and logs outlive their stack."""

import aws_cdk as cdk
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.environments import Environment


def removal_policy(environment: Environment) -> cdk.RemovalPolicy:
    """Retain on update and delete, yet let a failed first creation clean up: plain RETAIN would orphan a user pool
    that still holds its domain prefix."""
    return cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if environment.stateful else cdk.RemovalPolicy.DESTROY


def log_group(scope: Construct, construct_id: str, environment: Environment) -> logs.LogGroup:
    return logs.LogGroup(
        scope,
        construct_id,
        retention=logs.RetentionDays[environment.log_retention],
        removal_policy=removal_policy(environment),
    )
