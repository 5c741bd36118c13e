"""A method whose authorization nobody enforces answers nobody."""

import pytest
import urllib3

from local.emulator.process import Emulator


@pytest.mark.parametrize(("authorization", "status"), [("JWT", 500), ("NONE", 200)])
def test_a_request_passes_no_authorization_that_the_emulator_does_not_know(
    emulator: Emulator, name: str, authorization: str, status: int
) -> None:
    gateway = emulator.client("apigateway")
    api = gateway.create_rest_api(name=name)["id"]
    [root] = gateway.get_resources(restApiId=api)["items"]
    method = {"restApiId": api, "resourceId": root["id"], "httpMethod": "GET"}
    gateway.put_method(**method, authorizationType=authorization)
    gateway.put_integration(**method, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    gateway.put_method_response(**method, statusCode="200")
    gateway.put_integration_response(**method, statusCode="200")
    gateway.create_deployment(restApiId=api, stageName="s")
    address = f"{emulator.address}/_aws/execute-api/{api}/s/"
    assert urllib3.request("GET", address, headers={"Authorization": "Bearer anything"}).status == status
    gateway.delete_rest_api(restApiId=api)
