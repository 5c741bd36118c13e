"""The app clients of one group: a folder of the registry is a stack."""

from collections.abc import Sequence

import aws_cdk as cdk
from constructs import Construct

from stacks import registry
from stacks.app_client import AppClient
from stacks.environments import Environment
from stacks.identity import IdentityStack
from stacks.rotation import RotationStack


class ClientsStack(cdk.Stack):
    """One app client for each registry entry of a group in one environment, under the entry's own name."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        identity: IdentityStack,
        rotation: RotationStack,
        clients: Sequence[registry.AppClient],
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            stack_name=environment.stack(construct_id),
            description=f"App clients of the group {construct_id.removeprefix('clients-')}",
            termination_protection=environment.stateful,
        )
        for client in clients:
            AppClient(self, environment=environment, identity=identity, rotation=rotation, client=client)
