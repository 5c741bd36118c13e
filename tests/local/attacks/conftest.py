"""What every attack aims at: each route and method of the deployed APIs, read from the templates that are deployed."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pytest
import urllib3

from tests.local.attacks.forgery import Forge
from tests.local.platform.deployed import Answer, Platform
from tools.routes import Route, routes


@pytest.fixture(scope="session")
def templates(platform: Platform) -> dict[str, Any]:
    """Every deployed template of the platform, by stack name."""
    cloudformation = platform.emulator.client("cloudformation")
    names = [stack["StackName"] for stack in cloudformation.describe_stacks()["Stacks"]]

    def template(name: str) -> dict[str, Any]:
        body = cloudformation.get_template(StackName=name)["TemplateBody"]
        found: dict[str, Any] = json.loads(body) if isinstance(body, str) else body
        return found

    return {name: template(name) for name in names if name.startswith("otto-dev-")}


@pytest.fixture(scope="session")
def deployed_routes(templates: Mapping[str, Any]) -> list[Route]:
    found = routes({"dev": templates})
    assert {route.method for route in found} >= {"GET", "PUT", "DELETE"}
    return found


@pytest.fixture(scope="session")
def forge(platform: Platform) -> Forge:
    return Forge(platform)


def send(platform: Platform, route: Route, uri: str, headers: list[tuple[str, str]]) -> Answer:
    """One request to a route of the deployed API, with exactly these headers, repeated ones too."""
    sent = urllib3.HTTPHeaderDict(headers)
    if route.method == "PUT":
        sent.add("Content-Type", "application/json")
    return urllib3.request(
        route.method,
        f"{platform.parameter('profiles-api-url').removesuffix('/profiles')}{route.path}?{urlencode({'uri': uri})}",
        body=b'{"full_name": "Written by an attacker"}' if route.method == "PUT" else None,
        headers=sent,
        retries=False,
    )
