"""Where alarms go: everything to `otto-<env>-alarms`, what must wake somebody to `otto-<env>-pages`."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from stacks.environments import Environment


class Topics(Construct):
    """Two encrypted topics that CloudWatch alarms and EventBridge rules of this environment alone may publish to.

    Who is subscribed is not in git: the address of a paging service is its credential. See docs/runbook.md.
    """

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment) -> None:
        super().__init__(scope, construct_id)
        stack = cdk.Stack.of(self)
        publishers = {
            "cloudwatch": stack.format_arn(
                service="cloudwatch",
                resource="alarm",
                resource_name=f"otto-{environment.name}-*",
                arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
            ),
            "events": stack.format_arn(service="events", resource="rule", resource_name=f"otto-{environment.name}-*"),
        }
        # The key that AWS manages for SNS cannot be used by CloudWatch:
        # https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
        self.key = kms.Key(
            self,
            "Key",
            description=f"Encrypts the alarm topics of otto-{environment.name}",
            enable_key_rotation=True,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        for service in publishers:
            self.key.add_to_resource_policy(
                iam.PolicyStatement(
                    principals=[iam.ServicePrincipal(f"{service}.amazonaws.com")],
                    actions=["kms:Decrypt", "kms:GenerateDataKey"],
                    resources=["*"],
                    conditions={"StringEquals": {"aws:SourceAccount": stack.account}},
                )
            )
        self.alarms = self._topic("alarms", environment, publishers)
        self.pages = self._topic("pages", environment, publishers)

    def _topic(self, name: str, environment: Environment, publishers: dict[str, str]) -> sns.Topic:
        topic = sns.Topic(
            self, name.capitalize(), topic_name=f"otto-{environment.name}-{name}", master_key=self.key, enforce_ssl=True
        )
        for service, source in publishers.items():
            topic.add_to_resource_policy(
                iam.PolicyStatement(
                    principals=[iam.ServicePrincipal(f"{service}.amazonaws.com")],
                    actions=["sns:Publish"],
                    resources=[topic.topic_arn],
                    conditions={
                        "ArnLike": {"aws:SourceArn": source},
                        "StringEquals": {"aws:SourceAccount": cdk.Stack.of(self).account},
                    },
                )
            )
        return topic
