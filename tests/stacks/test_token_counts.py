"""A token request as CloudTrail writes it is counted, by its app client, up to the alarm of one that keeps none."""

import copy
import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stacks.environments import ENVIRONMENTS, Environment
from tests.stacks.alarm_states import Values, is_on
from tests.stacks.filters import contributors, counted, rule
from tests.stacks.synthesis import SynthesizedStack

EVENTS = json.loads((Path(__file__).parents[1] / "local" / "platform" / "cloudtrail_events.json").read_text())
CLIENT = "1example23456789"
GROUP = "AuditTokens"
RULES = ("token-clients", "token-clients-by-form")


FORM, BASIC = "Token_POST", "Token_POST by Basic"
SHAPES = pytest.mark.parametrize("shape", [FORM, BASIC])


def issued(client: str = CLIENT, status: int = 200, *, shape: str = FORM) -> dict[str, Any]:
    """An event of this shape, in the envelope in which EventBridge writes it to the log group."""
    event = {"detail-type": EVENTS[shape]["detail-type"], "detail": copy.deepcopy(EVENTS[shape]["detail"])}
    data = event["detail"]["additionalEventData"]
    if shape == FORM:
        data["requestParameters"]["client_id"] = [client]
    else:
        data["clientId"] = client
    data["responseParameters"]["status"] = status
    return event


@pytest.fixture(params=ENVIRONMENTS, ids=lambda environment: environment.name)
def environment(request: pytest.FixtureRequest) -> Environment:
    found: Environment = request.param
    return found


@pytest.fixture
def stack(stacks: dict[str, SynthesizedStack], environment: Environment) -> SynthesizedStack:
    return stacks[environment.stack("observability")]


@SHAPES
def test_a_token_that_was_issued_is_counted_and_one_that_was_refused_is_not(
    stack: SynthesizedStack, shape: str
) -> None:
    assert counted(stack, issued(shape=shape), GROUP) == {"TokensIssued"}
    assert counted(stack, issued(status=400, shape=shape), GROUP) == set()
    other = issued(shape=shape)
    other["detail"]["additionalEventData"]["requestParameters"]["grant_type"] = ["authorization_code"]
    assert counted(stack, other, GROUP) == set()


def test_a_planted_wrong_path_counts_nothing(stack: SynthesizedStack) -> None:
    planted = json.loads(
        json.dumps(stack.template).replace("additionalEventData.responseParameters", "responseParameters")
    )
    assert counted(replace(stack, template=planted), issued(), GROUP) == set()


def alarmed(stack: SynthesizedStack, environment: Environment, lines: list[dict[str, Any]]) -> bool:
    """Whether the alarm of clients that do not keep their tokens is on in an hour with these lines."""
    most = {}
    for _, alarm in stack.of_type("AWS::CloudWatch::Alarm"):
        name, metrics = alarm["Properties"]["AlarmName"], json.dumps(alarm["Properties"].get("Metrics"))
        if found := re.search(r"INSIGHT_RULE_METRIC\('([\w-]+)', 'MaxContributorValue'\)", metrics):
            most[name] = [max(contributors(rule(stack, found[1]), lines).values(), default=None)]
    return is_on(stack, environment.stack("tokens-not-cached"), most)


@SHAPES
def test_a_client_that_asks_for_more_tokens_than_it_should_in_an_hour_is_alarmed_and_many_that_keep_theirs_are_not(
    stack: SynthesizedStack, environment: Environment, shape: str
) -> None:
    often = [issued(shape=shape) for _ in range(environment.tokens_per_hour)]
    many = [issued(f"client-{number}", shape=shape) for number in range(2 * environment.tokens_per_hour)]
    assert not alarmed(stack, environment, often + many)
    assert not alarmed(stack, environment, [*often, issued(status=400, shape=shape)])
    assert alarmed(stack, environment, [*often, issued(shape=shape), *many])


@SHAPES
def test_a_thousand_events_are_counted_once_each_by_client(
    stack: SynthesizedStack, environment: Environment, shape: str
) -> None:
    lines = [issued(f"client-{number % 4}", shape=shape) for number in range(1000)]
    counts = [contributors(rule(stack, environment.stack(name)), lines) for name in RULES]
    assert sum(counts, Counter()) == {f"client-{number}": 250 for number in range(4)}


def test_an_event_that_names_its_client_twice_is_counted_once(
    stack: SynthesizedStack, environment: Environment
) -> None:
    both = issued(shape=FORM)
    both["detail"]["additionalEventData"]["clientId"] = CLIENT
    by_event, by_form = (contributors(rule(stack, environment.stack(name)), [both]) for name in RULES)
    assert (by_event, by_form) == ({CLIENT: 1}, {})


def state_of_audit(stack: SynthesizedStack, environment: Environment, calls: Values, tokens: Values) -> bool:
    values = {environment.stack("audit-silent-no-calls"): calls, environment.stack("audit-silent-no-tokens"): tokens}
    return is_on(stack, environment.stack("audit-silent"), values)


@pytest.mark.parametrize(
    ("calls", "tokens", "silent"),
    [
        ([5, 5], [], True),
        ([5, 5], [None, None], True),
        ([5, 5], [0, 0], True),
        ([5, 5], [None, 1], False),
        ([5, 5], [1, None], False),
        ([None, 5], [None, None], False),
        ([5, None], [None, None], False),
        ([], [], False),
        ([None] * 7, [None] * 7, False),
        ([5] * 7, [3] * 7, False),
    ],
)
def test_the_audit_is_silent_when_two_days_of_calls_bring_no_token_even_if_none_ever_came(
    stack: SynthesizedStack, environment: Environment, calls: Values, tokens: Values, silent: bool
) -> None:
    assert state_of_audit(stack, environment, calls, tokens) is silent


def test_a_planted_alarm_that_takes_missing_data_for_good_never_comes_on(
    stack: SynthesizedStack, environment: Environment
) -> None:
    planted = json.loads(json.dumps(stack.template).replace('"breaching"', '"notBreaching"'))
    assert not state_of_audit(replace(stack, template=planted), environment, [5, 5], [])


def test_no_alarm_fills_in_what_a_metric_never_had(stacks: dict[str, SynthesizedStack]) -> None:
    """Nobody documents what `FILL` makes of a metric without any value."""
    made = [alarm for each in stacks.values() for _, alarm in each.of_type("AWS::CloudWatch::Alarm")]
    assert made
    assert [alarm["Properties"]["AlarmName"] for alarm in made if "FILL(" in json.dumps(alarm)] == []


@pytest.mark.parametrize(
    ("reads", "writes", "throttled"),
    [([3, 3, None], [], True), ([], [None, 3, 3], True), ([3], [None], False), ([], [], False)],
)
def test_the_table_is_throttled_when_either_kind_of_request_is_and_the_other_never_was(
    stack: SynthesizedStack, environment: Environment, reads: Values, writes: Values, throttled: bool
) -> None:
    name = environment.stack("table-throttled")
    assert is_on(stack, name, {f"{name}-reads": reads, f"{name}-writes": writes}) is throttled


def test_a_planted_key_that_no_event_has_has_no_contributor(stack: SynthesizedStack, environment: Environment) -> None:
    found = rule(stack, environment.stack("token-clients-by-form"))
    assert contributors(found, [issued()]) == {CLIENT: 1}
    found["Contribution"]["Keys"] = ["$.detail.requestParameters.client_id[0]"]
    assert contributors(found, [issued()]) == {}
