"""Where alarms go: everything to `otto-<env>-alarms`, what must wake somebody to `otto-<env>-pages`."""

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from stacks.environments import Environment


class Topics(Construct):
    """Two encrypted topics that CloudWatch alarms of this environment may publish to, and EventBridge to one of them.

    "You can't use Condition blocks in Amazon SNS topic policies for EventBridge", and in the policy of the topic's key
    `aws:SourceAccount` and `aws:SourceArn` are "not supported for EventBridge-to-encrypted topics". So a rule of any
    account that knows its name may send to `alarms`, and none to `pages`, which wakes people. Read on 2026-11-25:
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
    https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html

    Who is subscribed is not in git: the address of a paging service is its credential. See docs/runbook.md.
    """

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment) -> None:
        super().__init__(scope, construct_id)
        stack = cdk.Stack.of(self)
        account = {"StringEquals": {"aws:SourceAccount": stack.account}}
        alarms = stack.format_arn(
            service="cloudwatch",
            resource="alarm",
            resource_name=f"otto-{environment.name}-*",
            arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
        )
        # The key that AWS manages for SNS cannot be used by CloudWatch:
        # https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
        self.key = kms.Key(
            self,
            "Key",
            description=f"Encrypts the alarm topics of otto-{environment.name}",
            enable_key_rotation=True,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        encrypt = ("kms:Decrypt", "kms:GenerateDataKey")
        self.key.add_to_resource_policy(_allow("cloudwatch", *encrypt, resource="*", conditions=account))
        self.key.add_to_resource_policy(_allow("events", *encrypt, resource="*"))
        self.alarms = self._topic("alarms", environment)
        self.pages = self._topic("pages", environment)
        for topic in (self.alarms, self.pages):
            topic.add_to_resource_policy(
                _allow(
                    "cloudwatch",
                    "sns:Publish",
                    resource=topic.topic_arn,
                    conditions={"ArnLike": {"aws:SourceArn": alarms}} | account,
                )
            )
        self.alarms.add_to_resource_policy(_allow("events", "sns:Publish", resource=self.alarms.topic_arn))

    def _topic(self, name: str, environment: Environment) -> sns.Topic:
        return sns.Topic(
            self, name.capitalize(), topic_name=f"otto-{environment.name}-{name}", master_key=self.key, enforce_ssl=True
        )


def _allow(
    service: str, *actions: str, resource: str, conditions: Mapping[str, object] | None = None
) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        principals=[iam.ServicePrincipal(f"{service}.amazonaws.com")],
        actions=list(actions),
        resources=[resource],
        conditions=conditions,
    )
