"""Environments x stacks: `cdk deploy "<environment>/*"` deploys one environment, `cdk synth` makes all of them."""

import gc
import sys
from pathlib import Path
from typing import NamedTuple

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks, NIST80053R5Checks, ServerlessChecks

from stacks import boundary, registry
from stacks.account import AccountStack
from stacks.clients import ClientsStack
from stacks.delivery import DeliveryStack, GitHubProviderStack
from stacks.environments import ENVIRONMENTS, Environment
from stacks.firewall import FirewallStack
from stacks.identity import IdentityStack
from stacks.modes import set_modes
from stacks.observability import ObservabilityStack
from stacks.profiles import ProfilesStack
from stacks.registry import Group, RegistryError
from stacks.rotation import RotationStack

TAGS = {"application": "otto-m2m", "owner": "platform", "repository": "sellwithotto/otto-m2m"}


class Callers(NamedTuple):
    """Who may call the APIs of an environment: what issues tokens, to whom, and what renews their secrets."""

    firewall: FirewallStack | None
    identity: IdentityStack
    rotation: RotationStack


def build(app: cdk.App, groups: tuple[Group, ...]) -> None:
    """Add every environment to `app`, with a stack of app clients for each group that has clients there.

    The stage `delivery` is apart, so that selecting an environment never selects who may deploy it.
    """
    for environment in ENVIRONMENTS:
        stage = add_stage(app, environment)
        account = AccountStack(stage, "account", environment=environment)
        firewall, identity, rotation = add_callers(stage, environment, groups)
        profiles = ProfilesStack(stage, "profiles", environment=environment, identity=identity, firewall=firewall)
        profiles.add_stack_dependency(account)
        ObservabilityStack(
            stage, "observability", environment=environment, identity=identity, rotation=rotation, profiles=profiles
        )
    delivery = cdk.Stage(app, "delivery", env=cdk.Environment(region=ENVIRONMENTS[0].region))
    for key, value in TAGS.items():
        cdk.Tags.of(delivery).add(key, value)
    GitHubProviderStack(delivery, "account")
    for environment in ENVIRONMENTS:
        DeliveryStack(delivery, environment.name, environment=environment, tags=TAGS)


def add_stage(app: cdk.App, environment: Environment) -> cdk.Stage:
    """The stage of an environment: everything in it has its tags, and every role its permissions boundary."""
    stage = cdk.Stage(
        app,
        environment.name,
        env=cdk.Environment(region=environment.region),
        permissions_boundary=cdk.PermissionsBoundary.from_name(boundary.name(environment)),
    )
    for key, value in (TAGS | {"environment": environment.name}).items():
        cdk.Tags.of(stage).add(key, value)
    return stage


def add_callers(stage: cdk.Stage, environment: Environment, groups: tuple[Group, ...]) -> Callers:
    """All that depends on the registry, and what that refers to."""
    firewall = (
        FirewallStack(stage, "firewall", environment=environment, limits=environment.firewall)
        if environment.firewall
        else None
    )
    identity = IdentityStack(stage, "identity", environment=environment, firewall=firewall)
    rotation = RotationStack(stage, "rotation", environment=environment, identity=identity)
    for name, clients in registry.by_stack(groups, environment.name).items():
        ClientsStack(
            stage,
            f"clients-{name}",
            environment=environment,
            identity=identity,
            rotation=rotation,
            clients=clients,
        )
    return Callers(firewall, identity, rotation)


def rule_packs(app: cdk.App) -> tuple[cdk.IPolicyValidationPlugin, ...]:
    """What every environment is held to: https://github.com/cdklabs/cdk-nag/blob/main/RULES.md."""
    return AwsSolutionsChecks(app), ServerlessChecks(app), NIST80053R5Checks(app)


def main() -> None:
    try:
        groups = registry.load()
    except RegistryError as error:
        sys.exit(f"{error}\n{len(error.problems)} problem(s) in the registry of app clients: nothing was synthesized")
    gc.disable()  # Nothing dies in this short process: at 1,000 clients, looking for it is a tenth of its CPU time.
    app = cdk.App()
    if app.node.try_get_context("@aws-cdk/core:enablePartitionLiterals") is None:
        sys.exit("app: cdk.json was not read: run make synth, or node_modules/.bin/cdk synth, which read it first")
    build(app, groups)
    # A finding that no resource acknowledges stops the synth, and so every deployment.
    cdk.Validations.of(app).add_plugins(*rule_packs(app))
    try:
        app.synth()
        set_modes(Path(app.outdir))
    except RuntimeError as error:
        if not str(error).startswith("ValidationFailed: "):
            raise
        sys.exit(f"{error}\nnothing may be deployed: mend each finding, or acknowledge it beside its resource")


if __name__ == "__main__":
    main()
