"""The profiles API: people's public profiles keyed by profile URI."""

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from stacks import scopes
from stacks.discovery import Shared
from stacks.environments import Environment
from stacks.firewall import FirewallStack
from stacks.function import Function
from stacks.identity import IdentityStack
from stacks.profiles_contract import CONTRACTS
from stacks.protected_api import ProtectedApi
from stacks.retention import removal_policy


class ProfilesStack(cdk.Stack):
    """A table, the function that reads and writes it, and the protected API in front."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        identity: IdentityStack,
        firewall: FirewallStack | None,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            stack_name=environment.stack("profiles"),
            description="Otto's profiles API",
            termination_protection=environment.stateful,
        )
        table = dynamodb.TableV2(
            self,
            "Table",
            partition_key=dynamodb.Attribute(name="uri", type=dynamodb.AttributeType.STRING),
            billing=dynamodb.Billing.on_demand(),
            deletion_protection=environment.stateful,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            # AWS's key in this account, whose every use CloudTrail records: the table's own default key shows none.
            encryption=dynamodb.TableEncryptionV2.aws_managed_key(),
            removal_policy=removal_policy(environment),
        )
        self.function_timeout = cdk.Duration.seconds(10)
        handler = Function(
            self,
            "Handler",
            environment=environment,
            package="profiles",
            description="Reads, writes and deletes profiles",
            timeout=self.function_timeout,
            memory_mib=512,
            variables={"TABLE_NAME": table.table_name},
            reserved_concurrency=environment.api_concurrency,
        )
        handler.allow("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem", resource=table.table_arn)
        self.api = ProtectedApi(
            self, "Api", environment=environment, identity=identity, firewall=firewall, name="profiles"
        )
        for method, required in (
            ("GET", scopes.READ),
            ("HEAD", scopes.READ),
            ("PUT", scopes.WRITE),
            ("DELETE", scopes.WRITE),
        ):
            self.api.add_method(
                method,
                "/profiles",
                function=handler.function,
                scope=required,
                query=("uri",),
                contract=CONTRACTS[method],
            )
        function = handler.function
        self.function_name = Shared(self, "FunctionName", environment=environment, value=function.function_name)
        self.log_group_name = Shared(self, "LogGroupName", environment=environment, value=handler.logs.log_group_name)
        self.table_name = Shared(self, "TableName", environment=environment, value=table.table_name)
