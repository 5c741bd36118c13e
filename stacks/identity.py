"""Who issues access tokens: the user pool, its domain (the token endpoint) and the resource server with its scopes."""

import aws_cdk as cdk
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from stacks import scopes
from stacks.acknowledgement import acknowledge
from stacks.discovery import Discovery
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
        self.user_pool = cognito.UserPool(
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
            self.user_pool,
            {
                "Guards the sign-in of people: this pool has none, and no app client has a flow for one.": (
                    "AwsSolutions-COG2",
                    "AwsSolutions-COG8",
                )
            },
        )
        protect_user_pool(self.user_pool, firewall)
        domain = self.user_pool.add_domain(
            "Domain", cognito_domain=cognito.CognitoDomainOptions(domain_prefix=environment.domain_prefix)
        )
        self.resource_server = self.user_pool.add_resource_server(
            "ResourceServer",
            identifier=environment.resource_server,
            user_pool_resource_server_name=environment.resource_server,
            scopes=[
                cognito.ResourceServerScope(scope_name=name, scope_description=description)
                for name, description in scopes.DESCRIPTIONS.items()
            ],
        )
        for resource in (self.user_pool, domain, self.resource_server):
            resource.apply_removal_policy(removal_policy(environment))
        # Read once: each reading is a call to jsii, and every app client needs both.
        self.user_pool_id = self.user_pool.user_pool_id
        self.resource_server_id = self.resource_server.user_pool_resource_server_id
        for title, name, value in (
            ("TokenEndpoint", "token-endpoint", environment.token_endpoint),
            ("UserPoolId", "user-pool-id", self.user_pool_id),
            ("Issuer", "issuer", environment.issuer(self.user_pool_id)),
        ):
            Discovery(self, title, environment=environment, name=name, value=value)
