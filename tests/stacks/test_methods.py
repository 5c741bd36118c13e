"""No method of any API can be called without an access token that carries a scope."""

import copy

import pytest

from stacks.environments import ENVIRONMENTS, Environment
from tests.stacks.synthesis import SynthesizedStack, Template, behind, own_pool


def unprotected(template: Template) -> list[str]:
    """Every method that lacks the Cognito authorizer or a scope of the resource server, and why."""
    found = []
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] in ("AWS::ApiGatewayV2::Route", "AWS::Lambda::Url"):
            found.append(f"{logical_id}: reached without the authorizer")
        if resource["Type"] != "AWS::ApiGateway::Method":
            continue
        properties = resource["Properties"]
        authorizer = template["Resources"].get(properties.get("AuthorizerId", {}).get("Ref"), {})
        if properties.get("AuthorizationType") != "COGNITO_USER_POOLS":
            found.append(f"{logical_id}: authorization is {properties.get('AuthorizationType')}")
        elif authorizer.get("Properties", {}).get("Type") != "COGNITO_USER_POOLS":
            found.append(f"{logical_id}: no Cognito authorizer")
        elif not properties.get("AuthorizationScopes"):
            found.append(f"{logical_id}: no scope")
    return found


def foreign(stacks: dict[str, SynthesizedStack]) -> list[str]:
    """Every authorizer that takes tokens of anything but its own environment's user pool."""
    return [
        f"{stack.name}: {logical_id}"
        for stack in stacks.values()
        for logical_id, authorizer in stack.of_type("AWS::ApiGateway::Authorizer")
        if [behind(stacks, provider) for provider in authorizer["Properties"]["ProviderARNs"]]
        != [(f"otto-{stack.environment}-identity", {"Fn::GetAtt": [own_pool(stacks, stack.environment), "Arn"]})]
    ]


def scopes_by_route(template: Template) -> dict[str, list[str]]:
    """The scopes that each verb and path of the first level needs."""
    found = {}
    for method in (item["Properties"] for item in template["Resources"].values() if item["Type"].endswith("::Method")):
        path = template["Resources"][method["ResourceId"]["Ref"]]["Properties"]["PathPart"]
        scopes = [scope["Fn::Join"][1][1].removeprefix("/") for scope in method["AuthorizationScopes"]]
        found[f"{method['HttpMethod']} /{path}"] = scopes
    return found


def test_every_method_needs_a_token_and_a_scope(stacks: dict[str, SynthesizedStack]) -> None:
    assert any(list(stack.of_type("AWS::ApiGateway::Method")) for stack in stacks.values())
    assert {stack.name: found for stack in stacks.values() if (found := unprotected(stack.template))} == {}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"AuthorizationType": "NONE"}, "authorization is NONE"),
        ({"AuthorizationType": "AWS_IAM"}, "authorization is AWS_IAM"),
        ({"AuthorizerId": {"Ref": "Nothing"}}, "no Cognito authorizer"),
        ({"AuthorizationScopes": []}, "no scope"),
    ],
)
def test_a_planted_unprotected_method_is_found(
    stacks: dict[str, SynthesizedStack], change: dict[str, object], reason: str
) -> None:
    template = copy.deepcopy(stacks["otto-dev-profiles"].template)
    logical_id, method = next(item for item in template["Resources"].items() if item[1]["Type"].endswith("::Method"))
    method["Properties"] |= change
    assert unprotected(template) == [f"{logical_id}: {reason}"]


def test_every_authorizer_takes_tokens_of_its_own_environments_pool_alone(stacks: dict[str, SynthesizedStack]) -> None:
    assert foreign(stacks) == []


@pytest.mark.parametrize("environments", [("prod",), ("dev", "prod"), ()])
def test_a_planted_foreign_pool_is_found(stacks: dict[str, SynthesizedStack], environments: tuple[str, ...]) -> None:
    planted = copy.deepcopy(stacks["otto-dev-profiles"])
    [(logical_id, authorizer)] = planted.of_type("AWS::ApiGateway::Authorizer")
    authorizer["Properties"]["ProviderARNs"] = [
        provider
        for environment in environments
        for _, other in stacks[f"otto-{environment}-profiles"].of_type("AWS::ApiGateway::Authorizer")
        for provider in other["Properties"]["ProviderARNs"]
    ]
    assert foreign(stacks | {planted.name: planted}) == [f"otto-dev-profiles: {logical_id}"]


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda environment: environment.name)
def test_reading_and_writing_profiles_need_their_own_scopes(
    stacks: dict[str, SynthesizedStack], environment: Environment
) -> None:
    assert scopes_by_route(stacks[environment.stack("profiles")].template) == {
        "GET /profiles": ["api.read"],
        "PUT /profiles": ["api.write"],
        "DELETE /profiles": ["api.write"],
    }


def test_stages_carry_the_environments_name_and_log_the_caller(stacks: dict[str, SynthesizedStack]) -> None:
    for stack in stacks.values():
        for _, stage in stack.of_type("AWS::ApiGateway::Stage"):
            properties = stage["Properties"]
            assert properties["StageName"] == stack.environment
            assert '"client_id": "$context.authorizer.claims.client_id"' in properties["AccessLogSetting"]["Format"]
            assert all(setting["DataTraceEnabled"] is False for setting in properties["MethodSettings"])
