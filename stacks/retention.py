"""What survives a mistake: outside `dev`, stateful resources and logs outlive their stack."""

import aws_cdk as cdk
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.acknowledgement import acknowledge
from stacks.environments import Environment


def removal_policy(environment: Environment) -> cdk.RemovalPolicy:
    """Retain on update and delete, yet let a failed first creation clean up: plain RETAIN would orphan a user pool
    that still holds its domain prefix."""
    return cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if environment.stateful else cdk.RemovalPolicy.DESTROY


def log_group(
    scope: Construct, construct_id: str, environment: Environment, *, name: str | None = None
) -> logs.LogGroup:
    """A log group; `name` is for those alone that AWS finds by their name."""
    group = logs.LogGroup(
        scope,
        construct_id,
        log_group_name=name,
        retention=logs.RetentionDays[environment.log_retention],
        removal_policy=removal_policy(environment),
    )
    accept_own_encryption(group)
    return group


def accept_own_encryption(group: logs.LogGroup) -> None:
    """For a log group that is not made by `log_group`: its encryption is that of every other."""
    acknowledge(
        group,
        {
            "CloudWatch Logs encrypts every group; a key of our own guards what is secret or personal, and a test "
            "keeps both out of every log.": ("NIST.800.53.R5-CloudWatchLogGroupEncrypted", "CKV_AWS_158")
        },
    )
