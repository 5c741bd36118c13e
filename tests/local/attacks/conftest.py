"""What every attack aims at: each method of every API that is deployed."""

from dataclasses import dataclass
from urllib.parse import urlencode

import pytest
import urllib3

from tests.local.attacks.forgery import Forge
from tests.local.platform.deployed import Answer, Platform


@dataclass(frozen=True, order=True)
class Route:
    """One deployed method; a token needs any one of the `scopes`, as they are on the wire."""

    url: str
    path: str
    method: str
    scopes: tuple[str, ...]


@pytest.fixture(scope="session")
def deployed_routes(platform: Platform) -> list[Route]:
    gateway, cloudformation = platform.emulator.client("apigateway"), platform.emulator.client("cloudformation")
    found: list[Route] = []
    refusing = 0
    for api in gateway.get_rest_apis()["items"]:
        url = f"{platform.emulator.address}/_aws/execute-api/{api['id']}/dev"
        for resource in gateway.get_resources(restApiId=api["id"], embed=["methods"])["items"]:
            for name, method in resource.get("resourceMethods", {}).items():
                if (
                    name == "ANY"
                ):  # what answers 405, with a token and without: tests/local/platform/test_gateway_errors.py
                    refusing += 1
                    continue
                found.append(Route(url, resource["path"], name, tuple(method.get("authorizationScopes", ()))))
    # The templates that were deployed tell how many there must be.
    stacks = [stack["StackName"] for stack in cloudformation.describe_stacks()["Stacks"]]
    templates = [cloudformation.get_template(StackName=name)["TemplateBody"] for name in stacks if "otto" in name]
    methods = sum(str(template).count("AWS::ApiGateway::Method") for template in templates)
    assert len(found) + refusing == methods
    assert len(found) >= 4
    return sorted(found)


@pytest.fixture(scope="session")
def forge(platform: Platform) -> Forge:
    return Forge(platform)


def send(route: Route, uri: str, headers: list[tuple[str, str]]) -> Answer:
    """One request to a route of the deployed API, with exactly these headers, repeated ones too."""
    sent = urllib3.HTTPHeaderDict(headers)
    body = None
    if route.method in ("POST", "PUT", "PATCH"):
        sent.add("Content-Type", "application/json")
        body = b'{"full_name": "Written by an attacker"}'
    url = f"{route.url}{route.path}?{urlencode({'uri': uri})}"
    return urllib3.request(route.method, url, body=body, headers=sent, retries=False)
