"""The access log is one JSON object a request, and what is counted of it are fields that it has."""

import json
import re
from collections.abc import Iterator

import pytest

from tests.stacks.metrics import body
from tests.stacks.synthesis import SynthesizedStack
from tests.stacks.test_observability import ALL

WANTED = {
    "request_id": "$context.requestId",
    "client_id": "$context.authorizer.claims.client_id",
    "scope": "$context.authorizer.claims.scope",
    "method": "$context.httpMethod",
    "resource": "$context.resourcePath",
    "status": "$context.status",
    "latency_ms": "$context.responseLatency",
    "integration_latency_ms": "$context.integrationLatency",
    "authorizer_error": "$context.authorizer.error",
    "response_bytes": "$context.responseLength",
}


def log_format(stacks: dict[str, SynthesizedStack], environment: str) -> str:
    [(_, stage)] = stacks[f"otto-{environment}-profiles"].of_type("AWS::ApiGateway::Stage")
    return str(stage["Properties"]["AccessLogSetting"]["Format"])


def rendered(form: str, value: str) -> str:
    """What API Gateway writes when every variable has this value; `-` is one that a request does not have."""
    return re.sub(r"\$context(\.\w+)+", value, form)


@ALL
def test_a_line_is_json_whatever_a_request_lacks(stacks: dict[str, SynthesizedStack], environment: str) -> None:
    form = log_format(stacks, environment)
    assert "\n" not in form
    assert set(json.loads(rendered(form, "-")).values()) == {"-"}
    assert json.loads(form).items() >= WANTED.items()


def test_a_planted_bare_number_is_no_json_when_it_is_missing() -> None:
    with pytest.raises(json.JSONDecodeError):
        json.loads(rendered('{"latency_ms": $context.integrationLatency}', "-"))


def test_no_field_can_hold_a_token_a_query_or_a_body(stacks: dict[str, SynthesizedStack]) -> None:
    """`resourcePath` is the route; `path` and the request's own parameters would name the profile."""
    form = log_format(stacks, "prod")
    assert not re.search(r"context\.(path\b|requestOverride|identity\.userAgent|authorizer\.principalId)|input\.", form)


def counted(stack: SynthesizedStack) -> Iterator[str]:
    """The fields of the access log that filters and Contributor Insights read."""
    for _, made in stack.of_type("AWS::Logs::MetricFilter"):
        if "AccessLog" in json.dumps(made["Properties"]["LogGroupName"]):
            yield from re.findall(r"\$\.(\w+)", made["Properties"]["FilterPattern"])
    for _, rule in stack.of_type("AWS::CloudWatch::InsightRule"):
        if "AccessLog" in json.dumps(rule["Properties"]["RuleBody"]):
            contribution = body(rule["Properties"]["RuleBody"])["Contribution"]
            keys = [*contribution["Keys"], *(each["Match"] for each in contribution["Filters"])]
            yield from (key.removeprefix("$.") for key in keys)


@ALL
def test_only_fields_of_the_access_log_are_counted(stacks: dict[str, SynthesizedStack], environment: str) -> None:
    fields = set(json.loads(log_format(stacks, environment)))
    found = set(counted(stacks[f"otto-{environment}-observability"]))
    assert found
    assert found <= fields
