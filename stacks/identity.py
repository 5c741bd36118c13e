"""Who issues access tokens: the user pool, its domain (the token endpoint) and the resource server with its scopes."""

import aws_cdk as cdk
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from stacks import scopes
from stacks.acknowledgement import acknowledge
from stacks.discovery import Discovery, Shared
from stacks.environments import Environment
from stacks.firewall import FirewallStack, protect_user_pool
from stacks.retention import removal_policy


class IdentityStack(cdk.Stack):
    """A user pool without users: it exists for the client credentials grant (RFC 6749 §4.4) and nothing else."""

    def __init__(
        self, scope: Construct, construct_id: str, *, environment: Environment, firewall: FirewallStack | None
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            stack_name=environment.stack("identity"),
            description="Token endpoint and scopes of Otto's machine-to-machine platform",
            termination_protection=environment.stateful,
        )
        pool = cognito.UserPool(
            self,
            "UserPool",
            self_sign_up_enabled=False,
            account_recovery=cognito.AccountRecovery.NONE,
            # For the user whom somebody makes by hand; there is none.
            password_policy=cognito.PasswordPolicy(
                min_length=12,
                require_lowercase=True,
                require_uppercase=True,
                require_digits=True,
                require_symbols=True,
                temp_password_validity=cdk.Duration.days(1),
            ),
            feature_plan=cognito.FeaturePlan.ESSENTIALS,
            deletion_protection=environment.stateful,
        )
        acknowledge(
            pool,
            {
                "Guards the sign-in of people: this pool has none, and no app client has a flow for one.": (
                    "AwsSolutions-COG2",
                    "AwsSolutions-COG8",
                )
            },
        )
        protect_user_pool(pool, firewall)
        domain = pool.add_domain(
            "Domain", cognito_domain=cognito.CognitoDomainOptions(domain_prefix=environment.domain_prefix)
        )
        server = pool.add_resource_server(
            "ResourceServer",
            identifier=environment.resource_server,
            user_pool_resource_server_name=environment.resource_server,
            scopes=[
                cognito.ResourceServerScope(scope_name=name, scope_description=description)
                for name, description in scopes.DESCRIPTIONS.items()
            ],
        )
        for resource in (pool, domain, server):
            resource.apply_removal_policy(removal_policy(environment))
        pool_id = pool.user_pool_id
        self.user_pool_id = Discovery(self, "UserPoolId", environment=environment, name="user-pool-id", value=pool_id)
        for title, name, value in (
            ("TokenEndpoint", "token-endpoint", environment.token_endpoint),
            ("Issuer", "issuer", environment.issuer(pool_id)),
        ):
            Discovery(self, title, environment=environment, name=name, value=value)
        self.user_pool_arn = Shared(self, "UserPoolArn", environment=environment, value=pool.user_pool_arn)
        # Its own id, for whatever needs a scope: CloudFormation then makes the resource server first.
        self.resource_server_id = Shared(
            self, "ResourceServerId", environment=environment, value=server.user_pool_resource_server_id
        )
