"""The second guard: a testing client outside `dev` stops synth, even if the registry's model is bypassed."""

import copy

import aws_cdk as cdk
import pytest

from stacks import registry
from stacks.clients import ClientsStack
from stacks.environments import ENVIRONMENTS, Environment
from stacks.identity import IdentityStack
from stacks.registry import AppClient, Group
from stacks.registry.own import SMOKE
from stacks.rotation import RotationStack
from tools.synthesis import CONTEXT


@pytest.fixture
def smuggled(groups: tuple[Group, ...]) -> AppClient:
    """A testing client that claims every environment, which no registry file can say."""
    [smoke] = (client for group in groups for client in group.clients if client.name == SMOKE)
    client = copy.copy(smoke)
    object.__setattr__(client, "kind", "testing")
    return client


def synthesize_in(stage_name: str, environment: Environment, client: registry.AppClient) -> None:
    app = cdk.App(context=CONTEXT)
    stage = cdk.Stage(app, stage_name, env=cdk.Environment(region=environment.region))
    identity = IdentityStack(stage, "identity", environment=environment, firewall=None)
    rotation = RotationStack(stage, "rotation", environment=environment, identity=identity)
    ClientsStack(
        stage, "clients-testing", environment=environment, identity=identity, rotation=rotation, clients=[client]
    )
    app.synth()


def test_a_testing_client_in_dev_is_synthesized(smuggled: AppClient) -> None:
    synthesize_in("dev", ENVIRONMENTS[0], smuggled)


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda environment: environment.name)
@pytest.mark.parametrize("stage", ["staging", "prod"])
def test_a_testing_client_in_another_stage_stops_synth(
    smuggled: AppClient, stage: str, environment: Environment
) -> None:
    """Also when the stage was built with the settings of another environment."""
    with pytest.raises(RuntimeError) as stopped:
        synthesize_in(stage, environment, smuggled)
    assert (
        f"{stage}/clients-testing/{SMOKE}: a client of kind testing may exist in dev alone: remove it from here"
        in str(stopped.value)
    )
