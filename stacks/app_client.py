"""One app client, locked down: it can do the client credentials grant with its scopes, and nothing else."""

import aws_cdk as cdk
import jsii
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct, IValidation

from stacks import registry, secret_policy
from stacks.acknowledgement import acknowledge
from stacks.environments import ENVIRONMENTS, Environment
from stacks.identity import IdentityStack
from stacks.rotation import RotationStack


class AppClient(Construct):
    """The app client of one registry entry in one environment, and its credentials in Secrets Manager.

    Built from L1 constructs: four resources a client, and every property that Cognito would default is visible.
    """

    def __init__(
        self,
        scope: cdk.Stack,
        *,
        environment: Environment,
        identity: IdentityStack,
        rotation: RotationStack,
        client: registry.AppClient,
    ) -> None:
        super().__init__(scope, client.name)
        if client.kind == "testing":
            self.node.add_validation(_TestingClientGuard(self))
        grant = client.environments[environment.name]
        app_client = cognito.CfnUserPoolClient(
            self,
            "AppClient",
            user_pool_id=identity.user_pool_id.read_in(scope),
            client_name=client.name,
            # Cognito makes one secret of its own, which nobody ever reads: the first rotation registers ours beside it.
            generate_secret=True,
            # A suspended client keeps its id and secret; without a flow and a scope the token endpoint refuses it.
            allowed_o_auth_flows_user_pool_client=not grant.suspended,
            allowed_o_auth_flows=[] if grant.suspended else ["client_credentials"],
            # Of the resource server's own id, not its name: it is there first.
            allowed_o_auth_scopes=[]
            if grant.suspended
            else [f"{identity.resource_server_id.read_in(scope)}/{name}" for name in grant.scopes],
            supported_identity_providers=[],
            # Omitted, Cognito turns user SRP, custom and refresh flows on; this one is inert without a user.
            explicit_auth_flows=["ALLOW_REFRESH_TOKEN_AUTH"],
            access_token_validity=grant.access_token_minutes,
            token_validity_units=cognito.CfnUserPoolClient.TokenValidityUnitsProperty(access_token="minutes"),  # noqa: S106
            enable_token_revocation=True,
            prevent_user_existence_errors="ENABLED",
        )
        client_id = app_client.ref
        secret = secretsmanager.CfnSecret(
            self,
            "Credentials",
            name=environment.credentials(client.name),
            description=f"OAuth 2.0 client credentials of {client.name} in {environment.name}",
            # Never change this block: CloudFormation answers a change of it with a new value, which no caller has.
            generate_secret_string=secretsmanager.CfnSecret.GenerateSecretStringProperty(
                secret_string_template=f'{{"client_id":"{client_id}"}}',
                generate_string_key="client_secret",
                # What Cognito accepts: 24-64 characters of [\w+] (AddUserPoolClientSecret).
                password_length=64,
                exclude_punctuation=True,
            ),
            # Whose it is, which the rotation holds against the pool: docs/decisions/whose-a-secret-is.md. And who is to
            # be asked about it, which its file says no more once it is gone.
            tags=[cdk.CfnTag(key="client-id", value=client_id), cdk.CfnTag(key="client-owner", value=client.owner)],
        )
        acknowledge(
            secret,
            {
                "The account's key encrypts it: one of our own guards no better, for the service asks it for any "
                "reader.": ("NIST.800.53.R5-SecretsManagerUsingKMSKey", "CKV_AWS_149")
            },
        )
        # Its creation is the first rotation, which registers the first value that works.
        secretsmanager.CfnRotationSchedule(
            self,
            "Rotation",
            secret_id=secret.ref,
            rotation_lambda_arn=rotation.function_arn.read_in(scope),
            rotation_rules=secretsmanager.CfnRotationSchedule.RotationRulesProperty(
                automatically_after_days=environment.rotation_days
            ),
        )
        # Its id is from when it named readers alone. A secret has one policy: under another id, CloudFormation would
        # put the new one and then delete it with the old resource.
        secretsmanager.CfnResourcePolicy(
            self,
            "Readers",
            secret_id=secret.ref,
            resource_policy=secret_policy.document(
                scope,
                readers=grant.readers,
                rotation=rotation.role_arn.read_in(scope),
                function=rotation.function_arn.read_in(scope),
            ),
            block_public_policy=True,
        )


@jsii.implements(IValidation)
class _TestingClientGuard:
    """Refuses, at synth, a testing client in the stage of an environment that allows none.

    It asks the construct tree where the client really is, so that it holds whatever built the client and from what.
    """

    def __init__(self, client: AppClient) -> None:
        self._client = client

    def validate(self) -> list[str]:
        stage = cdk.Stage.of(self._client)
        allowed = [environment.name for environment in ENVIRONMENTS if environment.testing_clients]
        if stage is not None and stage.stage_name in allowed:
            return []
        where = self._client.node.path
        return [f"{where}: a client of kind testing may exist in {', '.join(allowed)} alone: remove it from here"]
