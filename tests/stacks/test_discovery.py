"""Callers find the platform by contract names, and nothing that is readable by many holds a secret."""

import copy

import pytest

from stacks.environments import ENVIRONMENTS, Environment
from tests.stacks.synthesis import SynthesizedStack, Template, strings

SECRET_BEARING = ("ClientSecret", "SecretString", "resolve:secretsmanager", "client_secret")


def leaks(template: Template) -> list[str]:
    """Every output and parameter whose value refers to a secret."""
    values = {f"output {name}": output for name, output in template.get("Outputs", {}).items()}
    values |= {
        f"resource {logical_id}": resource
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] in ("AWS::SSM::Parameter", "AWS::Lambda::Function")
    }
    return [
        name
        for name, value in values.items()
        if any(mark in string for string in strings(value) for mark in SECRET_BEARING)
    ]


def test_no_output_parameter_or_variable_refers_to_a_secret(stacks: dict[str, SynthesizedStack]) -> None:
    assert {name: found for name, stack in stacks.items() if (found := leaks(stack.template))} == {}


@pytest.mark.parametrize(
    "value",
    [
        {"Fn::GetAtt": ["smokeAppClient2E904B24", "ClientSecret"]},
        "{{resolve:secretsmanager:otto/dev/clients/smoke:SecretString:client_secret}}",
    ],
)
def test_a_planted_leak_is_found(stacks: dict[str, SynthesizedStack], value: object) -> None:
    template = copy.deepcopy(stacks["otto-dev-clients-internal"].template)
    template["Outputs"] = {"Planted": {"Value": value}}
    assert leaks(template) == ["output Planted"]


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda environment: environment.name)
def test_discovery_parameters_are_the_contract(stacks: dict[str, SynthesizedStack], environment: Environment) -> None:
    found = {
        resource["Properties"]["Name"]: resource["Properties"]["Value"]
        for stack in stacks.values()
        if stack.environment == environment.name
        for _, resource in stack.of_type("AWS::SSM::Parameter")
    }
    prefix = f"/otto/{environment.name}/m2m/"
    contract = {name for name in found if not name.startswith(f"/otto/{environment.name}/stacks/")}
    assert contract == {prefix + name for name in ("token-endpoint", "profiles-api-url", "user-pool-id", "issuer")}
    assert found[f"{prefix}token-endpoint"] == (
        f"https://{environment.name}-sellwithotto-ai.auth.us-east-1.amazoncognito.com/oauth2/token"
    )
    assert found[f"{prefix}profiles-api-url"]["Fn::Join"][1][-1] == "/profiles"


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda environment: environment.name)
def test_outputs_are_the_discovery_values(stacks: dict[str, SynthesizedStack], environment: Environment) -> None:
    named = {
        (name.removeprefix(f"otto-{environment.name}-"), output)
        for name, stack in stacks.items()
        if stack.environment == environment.name
        for output in stack.template.get("Outputs", {})
    }
    assert named == {
        ("identity", "TokenEndpoint"),
        ("identity", "UserPoolId"),
        ("identity", "Issuer"),
        ("profiles", "ProfilesApiUrl"),
    }
