"""A token request as CloudTrail writes it is counted, by its app client, up to the alarm of one that keeps none."""

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stacks.environments import ENVIRONMENTS, Environment
from tests.stacks.filters import contributors, counted, rule
from tests.stacks.synthesis import SynthesizedStack

EVENTS = json.loads((Path(__file__).parents[1] / "local" / "platform" / "cloudtrail_events.json").read_text())
CLIENT = "1example23456789"
GROUP = "AuditTokens"


def issued(client: str = CLIENT, status: int = 200) -> dict[str, Any]:
    """The documented event, in the envelope in which EventBridge writes it to the log group."""
    event = {
        "detail-type": EVENTS["Token_POST"]["detail-type"],
        "detail": copy.deepcopy(EVENTS["Token_POST"]["detail"]),
    }
    data = event["detail"]["additionalEventData"]
    data["requestParameters"]["client_id"] = [client]
    data["responseParameters"]["status"] = status
    return event


@pytest.fixture(params=ENVIRONMENTS, ids=lambda environment: environment.name)
def environment(request: pytest.FixtureRequest) -> Environment:
    found: Environment = request.param
    return found


@pytest.fixture
def stack(stacks: dict[str, SynthesizedStack], environment: Environment) -> SynthesizedStack:
    return stacks[environment.stack("observability")]


def test_a_token_that_was_issued_is_counted_and_one_that_was_refused_is_not(stack: SynthesizedStack) -> None:
    assert counted(stack, issued(), GROUP) == {"TokensIssued"}
    assert counted(stack, issued(status=400), GROUP) == set()
    other = issued()
    other["detail"]["additionalEventData"]["requestParameters"]["grant_type"] = ["authorization_code"]
    assert counted(stack, other, GROUP) == set()


def test_a_planted_wrong_path_counts_nothing(stack: SynthesizedStack) -> None:
    planted = json.loads(
        json.dumps(stack.template).replace("additionalEventData.responseParameters", "responseParameters")
    )
    assert counted(replace(stack, template=planted), issued(), GROUP) == set()


def alarmed(stack: SynthesizedStack, environment: Environment, lines: list[dict[str, Any]]) -> bool:
    """Whether the alarm of clients that do not keep their tokens is on in an hour with these lines."""
    [alarm] = (
        each["Properties"]
        for _, each in stack.of_type("AWS::CloudWatch::Alarm")
        if each["Properties"]["AlarmName"] == environment.stack("tokens-not-cached")
    )
    name = environment.stack("token-clients")
    assert f"INSIGHT_RULE_METRIC('{name}', 'MaxContributorValue')" in json.dumps(alarm["Metrics"])
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
    assert (alarm["DatapointsToAlarm"], alarm["EvaluationPeriods"]) == (1, 1)
    threshold: float = alarm["Threshold"]
    return max(contributors(rule(stack, name), lines).values(), default=0) > threshold


def test_a_client_that_asks_for_more_tokens_than_it_should_in_an_hour_is_alarmed_and_many_that_keep_theirs_are_not(
    stack: SynthesizedStack, environment: Environment
) -> None:
    often = [issued() for _ in range(environment.tokens_per_hour)]
    many = [issued(f"client-{number}") for number in range(2 * environment.tokens_per_hour)]
    assert not alarmed(stack, environment, often + many)
    assert not alarmed(stack, environment, [*often, issued(status=400)])
    assert alarmed(stack, environment, [*often, issued(), *many])


def test_a_planted_key_that_no_event_has_has_no_contributor(stack: SynthesizedStack, environment: Environment) -> None:
    found = rule(stack, environment.stack("token-clients"))
    assert contributors(found, [issued()]) == {CLIENT: 1}
    found["Contribution"]["Keys"] = ["$.detail.requestParameters.client_id[0]"]
    assert contributors(found, [issued()]) == {}
