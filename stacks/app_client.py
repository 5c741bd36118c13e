"""One app client, locked down: it can do the client credentials grant with its scopes, and nothing else."""

from aws_cdk import Stack
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from stacks import registry
from stacks.environments import Environment
from stacks.identity import IdentityStack


class AppClient(Construct):
    """The app client of one registry entry in one environment, and its credentials in Secrets Manager.

    Built from L1 constructs: two resources a client, and every property that Cognito would default is visible.
    """

    def __init__(
        self, scope: Construct, *, environment: Environment, identity: IdentityStack, client: registry.AppClient
    ) -> None:
        super().__init__(scope, client.name)
        grant = client.environments[environment.name]
        server = identity.resource_server.user_pool_resource_server_id
        app_client = cognito.CfnUserPoolClient(
            self,
            "AppClient",
            user_pool_id=identity.user_pool.user_pool_id,
            client_name=client.name,
            generate_secret=True,
            # A suspended client keeps its id and secret; without a flow the token endpoint answers unauthorized_client.
            allowed_o_auth_flows_user_pool_client=not grant.suspended,
            allowed_o_auth_flows=[] if grant.suspended else ["client_credentials"],
            # References, not names: CloudFormation makes the resource server first.
            allowed_o_auth_scopes=[] if grant.suspended else [f"{server}/{name}" for name in grant.scopes],
            supported_identity_providers=[],
            # Omitted, Cognito turns user SRP, custom and refresh flows on; this one is inert without a user.
            explicit_auth_flows=["ALLOW_REFRESH_TOKEN_AUTH"],
            access_token_validity=grant.access_token_minutes,
            token_validity_units=cognito.CfnUserPoolClient.TokenValidityUnitsProperty(access_token="minutes"),  # noqa: S106
            enable_token_revocation=True,
            prevent_user_existence_errors="ENABLED",
        )
        secretsmanager.CfnSecret(
            self,
            "Credentials",
            name=environment.credentials(client.name),
            description=f"OAuth 2.0 client credentials of {client.name} in {environment.name}",
            secret_string=Stack.of(self).to_json_string(
                {"client_id": app_client.ref, "client_secret": app_client.attr_client_secret}
            ),
        )
