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


@pytest.fixture(params=["with a token", "with a wrong one", "without"])
def authorization(platform: Platform, request: pytest.FixtureRequest) -> dict[str, str]:
    if request.param == "without":
        return {}
    return {"Authorization": f"Bearer {platform.token() if request.param == 'with a token' else 'x'}"}


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH"])
@pytest.mark.parametrize("path", ["/people", "/profiles/one", "/profilesx", "/"])
def test_a_path_that_is_not_there(platform: Platform, authorization: dict[str, str], method: str, path: str) -> None:
    url = platform.parameter("profiles-api-url").removesuffix("/profiles") + path
    require_problem(urllib3.request(method, url, headers=authorization), 404, "no-such-operation")


@pytest.mark.parametrize("method", ["POST", "PATCH", "OPTIONS"])
@pytest.mark.parametrize("sent", [{}, {"body": b"{", "headers": {"Content-Type": "text/x"}}], ids=["bare", "a body"])
def test_a_method_that_is_not_there(
    platform: Platform, authorization: dict[str, str], method: str, sent: dict[str, Any]
) -> None:
    url = f"{platform.parameter('profiles-api-url')}?uri=x"
    answer = urllib3.request(method, url, **(sent | {"headers": sent.get("headers", {}) | authorization}))
    require_problem(answer, 405, "method-not-allowed")
    assert answer.headers["Allow"] == "GET, HEAD, PUT, DELETE"


def test_a_key_that_somebody_sends_is_none(platform: Platform) -> None:
    answer = urllib3.request("PATCH", platform.parameter("profiles-api-url"), headers={"X-API-Key": "x" * 20})
    require_problem(answer, 405, "method-not-allowed")


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
    head = stopped.pop("HEAD")
    assert (head.status, head.headers["Content-Type"]) == (429, "application/problem+json")
    for answer in stopped.values():
        require_problem(answer, 429, "too-many-requests")
    assert {answer.headers["Retry-After"] for answer in (head, *stopped.values())} == {"1"}
    assert {method: platform.call(method, uri, token=token).status for method in METHODS} == METHODS
