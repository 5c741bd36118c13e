import pytest

from stacks.registry import Group
from tools.assembly import synthesize
from tools.routes import Route, Templates, routes

METHOD = "AWS::ApiGateway::Method"


@pytest.fixture(scope="module")
def templates(groups: tuple[Group, ...]) -> Templates:
    return synthesize(groups)


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_every_profiles_route_is_read_with_its_scope_from_the_synthesized_templates(
    templates: Templates, environment: str
) -> None:
    server = f"otto-{environment}-api-resource-server"
    found = {(r.method, r.path): r.scopes for r in routes(templates) if r.api == f"otto-{environment}-profiles"}
    assert found == {
        ("GET", "/profiles"): (f"{server}/api.read",),
        ("PUT", "/profiles"): (f"{server}/api.write",),
        ("DELETE", "/profiles"): (f"{server}/api.write",),
    }


def test_no_method_of_any_template_is_left_out(templates: Templates) -> None:
    methods = [
        resource
        for stacks in templates.values()
        for template in stacks.values()
        for resource in template["Resources"].values()
        if resource["Type"] == METHOD
    ]
    assert len(routes(templates)) == len(methods) > 0


def planted(**properties: object) -> Templates:
    """Two stacks: one exports the resource server's identifier, one has `GET /people/{id}` and whatever is planted."""
    resources = {
        "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "people"}},
        "People": {
            "Type": "AWS::ApiGateway::Resource",
            "Properties": {"ParentId": {"Fn::GetAtt": ["Api", "RootResourceId"]}, "PathPart": "people"},
        },
        "Person": {
            "Type": "AWS::ApiGateway::Resource",
            "Properties": {"ParentId": {"Ref": "People"}, "PathPart": "{id}"},
        },
        "Get": {
            "Type": METHOD,
            "Properties": {"RestApiId": {"Ref": "Api"}, "ResourceId": {"Ref": "Person"}, "HttpMethod": "GET"}
            | properties,
        },
    }
    server = {"Type": "AWS::Cognito::UserPoolResourceServer", "Properties": {"Identifier": "server"}}
    identity = {
        "Resources": {"Server": server},
        "Outputs": {"Server": {"Value": {"Ref": "Server"}, "Export": {"Name": "identity:Server"}}},
    }
    return {"dev": {"api": {"Resources": resources}, "identity": identity}}


def test_a_nested_path_and_a_method_without_scopes_are_read_as_they_are() -> None:
    assert routes(planted()) == [Route(environment="dev", api="people", path="/people/{id}", method="GET", scopes=())]


def test_a_method_on_the_root_resource_has_the_path_of_the_root() -> None:
    root = {"Fn::GetAtt": ["Api", "RootResourceId"]}
    assert [route.path for route in routes(planted(ResourceId=root))] == ["/"]


@pytest.mark.parametrize(
    ("value", "scope"),
    [
        ("server/read", "server/read"),
        ({"Fn::Join": ["/", [{"Fn::ImportValue": "identity:Server"}, "read"]]}, "server/read"),
        (
            {"Fn::Join": ["", [{"Fn::GetStackOutput": {"StackName": "identity", "OutputName": "Server"}}, "/read"]]},
            "server/read",
        ),
        ({"Fn::ImportValue": "elsewhere"}, "${elsewhere}"),
        ({"Fn::GetStackOutput": {"StackName": "elsewhere", "OutputName": "Server"}}, "${Fn::GetStackOutput}"),
        ({"Ref": "Parameter"}, "${Parameter}"),
    ],
)
def test_a_scope_is_followed_through_references_and_shown_unresolved_where_the_template_does_not_say(
    value: object, scope: str
) -> None:
    assert [route.scopes for route in routes(planted(AuthorizationScopes=[value]))] == [(scope,)]
