"""What the gateway answers by itself, met through HTTP: always a problem document with the request's id."""

from collections.abc import Iterator
from typing import Any

import pytest
import urllib3

from tests.instructions import commands, run
from tests.local.platform.deployed import Answer, Platform

METHODS = {"GET": 404, "HEAD": 404, "PUT": 415, "DELETE": 404}
"""What each answers about a profile that is not there, asked without a body."""


def require_problem(answer: Answer, status: int, kind: str) -> None:
    assert (answer.status, answer.headers["Content-Type"]) == (status, "application/problem+json")
    document = answer.json()
    assert (document["status"], document["type"]) == (status, f"urn:otto:problem:{kind}")
    assert document["title"]
    assert document["detail"]
    assert document["request_id"] == answer.headers["x-amzn-requestid"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert ("WWW-Authenticate" in answer.headers) is (status == 401)


@pytest.mark.parametrize(("method", "path"), [("PATCH", "/profiles"), ("GET", "/people"), ("GET", "/profiles/one")])
def test_an_operation_that_is_not_there(platform: Platform, method: str, path: str) -> None:
    url = platform.parameter("profiles-api-url").removesuffix("/profiles") + path
    token = platform.token()
    require_problem(
        urllib3.request(method, url, headers={"Authorization": f"Bearer {token}"}), 404, "no-such-operation"
    )


def test_no_token(platform: Platform, uri: str) -> None:
    require_problem(platform.call("GET", uri, token=""), 401, "unauthorized")


@pytest.fixture
def stage(platform: Platform) -> Iterator[dict[str, Any]]:
    """The deployed stage, its limits as they were after the test.

    ministack keeps a method's own limits from a template under the path `/~1profiles`, and looks for `/profiles`: they
    are set here once more by the call that it does heed.
    """
    gateway = platform.emulator.client("apigateway")
    [api] = [api["id"] for api in gateway.get_rest_apis()["items"] if api["name"] == "otto-dev-profiles"]
    known = {"restApiId": api, "stageName": "dev"}
    [_, lift] = commands("runbook.md", "update-stage", api=api, env="dev")
    run(gateway, lift)
    yield known
    gateway.update_stage(
        **known, patchOperations=[{"op": "remove", "path": f"/~1profiles/{method}"} for method in METHODS]
    )


def test_a_throttled_caller_is_told_when_to_try_again(platform: Platform, uri: str, stage: dict[str, Any]) -> None:
    """By the emergency stop of the runbook, which every method heeds until it is lifted."""
    gateway, token = platform.emulator.client("apigateway"), platform.token()
    stop, lift = commands("runbook.md", "update-stage", api=stage["restApiId"], env="dev")
    run(gateway, stop)
    stopped = {method: platform.call(method, uri, token=token) for method in METHODS}
    run(gateway, lift)
    for answer in stopped.values():
        require_problem(answer, 429, "too-many-requests")
        assert answer.headers["Retry-After"] == "1"
    assert {method: platform.call(method, uri, token=token).status for method in METHODS} == METHODS
