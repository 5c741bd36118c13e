"""A Lambda function of this repository: its package from `lambdas/`, its own log group, a role that can only log."""

from collections.abc import Mapping
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.acknowledgement import IN_ITS_ROLE, acknowledge
from stacks.environments import Environment
from stacks.retention import log_group

_LAMBDAS = "lambdas"
_MODES: Final = "files 644, folders 755"
"""Part of each package's hash: one that was uploaded with other modes, under a hash without this, is not used again."""


class Function(Construct):
    """Runs `lambdas/<package>/handler.py:handle`. Pure Python, so what runs on a laptop is what runs on arm64."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        package: str,
        description: str,
        timeout: cdk.Duration,
        memory_mib: int,
        variables: Mapping[str, str],
        reserved_concurrency: int,
    ) -> None:
        super().__init__(scope, construct_id)
        self.logs = log_group(self, "Logs", environment)
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        self.logs.grant_write(self.role)
        self.function = lambda_.Function(
            self,
            "Function",
            description=description,
            runtime=lambda_.Runtime.PYTHON_3_14,
            architecture=lambda_.Architecture.ARM_64,
            code=_code(package),
            handler=f"{package}.handler.handle",
            role=self.role.without_policy_updates(),
            timeout=timeout,
            memory_size=memory_mib,
            environment=dict(variables),
            reserved_concurrent_executions=reserved_concurrency if environment.reserves_concurrency else None,
            log_group=self.logs,
            logging_format=lambda_.LoggingFormat.JSON,
            tracing=lambda_.Tracing.ACTIVE,
        )
        # Takes no resource: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
        self.allow("xray:PutTraceSegments", "xray:PutTelemetryRecords", resource="*")
        self._acknowledge()
        if not environment.reserves_concurrency:
            acknowledge(
                self.function,
                {
                    "A new account has 10 executions at once, of which none can be reserved: the account's limit "
                    "bounds all functions here together.": ("NIST.800.53.R5-LambdaConcurrency", "CKV_AWS_115")
                },
            )

    def _acknowledge(self) -> None:
        acknowledge(
            self.role.node.find_child("DefaultPolicy"),
            {
                IN_ITS_ROLE: ("NIST.800.53.R5-IAMNoInlinePolicy",),
                "Tracing takes no resource.": ("AwsSolutions-IAM5[Resource::*]",),
            },
        )
        acknowledge(
            self.function,
            {
                "Whoever invokes it sees it fail and tries again: a queue would keep requests nobody may answer any "
                "more.": ("Serverless-LambdaDLQ", "NIST.800.53.R5-LambdaDLQ", "CKV_AWS_116"),
                "Calls AWS's APIs alone, over TLS and by its role; there is nothing in a network of ours for it to "
                "reach.": ("NIST.800.53.R5-LambdaInsideVPC", "CKV_AWS_117"),
                "Its variables are names and addresses, no secret; Lambda encrypts them.": ("CKV_AWS_173",),
                "CDK makes it wait for its role's policy, and names the role too.": ("W3005",),
            },
        )

    def allow(self, *actions: str, resource: str) -> None:
        """Let the function do exactly these actions on exactly this resource."""
        self.role.add_to_policy(iam.PolicyStatement(actions=list(actions), resources=[resource]))


def _code(package: str) -> lambda_.AssetCode:
    """The package's own Python files; stacks/modes.py says with what modes they are uploaded."""
    mode, exclude = cdk.IgnoreMode.GIT, ["*", f"!{package}", f"{package}/*", f"!{package}/*.py"]
    content = cdk.FileSystem.fingerprint(_LAMBDAS, ignore_mode=mode, exclude=exclude, extra_hash=_MODES)
    return lambda_.Code.from_asset(_LAMBDAS, ignore_mode=mode, exclude=exclude, asset_hash=content)
