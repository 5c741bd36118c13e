"""The dashboard shows what is measured, side by side and not on top of one another."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from tests.stacks.metrics import body, emitted, in_expression
from tests.stacks.synthesis import SynthesizedStack
from tests.stacks.test_observability import ALARMS, ALL, environment_of

Widget = dict[str, Any]


def widgets(stacks: dict[str, SynthesizedStack], environment: str) -> list[Widget]:
    stack = stacks[f"otto-{environment}-observability"]
    [(_, dashboard)] = stack.of_type("AWS::CloudWatch::Dashboard")
    assert dashboard["Properties"]["DashboardName"] == f"otto-{environment}"
    return list(body(dashboard["Properties"]["DashboardBody"])["widgets"])


def misplaced(found: list[Widget]) -> Iterator[str]:
    """Widgets that lie over another, or beyond the 24 columns that a dashboard has."""
    taken: dict[tuple[int, int], str] = {}
    for widget in found:
        name = widget["properties"].get("title", widget["type"])
        if widget["x"] + widget["width"] > 24:
            yield f"{name}: beyond the edge"
        cells = [
            (x, y)
            for x in range(widget["x"], widget["x"] + widget["width"])
            for y in range(widget["y"], widget["y"] + widget["height"])
        ]
        if over := sorted({taken[cell] for cell in cells if cell in taken}):
            yield f"{name}: over {', '.join(over)}"
        taken |= dict.fromkeys(cells, name)


def unmeasured(found: list[Widget], known: set[str]) -> Iterator[str]:
    """Lines of graphs for which there is no data, whatever their dimensions' values."""
    for widget in found:
        title = widget["properties"].get("title")
        if "insightRule" in widget["properties"]:
            shown = f"Contributor Insights {widget['properties']['insightRule']['ruleName']} {{}}"
            if shown not in known:
                yield f"{title}: {shown}"
        for line in widget["properties"].get("metrics", []):
            for shown in measured(line):
                if shown not in known:
                    yield f"{title}: {shown}"


def measured(line: list[Any]) -> Iterator[str]:
    *names, _options = line if isinstance(line[-1], dict) else [*line, {}]
    if names:
        yield f"{names[0]} {names[1]} {{{', '.join(sorted(names[2::2]))}}}"
    else:
        yield from in_expression(line[0]["expression"])


@ALL
def test_every_graph_has_a_title_a_place_and_data(stacks: dict[str, SynthesizedStack], environment: str) -> None:
    found = widgets(stacks, environment)
    assert list(misplaced(found)) == []
    assert list(unmeasured(found, emitted(environment_of(stacks, environment)))) == []
    assert all(widget["properties"].get("title") for widget in found if widget["type"] != "text")


def test_a_planted_overlap_and_a_planted_metric_are_found(stacks: dict[str, SynthesizedStack]) -> None:
    found = copy.deepcopy(widgets(stacks, "dev"))
    requests, refused = (widget for widget in found if widget["y"] == 6 and widget["x"] < 16)
    refused["x"] = 4
    found[-1]["width"] = 9
    requests["properties"]["metrics"][0][1] = "Counts"
    assert list(misplaced(found)) == ["Refused and failed: over Requests", "Rotation: beyond the edge"]
    assert list(unmeasured(found, emitted(environment_of(stacks, "dev")))) == [
        "Requests: AWS/ApiGateway Counts {ApiName, Stage}"
    ]


@pytest.mark.parametrize(
    "shown",
    [
        "AWS/ApiGateway Count {ApiName, Stage}",
        "AWS/ApiGateway 5XXError {ApiName, Stage}",
        "AWS/ApiGateway Latency {ApiName, Stage}",
        "Otto/prod Unauthorized {}",
        "Otto/prod Throttled {}",
        "Otto/prod Refused {}",
        "Otto/prod StoreUnavailable {}",
        "Otto/prod UnexpectedFault {}",
        "Otto/prod TokensIssued {}",
        "Otto/prod SecretsOverdue {}",
        "Otto/prod SecretsDiffering {}",
        "AWS/Lambda Duration {FunctionName}",
        "AWS/Lambda ConcurrentExecutions {FunctionName}",
        "AWS/DynamoDB ReadThrottleEvents {TableName}",
        "AWS/DynamoDB ConsumedWriteCapacityUnits {TableName}",
        "AWS/Usage ThrottleCount {Resource, Type}",
    ],
)
def test_what_an_on_call_person_looks_for_is_there(stacks: dict[str, SynthesizedStack], shown: str) -> None:
    lines = [line for widget in widgets(stacks, "prod") for line in widget["properties"].get("metrics", [])]
    assert shown in {each for line in lines for each in measured(line)}


def test_every_alarm_that_tells_somebody_is_on_it(stacks: dict[str, SynthesizedStack]) -> None:
    [shown] = (widget["properties"]["alarms"] for widget in widgets(stacks, "prod") if widget["type"] == "alarm")
    made = [alarm for _, alarm in stacks["otto-prod-observability"].of_type(*ALARMS)]
    assert len(shown) == len([alarm for alarm in made if alarm["Properties"].get("AlarmActions")])
