"""What one would write first: the L2 client and CDK's own getter of its secret, in one loop over the clients.

It is cut into stacks of 100 clients, because more of its resources do not fit one. It has no API and rotates nothing.
"""

import sys

import aws_cdk as cdk
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_secretsmanager as secretsmanager

IN_A_STACK = 100


def main(clients: str, *environments: str) -> None:
    app = cdk.App()
    for environment in environments:
        stage = cdk.Stage(app, environment, env=cdk.Environment(region="us-east-1"))
        identity = cdk.Stack(stage, "identity")
        pool = cognito.UserPool(identity, "UserPool")
        read = cognito.ResourceServerScope(scope_name="api.read", scope_description="Read")
        server = pool.add_resource_server("ResourceServer", identifier=f"otto-{environment}", scopes=[read])
        shard = identity
        for number in range(int(clients)):
            if number % IN_A_STACK == 0:
                # Written as CDK writes templates unless it is told otherwise.
                shard = cdk.Stack(stage, f"clients-{number // IN_A_STACK:03d}", suppress_template_indentation=False)
            name = f"service-{number:05d}"
            # What pool.add_client does, in the stack of this shard.
            client = cognito.UserPoolClient(
                shard,
                name,
                user_pool=pool,
                user_pool_client_name=name,
                generate_secret=True,
                o_auth=cognito.OAuthSettings(
                    flows=cognito.OAuthFlows(client_credentials=True),
                    scopes=[cognito.OAuthScope.resource_server(server, read)],
                ),
            )
            secretsmanager.Secret(
                shard,
                f"{name}-credentials",
                secret_name=f"otto/{environment}/clients/{name}",
                secret_object_value={
                    "client_id": cdk.SecretValue.unsafe_plain_text(client.user_pool_client_id),
                    "client_secret": client.user_pool_client_secret,
                },
            )
    app.synth()


if __name__ == "__main__":
    main(*sys.argv[1:])
