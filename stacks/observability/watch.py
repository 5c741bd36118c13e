"""The function that looks at every app client's secret each hour: it measures whether rotations are on time, and sets
those going again that are not.

Secrets Manager has no metric of rotation, and an alarm cannot look back further than a week.
"""

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.acknowledgement import acknowledge, wildcards
from stacks.environments import Environment
from stacks.function import Function
from stacks.policy import Statement
from stacks.rotation import RotationStack


class RotationWatch(Construct):
    """Reads the dates of secrets and none of their values, asks the rotation function whether each is its app client's,
    and sets a rotation going that Secrets Manager gave up."""

    def __init__(
        self, scope: Construct, construct_id: str, *, environment: Environment, rotation: RotationStack
    ) -> None:
        super().__init__(scope, construct_id)
        watch = Function(
            self,
            "Handler",
            environment=environment,
            package="rotation_watch",
            description="Measures whether app clients' secrets are rotated on time; resumes those that are not",
            # A comparison of a hundred secrets takes seconds, and waits where Cognito wants it to.
            timeout=cdk.Duration.minutes(5),
            memory_mib=256,
            variables={
                "SECRETS": environment.credentials(""),
                "NAMESPACE": environment.metrics,
                "ROTATION": rotation.function_arn.read_in(self),
            },
            reserved_concurrency=1,
        )
        # Takes no resource: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
        watch.allow("secretsmanager:ListSecrets", resource="*")
        # https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html asks for both.
        watch.allow("secretsmanager:RotateSecret", resource=rotation.credentials)
        acknowledge(
            watch.role.node.find_child("DefaultPolicy"),
            {
                "Every app client's credentials are below this name, and an ARN ends in characters that AWS chooses.": (
                    wildcards(Statement(actions=["secretsmanager:RotateSecret"], resources=[rotation.credentials]))
                )
            },
        )
        # And the comparison calls it.
        watch.allow("lambda:InvokeFunction", resource=rotation.function_arn.read_in(self))
        self.function: lambda_.IFunction = watch.function
        self.logs = watch.logs
        schedule = events.CfnRule(
            self,
            "Hourly",
            name=environment.stack("rotation-watch"),
            description="Looks at the secrets of app clients each hour",
            schedule_expression="rate(1 hour)",
            targets=[events.CfnRule.TargetProperty(id="function", arn=watch.function.function_arn)],
        )
        acknowledge(schedule, {"The next hour looks again at everything.": ("Serverless-EventBusDLQ",)})
        watch.function.add_permission(
            "Events", principal=iam.ServicePrincipal("events.amazonaws.com"), source_arn=schedule.attr_arn
        )
