"""Every API takes strong TLS alone, limits and logs each method, and answers its own errors as problem documents."""

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from stacks.environments import ENVIRONMENTS, Environment
from stacks.gateway_errors import ERRORS
from tests.stacks.synthesis import SynthesizedStack, Template

REQUIRED = {
    "DEFAULT_4XX": None,
    "DEFAULT_5XX": 500,
    "UNAUTHORIZED": 401,
    "EXPIRED_TOKEN": 401,
    "ACCESS_DENIED": 403,
    "WAF_FILTERED": 403,
    "MISSING_AUTHENTICATION_TOKEN": 404,
    "INVALID_SIGNATURE": 404,
    "INVALID_API_KEY": 405,
    "RESOURCE_NOT_FOUND": 404,
    "BAD_REQUEST_PARAMETERS": 400,
    "BAD_REQUEST_BODY": 400,
    "REQUEST_TOO_LARGE": 413,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "THROTTLED": 429,
    "INTEGRATION_FAILURE": 504,
    "INTEGRATION_TIMEOUT": 504,
}
"""The errors that API Gateway makes itself, and the status of each: callers program against these."""
SECRETIVE = re.compile(r"\$context\.(identity\.apiKey|path\b)|querystring|authorization|\$input", re.IGNORECASE)
"""What an access log must not hold: a path with its parameters, and anything that a caller proves itself by."""


def of(template: Template, kind: str) -> dict[str, dict[str, Any]]:
    return {
        logical_id: resource["Properties"]
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] == f"AWS::ApiGateway::{kind}"
    }


def rendered(document: str) -> dict[str, Any]:
    """What a caller gets of a gateway response's template."""
    message = '"words of API Gateway"'
    found: dict[str, Any] = json.loads(
        document.replace("$context.error.messageString", message).replace("$context.requestId", "an-id")
    )
    return found


def bare_errors(template: Template) -> Iterator[str]:
    """What an API answers by itself that is no problem document, and what it lacks."""
    responses = of(template, "GatewayResponse")
    for api in of(template, "RestApi"):
        mine = {each["ResponseType"]: each for each in responses.values() if each["RestApiId"] == {"Ref": api}}
        yield from (f"{kind}: missing" for kind in REQUIRED.keys() - mine.keys())
        for kind, response in mine.items():
            status = REQUIRED[kind]
            document = rendered(response["ResponseTemplates"]["application/json"])
            if response.get("StatusCode") != (str(status) if status else None) or document.get("status") != status:
                yield f"{kind}: status"
            if not document["type"].startswith("urn:otto:problem:") or not document["title"] or not document["detail"]:
                yield f"{kind}: type, title and detail"
            if document["request_id"] != "an-id":
                yield f"{kind}: request_id"
            allowed = ", ".join(methods_of(template)) if status == 405 else ""
            missing = headers_missing(response, challenge=status == 401, allowed=allowed)
            yield from (f"{kind}: {name}" for name in missing)


def methods_of(template: Template) -> list[str]:
    """The methods that are there, of an API whose paths all have the same ones."""
    return [each["HttpMethod"] for each in of(template, "Method").values() if each["HttpMethod"] != "ANY"]


def headers_missing(response: dict[str, Any], *, challenge: bool, allowed: str) -> Iterator[str]:
    sent = response.get("ResponseParameters", {})
    for name, value in (
        ("Content-Type", "'application/problem[+]json'"),
        ("Cache-Control", "'no-store'"),
        ("WWW-Authenticate", "'Bearer realm=\"otto-(dev|staging|prod)-api-resource-server\"'" if challenge else None),
        ("Allow", f"'{allowed}'" if allowed else None),
    ):
        found = sent.get(f"gatewayresponse.header.{name}")
        if (found is None) != (value is None) or (value and not re.fullmatch(value, found)):
            yield name


def lax(template: Template) -> Iterator[str]:
    """Each API or stage that takes weak TLS, logs too much or too little, or leaves a method without a limit."""
    for logical_id, api in of(template, "RestApi").items():
        if api.get("SecurityPolicy") != "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09":
            yield f"{logical_id}: TLS"
        if api.get("EndpointAccessMode") != "STRICT":
            yield f"{logical_id}: endpoint access mode"
    routes = {("*", "/*")} | {
        # What answers 405 alone has the limit of what has none of its own.
        route(template, method)
        for method in of(template, "Method").values()
        if method["HttpMethod"] != "ANY"
    }
    groups = [
        resource["Properties"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Logs::LogGroup"
    ]
    for logical_id, stage in of(template, "Stage").items():
        settings = {(each["HttpMethod"], each["ResourcePath"]): each for each in stage["MethodSettings"]}
        for method, path in routes:
            setting = settings.get((method, path), {})
            if setting.get("DataTraceEnabled") is not False:
                yield f"{logical_id}: {method} {path}: data trace"
            if not (setting.get("ThrottlingRateLimit") and setting.get("ThrottlingBurstLimit")):
                yield f"{logical_id}: {method} {path}: no limit"
            if setting.get("LoggingLevel") != "ERROR" or setting.get("MetricsEnabled") is not True:
                yield f"{logical_id}: {method} {path}: log and metrics"
        if SECRETIVE.search(stage["AccessLogSetting"]["Format"]):
            yield f"{logical_id}: access log"
        name = {"Fn::Join": ["", ["API-Gateway-Execution-Logs_", stage["RestApiId"], f"/{stage['StageName']}"]]}
        if not any(group.get("LogGroupName") == name and group["RetentionInDays"] for group in groups):
            yield f"{logical_id}: execution log"


def route(template: Template, method: dict[str, Any]) -> tuple[str, str]:
    part = template["Resources"][method["ResourceId"]["Ref"]]["Properties"]["PathPart"]
    return method["HttpMethod"], f"/~1{part}"


def test_every_error_of_every_api_is_a_problem_document(stacks: dict[str, SynthesizedStack]) -> None:
    assert any(of(stack.template, "RestApi") for stack in stacks.values())
    assert {name: found for name, stack in stacks.items() if (found := list(bare_errors(stack.template)))} == {}
    assert {error.kind for error in ERRORS} == REQUIRED.keys()


def test_the_gateway_names_no_size_for_an_api_whose_own_limit_is_lower() -> None:
    [too_large] = (error for error in ERRORS if error.status == 413)
    assert too_large.detail
    assert not re.search(r"\d", too_large.detail)


@pytest.fixture
def planted(stacks: dict[str, SynthesizedStack]) -> Template:
    return copy.deepcopy(stacks["otto-dev-profiles"].template)


def test_planted_bare_errors_are_found(planted: Template) -> None:
    responses = {each["ResponseType"]: (key, each) for key, each in of(planted, "GatewayResponse").items()}
    del planted["Resources"][responses["THROTTLED"][0]]
    unauthorized = responses["UNAUTHORIZED"][1]
    del unauthorized["ResponseParameters"]["gatewayresponse.header.WWW-Authenticate"]
    unauthorized["StatusCode"] = "403"
    del responses["INVALID_API_KEY"][1]["ResponseParameters"]["gatewayresponse.header.Allow"]
    broken = responses["WAF_FILTERED"][1]
    broken["ResponseParameters"]["gatewayresponse.header.Content-Type"] = "'application/json'"
    document = '{"type": "about:blank", "title": "", "detail": "", "status": 403, "request_id": ""}'
    broken["ResponseTemplates"]["application/json"] = document
    assert sorted(bare_errors(planted)) == [
        "INVALID_API_KEY: Allow",
        "THROTTLED: missing",
        "UNAUTHORIZED: WWW-Authenticate",
        "UNAUTHORIZED: status",
        "WAF_FILTERED: Content-Type",
        "WAF_FILTERED: request_id",
        "WAF_FILTERED: type, title and detail",
    ]


def test_every_api_is_strict(stacks: dict[str, SynthesizedStack]) -> None:
    assert {name: found for name, stack in stacks.items() if (found := list(lax(stack.template)))} == {}


@pytest.mark.parametrize(
    ("kind", "change", "found"),
    [
        ("RestApi", {"SecurityPolicy": "TLS_1_0"}, "TLS"),
        ("RestApi", {"EndpointAccessMode": "BASIC"}, "endpoint access mode"),
        ("Stage", {"StageName": "other"}, "execution log"),
        ("Stage", {"AccessLogSetting": {"Format": '{"path": "$context.path"}'}}, "access log"),
    ],
)
def test_a_planted_laxity_is_found(planted: Template, kind: str, change: dict[str, Any], found: str) -> None:
    [(logical_id, properties)] = of(planted, kind).items()
    properties |= change
    assert list(lax(planted)) == [f"{logical_id}: {found}"]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"DataTraceEnabled": True}, "data trace"),
        ({"ThrottlingBurstLimit": None}, "no limit"),
        ({"LoggingLevel": "INFO"}, "log and metrics"),
    ],
)
def test_a_planted_lax_method_is_found(planted: Template, change: dict[str, Any], found: str) -> None:
    [(logical_id, stage)] = of(planted, "Stage").items()
    [get] = [each for each in stage["MethodSettings"] if each["HttpMethod"] == "GET"]
    get |= change
    assert list(lax(planted)) == [f"{logical_id}: GET /~1profiles: {found}"]


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda environment: environment.name)
def test_callers_who_are_too_many_meet_the_limit_before_the_function_does(
    stacks: dict[str, SynthesizedStack], environment: Environment
) -> None:
    template = stacks[environment.stack("profiles")].template
    [stage] = of(template, "Stage").values()
    bursts = {(each["HttpMethod"], each["ThrottlingBurstLimit"]) for each in stage["MethodSettings"]}
    reserved = [
        resource["Properties"].get("ReservedConcurrentExecutions")
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Lambda::Function"
    ]
    assert bursts == {("*", 20), ("GET", 80), ("HEAD", 20), ("PUT", 50), ("DELETE", 50)}
    # In `dev` the account's limit bounds all functions together: of a new account's 10, none can be reserved.
    assert reserved == ([200] if environment.reserves_concurrency else [None])
    assert sum(burst for method, burst in bursts if method != "*") <= environment.api_concurrency == 200


def test_an_environment_that_reserves_nothing_is_the_one_that_a_new_account_can_hold(
    stacks: dict[str, SynthesizedStack],
) -> None:
    reserving = {
        stack.environment
        for stack in stacks.values()
        for _, function in stack.of_type("AWS::Lambda::Function")
        if "ReservedConcurrentExecutions" in function["Properties"]
    }
    assert reserving == {environment.name for environment in ENVIRONMENTS if environment.stateful}
