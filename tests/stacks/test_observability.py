"""Every alarm tells somebody, has a runbook section, and watches what is really emitted."""

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import TAGS
from stacks.environments import ENVIRONMENTS
from stacks.observability.alarms import RUNBOOK
from tests.stacks.metrics import Measured, emitted, watched
from tests.stacks.synthesis import SynthesizedStack, Template

ALARMS = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
SECTIONS = {
    re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-")
    for title in re.findall(r"^#+ (.+)$", (Path(__file__).parents[2] / "docs" / "runbook.md").read_text(), re.MULTILINE)
}
"""The anchors that GitHub gives the runbook's headings."""
ALL = pytest.mark.parametrize("environment", [each.name for each in ENVIRONMENTS])


def environment_of(stacks: dict[str, SynthesizedStack], environment: str) -> dict[str, Template]:
    return {name: stack.template for name, stack in stacks.items() if stack.environment == environment}


def faults(stacks: dict[str, Template]) -> list[str]:
    """What is wrong with any alarm of one environment's stacks."""
    known = emitted(stacks)
    return [
        f"{name}: {fault}"
        for template in stacks.values()
        for name, properties in alarms(template)
        for fault in _faults(name, properties, template, stacks, known)
    ]


def alarms(template: Template) -> Iterator[tuple[str, dict[str, Any]]]:
    for resource in template["Resources"].values():
        if resource["Type"] in ALARMS:
            yield resource["Properties"]["AlarmName"], resource["Properties"]


def _faults(
    name: str, properties: dict[str, Any], template: Template, stacks: dict[str, Template], known: set[Measured]
) -> Iterator[str]:
    targets = [template["Resources"].get(action.get("Ref"), {}) for action in properties.get("AlarmActions", [])]
    combined = combining(name, template)
    if not (targets or combined) or any(target.get("Type") != "AWS::SNS::Topic" for target in targets):
        yield "no action"
    if properties.get("ActionsEnabled") is False:
        yield "its actions are off"
    link = re.search(rf"{re.escape(RUNBOOK)}#(\S+)$", properties.get("AlarmDescription", ""))
    if not link or not any(each.endswith(f"-{link[1]}") for each in [name, *combined]):
        yield "no link to its own section of the runbook"
    elif link[1] not in SECTIONS:
        yield f"no section {link[1]} in the runbook"
    for metric in watched(properties, template, stacks):
        if metric not in known:
            yield f"nothing emits {metric}"


def combining(part: str, template: Template) -> list[str]:
    """The names of the alarms whose rule asks for this one, but the page: they tell of it, in their own section."""
    resources = template["Resources"]
    return [
        name
        for name, properties in alarms(template)
        for logical_id in re.findall(r'GetAtt": \["(\w+)"', json.dumps(properties.get("AlarmRule", "")))
        if resources[logical_id]["Properties"]["AlarmName"] == part and not name.endswith("-page")
    ]


@ALL
def test_every_alarm_has_an_action_a_runbook_section_and_metrics_that_are_emitted(
    stacks: dict[str, SynthesizedStack], environment: str
) -> None:
    templates = environment_of(stacks, environment)
    assert any(list(alarms(template)) for template in templates.values())
    assert faults(templates) == []


PLANTED = [
    ("api-latency", {"AlarmActions": []}, "no action"),
    ("api-latency", {"AlarmActions": [{"Ref": "AuditTokens"}]}, "no action"),
    ("page", {"AlarmActions": []}, "no action"),
    ("page", {"ActionsEnabled": False}, "its actions are off"),
    ("audit-silent", {"AlarmActions": []}, "no action"),
    (
        "audit-silent-no-tokens",
        {"AlarmDescription": f"{RUNBOOK}#api-5xx"},
        "no link to its own section of the runbook",
    ),
    ("api-latency", {"AlarmDescription": "Slow."}, "no link to its own section of the runbook"),
    ("api-latency", {"AlarmDescription": f"{RUNBOOK}#api-5xx"}, "no link to its own section of the runbook"),
    (
        "api-latency",
        {"AlarmName": "otto-dev-gone", "AlarmDescription": f"{RUNBOOK}#gone"},
        "no section gone in the runbook",
    ),
    ("api-latency", {"MetricName": "Latencies"}, "nothing emits AWS/ApiGateway Latencies {ApiName, Stage}"),
    ("api-latency", {"Namespace": "AWS/ApiGatway"}, "nothing emits AWS/ApiGatway Latency {ApiName, Stage}"),
    (
        "api-latency",
        {"Dimensions": [{"Name": "ApiId", "Value": "x"}]},
        "nothing emits AWS/ApiGateway Latency {ApiId is 'x', which nothing has}",
    ),
    (
        "api-latency",
        {"Dimensions": [{"Name": "ApiName", "Value": "profiles"}, {"Name": "Stage", "Value": "dev"}]},
        "nothing emits AWS/ApiGateway Latency {ApiName is 'profiles', which nothing has, Stage}",
    ),
    ("api-unauthorized", {"MetricName": "Unauthorised"}, "nothing emits Otto/dev Unauthorised {}"),
    ("rotation-overdue", {"MetricName": "Overdue"}, "nothing emits Otto/dev Overdue {}"),
    (
        "foreign-secret",
        {"Dimensions": [{"Name": "RuleName", "Value": "another"}]},
        "nothing emits AWS/Events TriggeredRules {RuleName is 'another', which nothing has}",
    ),
    (
        "tokens-throttled",
        {
            "Metrics": [
                {"Expression": "SELECT SUM(Throttles) FROM \"AWS/Usage\" WHERE Resource = 'ClientAuthentication'"}
            ]
        },
        "nothing emits AWS/Usage Throttles {Resource}",
    ),
    (
        "tokens-throttled",
        {"Metrics": [{"Expression": "SELECT SUM(ThrottleCount) FROM \"AWS/Usage\" WHERE Resource = 'Clients'"}]},
        "nothing emits AWS/Usage ThrottleCount {Resource is 'Clients', which nothing has}",
    ),
    (
        "tokens-not-cached-by-event",
        {"Metrics": [{"Expression": "INSIGHT_RULE_METRIC('gone', 'MaxContributorValue')"}]},
        "nothing emits Contributor Insights gone {}",
    ),
]


@pytest.mark.parametrize(("alarm", "change", "fault"), PLANTED)
def test_a_planted_fault_of_an_alarm_is_found(
    stacks: dict[str, SynthesizedStack], alarm: str, change: dict[str, Any], fault: str
) -> None:
    templates = copy.deepcopy(environment_of(stacks, "dev"))
    properties = dict(alarms(templates["otto-dev-observability"]))[f"otto-dev-{alarm}"]
    properties |= change
    assert faults(templates) == [f"{properties['AlarmName']}: {fault}"]


def test_an_alarm_that_watches_a_filter_of_another_environment_is_found(stacks: dict[str, SynthesizedStack]) -> None:
    templates = copy.deepcopy(environment_of(stacks, "dev"))
    dict(alarms(templates["otto-dev-observability"]))["otto-dev-api-unauthorized"]["Namespace"] = "Otto/prod"
    assert faults(templates) == ["otto-dev-api-unauthorized: nothing emits Otto/prod Unauthorized {}"]


def test_every_link_within_the_runbook_leads_to_a_section() -> None:
    links = re.findall(r"\]\(#([^)]+)\)", (Path(__file__).parents[2] / "docs" / "runbook.md").read_text())
    assert links
    assert set(links) <= SECTIONS


def test_the_runbook_is_linked_in_the_repository_that_the_tags_name() -> None:
    assert RUNBOOK.startswith(f"https://github.com/{TAGS['repository']}/")


@ALL
def test_the_page_wakes_for_alarms_that_exist(stacks: dict[str, SynthesizedStack], environment: str) -> None:
    template = stacks[f"otto-{environment}-observability"].template
    rule = json.dumps(dict(alarms(template))[f"otto-{environment}-page"]["AlarmRule"])
    causes = {
        template["Resources"][name]["Properties"]["AlarmName"] for name in re.findall(r'GetAtt": \["(\w+)"', rule)
    }
    assert causes == {f"otto-{environment}-{name}" for name in ("api-5xx", "api-latency", "table-throttled")}


@ALL
def test_only_this_environments_alarms_and_eventbridge_to_one_publish_to_its_encrypted_topics(
    stacks: dict[str, SynthesizedStack], environment: str
) -> None:
    stack = stacks[f"otto-{environment}-observability"]
    topics = dict(stack.of_type("AWS::SNS::Topic"))
    assert {topic["Properties"]["TopicName"] for topic in topics.values()} == {
        f"otto-{environment}-alarms",
        f"otto-{environment}-pages",
    }
    assert all("KmsMasterKeyId" in topic["Properties"] for topic in topics.values())
    policies = [policy["Properties"] for _, policy in stack.of_type("AWS::SNS::TopicPolicy")]
    assert len(policies) == len(topics)
    for each in policies:
        policy, [topic] = each["PolicyDocument"], each["Topics"]
        deny, alarmed, *allows = policy["Statement"]
        assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        assert alarmed["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
        assert alarmed["Action"] == "sns:Publish"
        assert alarmed["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
        assert f":otto-{environment}-*" in json.dumps(alarmed["Condition"]["ArnLike"])
        of_rules = [(allow["Principal"]["Service"], allow["Action"], allow["Resource"]) for allow in allows]
        name = topics[topic["Ref"]]["Properties"]["TopicName"]
        assert of_rules == ([("events.amazonaws.com", "sns:Publish", topic)] if name.endswith("-alarms") else [])


@ALL
def test_the_stack_owns_no_state(stacks: dict[str, SynthesizedStack], environment: str) -> None:
    kinds = {each["Type"] for each in stacks[f"otto-{environment}-observability"].template["Resources"].values()}
    assert not {kind for kind in kinds if kind.startswith(("AWS::DynamoDB", "AWS::Cognito", "AWS::S3", "AWS::Secrets"))}


@ALL
def test_every_function_and_every_stage_is_traced(stacks: dict[str, SynthesizedStack], environment: str) -> None:
    for template in environment_of(stacks, environment).values():
        for each in template["Resources"].values():
            if each["Type"] == "AWS::Lambda::Function":
                assert each["Properties"]["TracingConfig"] == {"Mode": "Active"}
            if each["Type"] == "AWS::ApiGateway::Stage":
                assert each["Properties"]["TracingEnabled"] is True
