"""The user pool issues tokens to machines under the contract's names, and has no users."""

import pytest

from stacks.environments import ENVIRONMENTS, Environment
from tests.stacks.synthesis import SynthesizedStack


@pytest.fixture(params=ENVIRONMENTS, ids=lambda environment: environment.name)
def environment(request: pytest.FixtureRequest) -> Environment:
    assert isinstance(request.param, Environment)
    return request.param


def test_the_pool_takes_no_sign_up_and_names_its_tier(
    stacks: dict[str, SynthesizedStack], environment: Environment
) -> None:
    [(_, pool)] = stacks[environment.stack("identity")].of_type("AWS::Cognito::UserPool")
    assert pool["Properties"]["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}
    assert pool["Properties"]["UserPoolTier"] == "ESSENTIALS"
    assert pool["Properties"]["Policies"]["PasswordPolicy"] == {
        "MinimumLength": 12,
        "RequireLowercase": True,
        "RequireUppercase": True,
        "RequireNumbers": True,
        "RequireSymbols": True,
        "TemporaryPasswordValidityDays": 1,
    }


def test_the_domain_prefix_is_the_contract(stacks: dict[str, SynthesizedStack], environment: Environment) -> None:
    [(_, domain)] = stacks[environment.stack("identity")].of_type("AWS::Cognito::UserPoolDomain")
    assert domain["Properties"]["Domain"] == f"{environment.name}-sellwithotto-ai"


def test_the_resource_server_has_read_and_write_each_described(
    stacks: dict[str, SynthesizedStack], environment: Environment
) -> None:
    [(_, server)] = stacks[environment.stack("identity")].of_type("AWS::Cognito::UserPoolResourceServer")
    assert server["Properties"]["Identifier"] == f"otto-{environment.name}-api-resource-server"
    described = {scope["ScopeName"]: scope["ScopeDescription"] for scope in server["Properties"]["Scopes"]}
    assert set(described) == {"api.read", "api.write"}
    assert all(described.values())
