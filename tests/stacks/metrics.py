"""Which metrics an environment's templates and functions emit, and which ones an alarm or a dashboard watches.

What AWS emits is read from `aws_metrics.json`, a copy of its documentation with sources and a date.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock, patch

from lambdas.rotation_watch import handler
from tests.stacks.synthesis import Template
from tools.template import Assembly, Stack

DOCUMENTED: dict[str, Any] = json.loads((Path(__file__).parent / "aws_metrics.json").read_text())["namespaces"]
_OWNERS = {
    "ApiName": ("AWS::ApiGateway::RestApi", "Name"),
    "Stage": ("AWS::ApiGateway::Stage", "StageName"),
    "RuleName": ("AWS::Events::Rule", "Name"),
    "FunctionName": ("AWS::Lambda::Function", None),
    "TableName": ("AWS::DynamoDB::GlobalTable", None),
}
"""The type, and its property, that a dimension's value is; None is what `Ref` of the type returns."""
_SELECT = re.compile(r'SELECT \w+\((?P<name>\w+)\) FROM "(?P<space>[^"]+)" WHERE (?P<where>.+)')
_INSIGHT = re.compile(r"INSIGHT_RULE_METRIC\('(?P<rule>[^']+)', '(UniqueContributors|MaxContributorValue|Sum)'\)")

Measured = str
"""`<namespace> <name> {<dimensions>}`. A dimension whose value nothing has says so."""


def emitted(stacks: Mapping[str, Template]) -> set[Measured]:
    """Everything that can have data: AWS's documented metrics, log lines that filters count, and embedded metrics."""
    found = {
        f"{namespace} {name} {{{', '.join(sorted(dimensions))}}}"
        for namespace, documented in DOCUMENTED.items()
        for name in documented["metrics"]
        for dimensions in [
            *documented["dimensions"],
            *([sorted(documented["values"])] if "values" in documented else []),
        ]
    }
    for template in stacks.values():
        for resource in template["Resources"].values():
            properties = resource.get("Properties", {})
            if resource["Type"] == "AWS::Logs::MetricFilter":
                for made in properties["MetricTransformations"]:
                    found.add(f"{made['MetricNamespace']} {made['MetricName']} {{}}")
            if resource["Type"] == "AWS::CloudWatch::InsightRule":
                found.add(f"Contributor Insights {properties['RuleName']} {{}}")
            if "NAMESPACE" in (variables := properties.get("Environment", {}).get("Variables", {})):
                found |= set(embedded(said_by_watch(variables)))
    return found


def said_by_watch(variables: Mapping[str, str]) -> str:
    """The line that the deployed handler really writes, for one secret."""
    secret = {"Name": "a", "CreatedDate": datetime.now(UTC), "RotationEnabled": True}
    client, rotation, output = MagicMock(), MagicMock(), StringIO()
    rotation.invoke.return_value = {"Payload": StringIO("{}")}
    client.get_paginator.return_value.paginate.return_value = [{"SecretList": [secret]}]
    with (
        patch.object(handler, "_client", lambda: client),
        patch.object(handler, "_functions", lambda: rotation),
        patch.dict("os.environ", dict(variables) | {"ROTATION": "the rotation function"}),
        redirect_stdout(output),
    ):
        handler.handle({}, SimpleNamespace(aws_request_id="a-request"))
    return output.getvalue()


def embedded(line: str) -> Iterator[Measured]:
    """The metrics of a line in the embedded metric format, if it is one: every name must have a number beside it."""
    said = json.loads(line)
    for directive in said["_aws"]["CloudWatchMetrics"]:
        for dimensions in directive["Dimensions"]:
            for metric in directive["Metrics"]:
                if isinstance(said[metric["Name"]], int | float) and all(name in said for name in dimensions):
                    yield f"{directive['Namespace']} {metric['Name']} {{{', '.join(sorted(dimensions))}}}"


def watched(properties: Mapping[str, Any], template: Template, stacks: Mapping[str, Template]) -> Iterator[Measured]:
    """The metrics of an alarm's properties."""
    for query in properties.get("Metrics", []):
        if "MetricStat" in query:
            yield _measured(query["MetricStat"]["Metric"], template, stacks)
        else:
            yield from in_expression(query["Expression"])
    if "MetricName" in properties:
        yield _measured(properties, template, stacks)


def in_expression(text: str) -> Iterator[Measured]:
    if selected := _SELECT.fullmatch(text):
        known = DOCUMENTED.get(selected["space"], {}).get("values", {})
        conditions = re.findall(r"\"?(\w+)\"? = '([^']+)'", selected["where"])
        values = [_said(name, value, value in known.get(name, ())) for name, value in conditions]
        yield f"{selected['space']} {selected['name']} {{{', '.join(sorted(values))}}}"
    elif rule := _INSIGHT.fullmatch(text):
        yield f"Contributor Insights {rule['rule']} {{}}"
    elif re.search("SELECT|SEARCH|INSIGHT", text):
        yield f"what cannot be read: {text}"


def _measured(metric: Mapping[str, Any], template: Template, stacks: Mapping[str, Template]) -> Measured:
    dimensions = [
        _said(each["Name"], each["Value"], _exists(each["Name"], each["Value"], template, stacks))
        for each in metric.get("Dimensions", [])
    ]
    return f"{metric['Namespace']} {metric['MetricName']} {{{', '.join(sorted(dimensions))}}}"


def _said(name: str, value: object, exists: bool) -> str:
    return name if exists else f"{name} is {value!r}, which nothing has"


def _exists(name: str, value: Any, template: Template, stacks: Mapping[str, Template]) -> bool:
    """Whether a resource of the environment is what the dimension's value names."""
    kind, key = _OWNERS.get(name, ("", None))
    if isinstance(value, dict):
        here = Stack(name="", environment="", template=template)
        others = {key: Stack(name=key, environment="", template=each) for key, each in stacks.items()}
        reference = Assembly(others).values(here, value)
        owner = {**stacks, "": template}[reference.stack]["Resources"].get(reference.logical_id, {})
        return bool(key is None and not reference.attribute and owner.get("Type") == kind)
    return any(
        key is not None and resource["Type"] == kind and resource["Properties"].get(key) == value
        for each in stacks.values()
        for resource in each["Resources"].values()
    )


def body(value: Any) -> Any:
    """A dashboard's or rule's JSON, with what only AWS knows written as `?`."""
    parts = value["Fn::Join"][1] if isinstance(value, dict) else [value]
    return json.loads("".join(part if isinstance(part, str) else "?" for part in parts))
