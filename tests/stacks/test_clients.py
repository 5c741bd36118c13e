"""Every app client of every environment is locked down, and is what its registry entry says."""

import copy
import dataclasses
from datetime import date
from typing import Any

import pytest

from stacks.environments import ENVIRONMENTS, Environment
from stacks.registry import AppClient, Grant, Group
from stacks.registry.own import SMOKE
from tests.stacks.synthesis import SynthesizedStack, own_pool, resolved, synthesize_callers
from tools.template import Reference

LOCKED_DOWN = {
    "AllowedOAuthFlows": ["client_credentials"],
    "AllowedOAuthFlowsUserPoolClient": True,
    "GenerateSecret": True,
    "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH"],
    "SupportedIdentityProviders": [],
    "EnableTokenRevocation": True,
    "PreventUserExistenceErrors": "ENABLED",
    "TokenValidityUnits": {"AccessToken": "minutes"},
}
VARIABLE = {"ClientName", "AllowedOAuthScopes", "AccessTokenValidity", "UserPoolId"}


def named(client: dict[str, Any]) -> str:
    return str(client["Properties"]["ClientName"])


def app_clients(stacks: dict[str, SynthesizedStack], environment: str) -> dict[str, dict[str, Any]]:
    """The properties of every app client of an environment, by client name."""
    return {
        resource["Properties"]["ClientName"]: resource["Properties"]
        for stack in stacks.values()
        if stack.environment == environment
        for _, resource in stack.of_type("AWS::Cognito::UserPoolClient")
    }


def liberties(properties: dict[str, Any]) -> list[str]:
    """What an app client may do beyond the client credentials grant, or leaves for Cognito to default."""
    fixed = [name for name, value in LOCKED_DOWN.items() if properties.get(name) != value]
    return sorted(fixed + [name for name in properties if name not in LOCKED_DOWN.keys() | VARIABLE])


def test_every_app_client_is_locked_down(stacks: dict[str, SynthesizedStack]) -> None:
    found = {
        (environment.name, name): liberties(properties)
        for environment in ENVIRONMENTS
        for name, properties in app_clients(stacks, environment.name).items()
    }
    assert found
    assert {client: taken for client, taken in found.items() if taken} == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AllowedOAuthFlows", ["client_credentials", "implicit"]),
        ("ExplicitAuthFlows", None),
        ("ExplicitAuthFlows", ["ALLOW_USER_SRP_AUTH"]),
        ("CallbackURLs", ["https://example.com"]),
        ("SupportedIdentityProviders", ["COGNITO"]),
        ("EnableTokenRevocation", False),
        ("PreventUserExistenceErrors", "LEGACY"),
        ("GenerateSecret", False),
        ("RefreshTokenValidity", 10),
    ],
)
def test_a_planted_liberty_is_found(stacks: dict[str, SynthesizedStack], name: str, value: object) -> None:
    properties = copy.deepcopy(app_clients(stacks, "dev")[SMOKE])
    properties[name] = value
    assert liberties(properties) == [name]


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda environment: environment.name)
def test_app_clients_are_exactly_the_registry_entries(
    stacks: dict[str, SynthesizedStack], groups: tuple[Group, ...], environment: Environment
) -> None:
    expected = {
        client.name: (client.environments[environment.name].scopes, grant.access_token_minutes)
        for group in groups
        for client in group.clients
        if (grant := client.environments.get(environment.name))
    }
    found = {
        name: (
            tuple(scope["Fn::Join"][1][1].removeprefix("/") for scope in properties["AllowedOAuthScopes"]),
            properties["AccessTokenValidity"],
        )
        for name, properties in app_clients(stacks, environment.name).items()
    }
    assert found == expected


def test_scopes_are_references_to_the_resource_server(stacks: dict[str, SynthesizedStack]) -> None:
    for environment in ENVIRONMENTS:
        identity = stacks[environment.stack("identity")]
        [(server, _)] = identity.of_type("AWS::Cognito::UserPoolResourceServer")
        found = [
            scope["Fn::Join"][1][0]
            for stack, _, properties in resolved(stacks).of_type("AWS::Cognito::UserPoolClient")
            for scope in properties["AllowedOAuthScopes"]
            if stack.environment == environment.name
        ]
        assert set(found) == {Reference(identity.name, server)}


def strays(stacks: dict[str, SynthesizedStack]) -> list[str]:
    """Every app client that is made in anything but its own environment's user pool."""
    return [
        f"{stack.environment}: {properties['ClientName']}"
        for stack, _, properties in resolved(stacks).of_type("AWS::Cognito::UserPoolClient")
        if properties["UserPoolId"] != own_pool(stacks, stack.environment)
    ]


def test_every_app_client_is_in_its_own_environments_pool(stacks: dict[str, SynthesizedStack]) -> None:
    assert strays(stacks) == []


def test_a_planted_app_client_in_another_pool_is_found(stacks: dict[str, SynthesizedStack]) -> None:
    planted = copy.deepcopy(stacks["otto-dev-clients-internal"])
    [client] = [each for _, each in planted.of_type("AWS::Cognito::UserPoolClient") if named(each) == SMOKE]
    # As if a constructor got another environment's identity stack: the parameter that reads it comes along.
    planted.template["Parameters"] |= stacks["otto-prod-clients-internal"].template["Parameters"]
    for pool in (app_clients(stacks, "prod")[SMOKE]["UserPoolId"], "us-east-1_another"):
        client["Properties"]["UserPoolId"] = pool
        assert strays(stacks | {planted.name: planted}) == [f"dev: {SMOKE}"]


def test_credentials_stand_under_their_contract_name(stacks: dict[str, SynthesizedStack]) -> None:
    for environment in ENVIRONMENTS:
        names = {
            resource["Properties"]["Name"]
            for stack in stacks.values()
            if stack.environment == environment.name
            for _, resource in stack.of_type("AWS::SecretsManager::Secret")
        }
        assert names == {f"otto/{environment.name}/clients/{name}" for name in app_clients(stacks, environment.name)}


def misplaced_testing_clients(stacks: dict[str, SynthesizedStack], groups: tuple[Group, ...]) -> list[str]:
    """Each testing client that is in a template of an environment that allows none."""
    testing = {client.name for group in groups for client in group.clients if client.kind == "testing"}
    allowed = {environment.name for environment in ENVIRONMENTS if environment.testing_clients}
    return [
        f"{environment.name}: {name}"
        for environment in ENVIRONMENTS
        if environment.name not in allowed
        for name in app_clients(stacks, environment.name)
        if name in testing
    ]


@pytest.fixture(scope="module")
def with_testing(groups: tuple[Group, ...]) -> tuple[Group, ...]:
    """The registry with a testing client more, whether or not it has one."""
    client = AppClient(
        name="tried-by-hand",
        group="planted",
        path="clients/planted/tried-by-hand.yaml",
        owner="platform",
        contact="#otto-platform",
        purpose="Tries the APIs by hand in dev, and nowhere else.",
        kind="testing",
        expires=date(2999, 1, 1),
        environments={"dev": Grant(scopes=("api.read",))},
    )
    planted = Group(
        name="planted",
        approvers="@sellwithotto/platform",
        purpose="People who try the APIs by hand.",
        clients=(client,),
    )
    return (*groups, planted)


def test_testing_clients_are_in_no_template_but_dev(with_testing: tuple[Group, ...]) -> None:
    stacks = synthesize_callers(with_testing)
    assert "tried-by-hand" in app_clients(stacks, "dev")
    assert misplaced_testing_clients(stacks, with_testing) == []
    others = [stack for stack in stacks.values() if stack.environment != "dev"]
    assert [stack.name for stack in others if "tried-by-hand" in str(stack.template)] == []
    # And planted outside dev, it is found.
    testing = dataclasses.replace(stacks["otto-dev-clients-planted"], environment="prod")
    planted = stacks | {"otto-prod-clients-planted": testing}
    assert misplaced_testing_clients(planted, with_testing) == ["prod: tried-by-hand"]
