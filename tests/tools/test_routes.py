from typing import Any

import pytest

from tools.routes import Route, routes
from tools.template import Assembly, Stack

METHOD = "AWS::ApiGateway::Method"


def planted(**properties: object) -> Assembly:
    """Two stacks: one exports the resource server's identifier, one has `GET /people/{id}` and whatever is planted."""
    resources = {
        "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "people"}},
        "People": {
            "Type": "AWS::ApiGateway::Resource",
            "Properties": {
                "ParentId": {"Fn::GetAtt": ["Api", "RootResourceId"]},
                "PathPart": "people",
                "RestApiId": {"Ref": "Api"},
            },
        },
        "Person": {
            "Type": "AWS::ApiGateway::Resource",
            "Properties": {"ParentId": {"Ref": "People"}, "PathPart": "{id}", "RestApiId": {"Ref": "Api"}},
        },
        "Get": {
            "Type": METHOD,
            "Properties": {"RestApiId": {"Ref": "Api"}, "ResourceId": {"Ref": "Person"}, "HttpMethod": "GET"}
            | properties,
        },
    }
    server = {
        "Type": "AWS::Cognito::UserPoolResourceServer",
        "Properties": {"Identifier": "otto-dev-api-resource-server"},
    }
    identity = {
        "Resources": {"Server": server},
        "Outputs": {"Server": {"Value": {"Ref": "Server"}, "Export": {"Name": "identity:Server"}}},
    }
    stacks: dict[str, dict[str, Any]] = {"identity": identity, "api": {"Resources": resources}}
    return Assembly({name: Stack(name=name, environment="dev", template=template) for name, template in stacks.items()})


def test_every_method_that_is_deployed_is_read_with_its_scope(assembly: Assembly) -> None:
    """No method of any template is left out, and none asks for a scope of another resource server."""
    found = routes(assembly)
    shut = [each for _, _, each in assembly.of_type(METHOD) if each["HttpMethod"] == "ANY"]
    assert len(found) == len(list(assembly.of_type(METHOD))) - len(shut)
    assert {(route.environment, route.method, route.path, route.scopes) for route in found.values()} == {
        (environment, method, "/profiles", (scope,))
        for environment in ("dev", "staging", "prod")
        for method, scope in (("GET", "api.read"), ("HEAD", "api.read"), ("PUT", "api.write"), ("DELETE", "api.write"))
    }


@pytest.mark.parametrize(
    ("properties", "is_open"),
    [
        ({"ApiKeyRequired": True, "Integration": {"Type": "MOCK"}}, False),
        ({"ApiKeyRequired": False, "Integration": {"Type": "MOCK"}}, True),
        ({"ApiKeyRequired": True, "Integration": {"Type": "AWS_PROXY"}}, True),
    ],
)
def test_a_method_is_left_out_only_where_it_can_do_nothing_but_refuse(
    properties: dict[str, object], is_open: bool
) -> None:
    assert bool(routes(planted(**properties))) is is_open


def test_a_nested_path_and_a_method_without_scopes_are_read_as_they_are() -> None:
    assert list(routes(planted()).values()) == [
        Route(environment="dev", api="people", path="/people/{id}", method="GET", authorizer="NONE", scopes=())
    ]


def test_a_method_on_the_root_resource_has_the_path_of_the_root() -> None:
    root = {"Fn::GetAtt": ["Api", "RootResourceId"]}
    assert [route.path for route in routes(planted(ResourceId=root)).values()] == ["/"]


@pytest.mark.parametrize(
    ("value", "scope"),
    [
        ("otto-dev-api-resource-server/read", "read"),
        ({"Fn::Join": ["/", [{"Fn::ImportValue": "identity:Server"}, "read"]]}, "read"),
        (
            {"Fn::Join": ["", [{"Fn::GetStackOutput": {"StackName": "identity", "OutputName": "Server"}}, "/read"]]},
            "read",
        ),
        ("another-server/read", "another-server/read"),
        ("otto-prod-api-resource-server/read", "otto-prod-api-resource-server/read"),
        ({"Fn::ImportValue": "elsewhere"}, "${elsewhere}"),
        ({"Ref": "Parameter"}, "${Parameter}"),
    ],
)
def test_a_scope_is_followed_through_references_and_another_servers_is_shown_whole(value: object, scope: str) -> None:
    planned = planted(AuthorizationType="COGNITO_USER_POOLS", AuthorizationScopes=[value])
    assert [route.scopes for route in routes(planned).values()] == [(scope,)]
