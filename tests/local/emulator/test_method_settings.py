"""What a template says of one method holds for that method, and for no other."""

import json
from typing import Any

import pytest
import urllib3

from local.emulator.process import Emulator

NEVER = {"ThrottlingRateLimit": 0, "ThrottlingBurstLimit": 0}
OFTEN = {"ThrottlingRateLimit": 1000, "ThrottlingBurstLimit": 1000}


def mock(resource: str, method: str) -> dict[str, Any]:
    integration = {
        "Type": "MOCK",
        "RequestTemplates": {"application/json": '{"statusCode": 200}'},
        "IntegrationResponses": [{"StatusCode": "200"}],
    }
    properties = {
        "RestApiId": {"Ref": "Api"},
        "ResourceId": {"Ref": resource},
        "HttpMethod": method,
        "AuthorizationType": "NONE",
        "Integration": integration,
        "MethodResponses": [{"StatusCode": "200"}],
    }
    return {"Type": "AWS::ApiGateway::Method", "Properties": properties}


def resource(parent: Any, part: str) -> dict[str, Any]:
    properties = {"RestApiId": {"Ref": "Api"}, "ParentId": parent, "PathPart": part}
    return {"Type": "AWS::ApiGateway::Resource", "Properties": properties}


def template(*settings: dict[str, Any]) -> str:
    methods = {"Get": mock("Below", "GET"), "Put": mock("Below", "PUT")}
    stage = {
        "RestApiId": {"Ref": "Api"},
        "StageName": "s",
        "DeploymentId": {"Ref": "Deployment"},
        "MethodSettings": settings,
    }
    resources = {
        "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "limited"}},
        "Things": resource({"Fn::GetAtt": ["Api", "RootResourceId"]}, "things"),
        "Below": resource({"Ref": "Things"}, "below"),
        **methods,
        "Deployment": {
            "Type": "AWS::ApiGateway::Deployment",
            "DependsOn": list(methods),
            "Properties": {"RestApiId": {"Ref": "Api"}},
        },
        "Stage": {"Type": "AWS::ApiGateway::Stage", "Properties": stage},
    }
    return json.dumps({"Resources": resources, "Outputs": {"Api": {"Value": {"Ref": "Api"}}}})


@pytest.mark.parametrize(("limited", "statuses"), [("GET", [429, 200]), ("PUT", [200, 429])])
def test_a_methods_limits_are_its_own(emulator: Emulator, name: str, limited: str, statuses: list[int]) -> None:
    cloudformation = emulator.client("cloudformation")
    body = template(
        {"HttpMethod": "*", "ResourcePath": "/*", **OFTEN},
        {"HttpMethod": limited, "ResourcePath": "/~1things~1below", **NEVER},
    )
    cloudformation.create_stack(StackName=name, TemplateBody=body)
    cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    [stack] = cloudformation.describe_stacks(StackName=name)["Stacks"]
    [api] = [output["OutputValue"] for output in stack["Outputs"]]
    address = f"{emulator.address}/_aws/execute-api/{api}/s/things/below"
    assert [urllib3.request(method, address).status for method in ("GET", "PUT")] == statuses
    cloudformation.delete_stack(StackName=name)
