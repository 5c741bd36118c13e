"""Every saved query asks for what is really written to the log groups that it is saved for."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lambdas.profiles import handler as profiles
from lambdas.profiles.errors import UnavailableError
from lambdas.rotation import handler as rotation
from lambdas.rotation.ports import RotationFailed
from stacks.observability import queries
from tests.lambdas.rotation.service import Service
from tests.stacks.synthesis import SynthesizedStack
from tests.stacks.test_access_log import log_format
from tests.stacks.test_token_counts import BASIC, issued

EVENT = Path(__file__).parents[1] / "lambdas" / "profiles" / "event.json"
ADDED = {"@timestamp", "@log"}
"""What Logs Insights knows of every line: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData-discoverable-fields.html"""
NAME = r"@?[a-z][\w.]*"
NAMED = re.compile(rf"\b(?:by|fields|filter|sort|and|ispresent\(|pct\(|latest\(|sum\()\s*({NAME}(?:,\s*{NAME})*)")


def asked(query: str) -> set[str]:
    """The names that a query reads, but functions and those that it makes itself."""
    made = {*re.findall(rf" as ({NAME})", query), "ispresent", "bin"}
    plain = re.sub(rf" as {NAME}", "", re.sub(r'"[^"]*"', "", query))
    plain = re.sub(r"coalesce\(([^)]*)\)", r"\1", plain)
    return {name.strip() for names in NAMED.findall(plain) for name in names.split(",")} - made


def fields(line: Mapping[str, Any], within: str = "") -> Iterator[str]:
    """A line's fields as Logs Insights names them: `a.b`, and `a.0` of a list."""
    for name, value in line.items():
        if isinstance(value, dict | list):
            nested = value if isinstance(value, dict) else {str(index): item for index, item in enumerate(value)}
            yield from fields(nested, f"{within}{name}.")
        else:
            yield f"{within}{name}"


def said(capsys: pytest.CaptureFixture[str]) -> set[str]:
    return {name for line in capsys.readouterr().out.splitlines() for name in fields(json.loads(line))}


def by_application(capsys: pytest.CaptureFixture[str]) -> set[str]:
    def unavailable() -> Any:
        raise UnavailableError("the store does not answer")

    profiles.respond(json.loads(EVENT.read_text()), unavailable)
    return said(capsys)


def by_rotation(capsys: pytest.CaptureFixture[str]) -> set[str]:
    """The lines of a rotation, and of one that fails."""
    service = Service()
    service.rotate()
    with pytest.raises(RotationFailed):
        rotation.handle({}, SimpleNamespace(aws_request_id="a-request", get_remaining_time_in_millis=lambda: 1000))
    return said(capsys) | {name for line in service.said for name in fields(json.loads(line))}


@pytest.mark.parametrize("name", queries.ACCESS)
def test_a_query_of_the_access_log_asks_for_its_fields(stacks: dict[str, SynthesizedStack], name: str) -> None:
    assert asked(queries.ACCESS[name])
    assert asked(queries.ACCESS[name]) <= set(json.loads(log_format(stacks, "prod"))) | ADDED


@pytest.mark.parametrize("name", queries.APPLICATION)
def test_a_query_of_one_request_asks_for_what_the_function_says_and_the_access_log_can_be_found_by(
    stacks: dict[str, SynthesizedStack], capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert asked(queries.APPLICATION[name]) <= by_application(capsys) | ADDED
    assert "request_id" in asked(queries.APPLICATION[name]) & set(json.loads(log_format(stacks, "prod")))


@pytest.mark.parametrize("name", queries.ROTATION)
def test_a_query_of_rotations_asks_for_what_a_rotation_says(capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert asked(queries.ROTATION[name])
    assert asked(queries.ROTATION[name]) <= by_rotation(capsys) | ADDED


@pytest.mark.parametrize("name", queries.TOKENS)
def test_a_query_of_token_requests_asks_for_what_cloudtrail_writes(name: str) -> None:
    assert asked(queries.TOKENS[name])
    assert asked(queries.TOKENS[name]) <= set(fields(issued())) | set(fields(issued(shape=BASIC))) | ADDED


def test_every_query_is_held_to_a_log(stacks: dict[str, SynthesizedStack]) -> None:
    known = queries.ACCESS | queries.APPLICATION | queries.ROTATION | queries.TOKENS
    made = [each["Properties"] for _, each in stacks["otto-prod-observability"].of_type("AWS::Logs::QueryDefinition")]
    assert {each["Name"]: each["QueryString"] for each in made} == {
        f"otto-prod/{name}": text for name, text in known.items()
    }


def test_planted_fields_are_found(capsys: pytest.CaptureFixture[str]) -> None:
    assert asked("fields time, statuss | filter latency >= 1 | sort time desc") == {"time", "statuss", "latency"}
    planted = queries.TOKENS["tokens-by-client"].replace("client_id.0", "clientId")
    written = set(fields(issued())) | set(fields(issued(shape=BASIC)))
    assert asked(planted) - written == {"detail.additionalEventData.requestParameters.clientId"}
    planted = queries.ROTATION["rotations"].replace("failure", "reason")
    assert asked(planted) - by_rotation(capsys) - ADDED == {"reason"}
