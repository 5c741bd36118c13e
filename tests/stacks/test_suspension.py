"""Whoever an alarm on tokens calls has the command that suspends the client, the same as the runbook's."""

import copy
import re
from collections.abc import Iterator
from typing import Any

import pytest

from stacks.environments import ENVIRONMENTS
from stacks.observability import suspension
from tests.instructions import DOCS, mistakes, spoken
from tests.stacks.synthesis import SynthesizedStack

LONGEST = 1_024
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"""
NAMES = [environment.name for environment in ENVIRONMENTS]
Properties = dict[str, Any]


def alarms(stack: SynthesizedStack) -> dict[str, Properties]:
    kinds = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
    found = [resource["Properties"] for kind in kinds for _, resource in stack.of_type(kind)]
    return {properties["AlarmName"]: properties for properties in found}


def silent(found: dict[str, Properties], environment: str) -> Iterator[str]:
    """The alarms that watch how many tokens clients ask for, or combine such, and whose message has no command."""
    watched = re.compile(rf"INSIGHT_RULE_METRIC\('otto-{environment}-token-clients|ClientAuthentication")
    on_tokens = {
        name
        for name, properties in found.items()
        if any(watched.search(each.get("Expression", "")) for each in properties.get("Metrics", ()))
    }
    combined = {name for name in found if any(part.startswith(f"{name}-") for part in on_tokens)}
    commands = suspension.commands(next(each for each in ENVIRONMENTS if each.name == environment))
    assert on_tokens
    assert combined
    yield from (name for name in sorted(on_tokens | combined) if commands not in found[name]["AlarmDescription"])


@pytest.mark.parametrize("environment", NAMES)
def test_the_message_of_every_alarm_on_tokens_has_the_command_that_suspends_a_client(
    stacks: dict[str, SynthesizedStack], environment: str
) -> None:
    found = alarms(stacks[f"otto-{environment}-observability"])
    assert list(silent(found, environment)) == []
    planted = copy.deepcopy(found)
    planted[f"otto-{environment}-tokens-not-cached"]["AlarmDescription"] = "An app client got many tokens."
    assert list(silent(planted, environment)) == [f"otto-{environment}-tokens-not-cached"]


@pytest.mark.parametrize("environment", NAMES)
def test_every_alarm_says_no_more_than_its_message_takes(stacks: dict[str, SynthesizedStack], environment: str) -> None:
    lengths = {
        name: len(each["AlarmDescription"])
        for name, each in alarms(stacks[f"otto-{environment}-observability"]).items()
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def lines(text: str) -> list[str]:
    """The commands of a text, a line each, whether they stand on lines of their own or are joined."""
    joined = re.sub(r"\\\n\s*", "", text)
    parts = re.split(r"\s*(?:;|\n)\s*(?:do\s+)?", joined)
    return [" ".join(part.split()) for part in parts if part.strip() and part.strip() != "done"]


def test_the_runbook_has_the_same_commands() -> None:
    page = (DOCS / "runbook.md").read_text()
    blocks = [lines(block) for block in re.findall(r"^ *```sh\n(.*?)^ *```", page, re.MULTILINE | re.DOTALL)]
    for environment in ENVIRONMENTS:
        _, find, _, suspend = suspension.commands(environment).split("\n")
        for command in (find, suspend):
            assert (
                lines(
                    command.replace(f"otto-{environment.name}-", "otto-<env>-").replace(
                        "/otto/" + environment.name, "/otto/<env>"
                    )
                )
                in blocks
            )


def test_the_cli_takes_every_command_of_the_message() -> None:
    said = f"```sh\n{suspension.commands(ENVIRONMENTS[0])}\n```\n".replace("; ", "\n")
    commands = list(spoken(said))
    assert [command.split()[2] for command in commands] == [
        "get-insight-rule-report",
        "get-parameter",
        "list-user-pool-clients",
        "update-user-pool-client",
    ]
    assert [found for command in commands for found in mistakes(command)] == []
