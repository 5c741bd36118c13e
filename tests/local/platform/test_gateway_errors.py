"""What the gateway answers by itself, met through HTTP: always a problem document with the request's id."""

import pytest
import urllib3

from tests.local.platform.deployed import Answer, Platform


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


def test_a_throttled_caller_is_told_when_to_try_again(platform: Platform, uri: str) -> None:
    """With a limit of nothing on the deployed stage, as the emulator reads no other from a template."""
    gateway = platform.emulator.client("apigateway")
    [api] = [api["id"] for api in gateway.get_rest_apis()["items"] if api["name"] == "otto-dev-profiles"]
    token = platform.token()

    def limit(rate: int, burst: int) -> None:
        settings = {"rateLimit": rate, "burstLimit": burst}
        gateway.update_stage(
            restApiId=api,
            stageName="dev",
            patchOperations=[
                {"op": "replace", "path": f"/*/*/throttling/{name}", "value": str(value)}
                for name, value in settings.items()
            ],
        )

    limit(0, 0)
    try:
        answer = platform.call("GET", uri, token=token)
    finally:
        limit(500, 100)
    require_problem(answer, 429, "too-many-requests")
    assert answer.headers["Retry-After"] == "1"
    assert platform.call("GET", uri, token=token).status == 404
