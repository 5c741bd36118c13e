"""No method of any API can be called without an access token that carries a scope."""

import copy
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from stacks.environments import ENVIRONMENTS, Environment
from tests.stacks.synthesis import SynthesizedStack, Template, own_pool, resolved

KEYS = {f"AWS::ApiGateway::{kind}" for kind in ("ApiKey", "UsagePlan", "UsagePlanKey")}


def unprotected(template: Template) -> list[str]:
    """Every method that lacks the Cognito authorizer or a scope of the resource server, and why."""
    found = []
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] in ("AWS::ApiGatewayV2::Route", "AWS::Lambda::Url"):
            found.append(f"{logical_id}: reached without the authorizer")
        if resource["Type"] != "AWS::ApiGateway::Method":
            continue
        properties = resource["Properties"]
        if properties["HttpMethod"] == "ANY":
            found += [f"{logical_id}: {fault}" for fault in open_answers(template, properties)]
            continue
        authorizer = template["Resources"].get(properties.get("AuthorizerId", {}).get("Ref"), {})
        if properties.get("AuthorizationType") != "COGNITO_USER_POOLS":
            found.append(f"{logical_id}: authorization is {properties.get('AuthorizationType')}")
        elif authorizer.get("Properties", {}).get("Type") != "COGNITO_USER_POOLS":
            found.append(f"{logical_id}: no Cognito authorizer")
        elif not properties.get("AuthorizationScopes"):
            found.append(f"{logical_id}: no scope")
    return found


def open_answers(template: Template, method: dict[str, Any]) -> Iterator[str]:
    """Why a method without the authorizer might answer with anything but the refusal of a missing API key."""
    if method.get("ApiKeyRequired") is not True:
        yield "asks for no key"
    if method["Integration"] != {"Type": "MOCK"}:
        yield "has something behind it"
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] in KEYS:
            yield f"{logical_id} may be a key for it"


def foreign(stacks: dict[str, SynthesizedStack]) -> list[str]:
    """Every authorizer that takes tokens of anything but its own environment's user pool."""
    return [
        f"{stack.name}: {logical_id}"
        for stack, logical_id, properties in resolved(stacks).of_type("AWS::ApiGateway::Authorizer")
        if properties["ProviderARNs"] != [replace(own_pool(stacks, stack.environment), attribute="Arn")]
    ]


def scopes_by_route(template: Template) -> dict[str, list[str]]:
    """The scopes that each verb and path of the first level needs."""
    found = {}
    for method in (item["Properties"] for item in template["Resources"].values() if item["Type"].endswith("::Method")):
        if method["HttpMethod"] == "ANY":
            continue
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
    logical_id, method = next(named(template, "GET"))
    method["Properties"] |= change
    assert unprotected(template) == [f"{logical_id}: {reason}"]


def named(template: Template, method: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for logical_id, resource in template["Resources"].items():
        if resource["Type"].endswith("::Method") and resource["Properties"]["HttpMethod"] == method:
            yield logical_id, resource


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"ApiKeyRequired": False}, "asks for no key"),
        ({"Integration": {"Type": "MOCK", "RequestTemplates": {"application/json": "{}"}}}, "has something behind it"),
        ({"Integration": {"Type": "AWS_PROXY"}}, "has something behind it"),
        ({"HttpMethod": "OPTIONS"}, "authorization is NONE"),
    ],
)
def test_a_planted_open_answer_is_found(
    stacks: dict[str, SynthesizedStack], change: dict[str, object], reason: str
) -> None:
    template = copy.deepcopy(stacks["otto-dev-profiles"].template)
    [(logical_id, method)] = named(template, "ANY")
    method["Properties"] |= change
    assert unprotected(template) == [f"{logical_id}: {reason}"]


@pytest.mark.parametrize("kind", sorted(KEYS))
def test_a_planted_key_for_what_nobody_has_a_key_for_is_found(stacks: dict[str, SynthesizedStack], kind: str) -> None:
    template = copy.deepcopy(stacks["otto-dev-profiles"].template)
    [(logical_id, _)] = named(template, "ANY")
    template["Resources"]["Planted"] = {"Type": kind, "Properties": {}}
    assert unprotected(template) == [f"{logical_id}: Planted may be a key for it"]


def test_every_method_of_an_environment_has_both_checks_of_the_gateway(stacks: dict[str, SynthesizedStack]) -> None:
    assert {name: found for name, stack in stacks.items() if (found := unchecked(stack.template))} == {}


@pytest.mark.parametrize("change", [{"RequestValidatorId": {"Ref": "Nothing"}}, {"RequestValidatorId": None}])
def test_a_planted_unchecked_method_is_found(stacks: dict[str, SynthesizedStack], change: dict[str, object]) -> None:
    template = copy.deepcopy(stacks["otto-dev-profiles"].template)
    logical_id, method = next(named(template, "PUT"))
    method["Properties"] |= change
    assert unchecked(template) == [logical_id]


def unchecked(template: Template) -> list[str]:
    """Every method whose parameters or body the gateway does not check before the function is called."""
    validators = {
        logical_id
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] == "AWS::ApiGateway::RequestValidator"
        and resource["Properties"].get("ValidateRequestParameters") is True
        and resource["Properties"].get("ValidateRequestBody") is True
    }
    return [
        logical_id
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] == "AWS::ApiGateway::Method"
        and resource["Properties"]["HttpMethod"] != "ANY"
        and (resource["Properties"].get("RequestValidatorId") or {}).get("Ref") not in validators
    ]


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
        "HEAD /profiles": ["api.read"],
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
