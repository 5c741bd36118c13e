"""What makes and renews every app client's secret: the rotation function that Secrets Manager calls."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.acknowledgement import acknowledge, wildcards
from stacks.discovery import Shared
from stacks.environments import Environment
from stacks.function import Function
from stacks.identity import IdentityStack
from stacks.policy import Statement


class RotationStack(cdk.Stack):
    """One function for all app clients of an environment. Whoever holds its role can act as any of them: Cognito grants
    `AddUserPoolClientSecret` for a whole pool only."""

    def __init__(
        self, scope: Construct, construct_id: str, *, environment: Environment, identity: IdentityStack
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            stack_name=environment.stack("rotation"),
            description="Rotates the secrets of Otto's app clients",
            termination_protection=environment.stateful,
        )
        self.credentials = self.format_arn(
            service="secretsmanager",
            resource="secret",
            resource_name=environment.credentials("*"),
            arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
        )
        rotation = Function(
            self,
            "Handler",
            environment=environment,
            package="rotation",
            description="Rotates the secret of one app client, in the four steps of Secrets Manager",
            # The first rotation waits for the pool's new domain, which takes up to a minute to answer.
            timeout=cdk.Duration.minutes(3),
            memory_mib=256,
            variables={
                "SECRETS": environment.credentials(""),
                "USER_POOL_ID": identity.user_pool_id.read_in(self),
                "TOKEN_ENDPOINT": environment.token_endpoint,
            },
            # "Setting the provisioned concurrency parameter to a value lower than 10 can cause throttling":
            # https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
            # Nothing is provisioned here, and what is reserved bounds what runs in the same way; where nothing is, the
            # account's limit does, 10 at least. Ten can ask more than the 5 requests a second that Cognito takes of
            # each operation: the function then waits and asks again. Of more rotations at once, some are throttled and
            # fail; `make credentials` starts again what Secrets Manager gave up.
            reserved_concurrency=10,
        )
        function = rotation.function
        self.function_arn = Shared(self, "FunctionArn", environment=environment, value=function.function_arn)
        self.function_name = Shared(self, "FunctionName", environment=environment, value=function.function_name)
        self.role_arn = Shared(self, "RoleArn", environment=environment, value=rotation.role.role_arn)
        self.log_group_name = Shared(self, "LogGroupName", environment=environment, value=rotation.logs.log_group_name)
        rotation.allow(
            "secretsmanager:DescribeSecret",
            "secretsmanager:GetSecretValue",
            "secretsmanager:PutSecretValue",
            "secretsmanager:UpdateSecretVersionStage",
            resource=self.credentials,
        )
        rotation.allow(
            "cognito-idp:AddUserPoolClientSecret",
            "cognito-idp:DeleteUserPoolClientSecret",
            "cognito-idp:DescribeUserPoolClient",
            "cognito-idp:ListUserPoolClientSecrets",
            "cognito-idp:ListUserPoolClients",
            resource=identity.user_pool_arn.read_in(self),
        )
        # Takes no resource: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
        rotation.allow("secretsmanager:GetRandomPassword", resource="*")
        acknowledge(
            rotation.role.node.find_child("DefaultPolicy"),
            {
                "Every app client's credentials are below this name, and an ARN ends in characters that AWS chooses.": (
                    wildcards(Statement(actions=["secretsmanager:DescribeSecret"], resources=[self.credentials]))
                )
            },
        )
        # https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-required-permissions-function.html
        function.add_permission(
            "SecretsManager",
            principal=iam.ServicePrincipal("secretsmanager.amazonaws.com"),
            source_account=self.account,
            source_arn=self.credentials,
        )
