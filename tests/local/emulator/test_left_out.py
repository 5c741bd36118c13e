"""What the emulator cannot hold is taken, does nothing, and can be told from what it holds."""

from collections.abc import Callable
from typing import Any

import pytest

from local.emulator import left_out
from local.emulator.process import Emulator

Deploy = Callable[[dict[str, Any]], dict[str, str]]
QUERY = {"Name": "q", "QueryString": "fields @message"}
RULE = {"RuleName": "r", "RuleState": "ENABLED", "RuleBody": "{}"}
PLAIN = {
    "ComparisonOperator": "GreaterThanThreshold",
    "EvaluationPeriods": 1,
    "Threshold": 1,
    "MetricName": "Errors",
    "Namespace": "AWS/Lambda",
    "Period": 60,
    "Statistic": "Sum",
}
MATH = {
    "ComparisonOperator": "GreaterThanThreshold",
    "EvaluationPeriods": 1,
    "Threshold": 1,
    "Metrics": [{"Id": "a", "Expression": 'SELECT SUM(ThrottleCount) FROM "AWS/Usage"'}],
}


def template(name: str, kind: str, properties: dict[str, Any]) -> dict[str, Any]:
    named = properties | ({"AlarmName": name} if kind.endswith("Alarm") else {})
    return {"Resources": {"It": {"Type": kind, "Properties": named}}, "Outputs": {"It": {"Value": {"Ref": "It"}}}}


def alarms(emulator: Emulator, name: str) -> list[str]:
    found = emulator.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return [each["MetricName"] for each in found]


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("AWS::CloudWatch::CompositeAlarm", {"AlarmRule": 'ALARM("x")'}),
        ("AWS::CloudWatch::InsightRule", RULE),
        ("AWS::Logs::QueryDefinition", QUERY),
        ("AWS::WAFv2::LoggingConfiguration", {"ResourceArn": "arn:a", "LogDestinationConfigs": ["arn:b"]}),
        ("AWS::WAFv2::WebACLAssociation", {"ResourceArn": "arn:a", "WebACLArn": "arn:b"}),
        ("AWS::CloudWatch::Alarm", MATH),
    ],
)
def test_it_is_deployed_changed_and_told_apart(
    deploy: Deploy, name: str, kind: str, properties: dict[str, Any]
) -> None:
    made = deploy(template(name, kind, properties))["It"]
    assert left_out.is_left_out(made)
    changed = deploy(template(name, kind, properties | {"Tags": [{"Key": "a", "Value": "b"}]}))["It"]
    assert left_out.is_left_out(changed)


def test_every_type_that_is_left_out_whole_is_one_that_the_tests_deploy() -> None:
    assert set(left_out.TYPES) == {
        "AWS::CloudWatch::CompositeAlarm",
        "AWS::CloudWatch::InsightRule",
        "AWS::Logs::QueryDefinition",
        "AWS::WAFv2::LoggingConfiguration",
        "AWS::WAFv2::WebACLAssociation",
    }


def test_an_alarm_on_one_metric_is_a_real_one_until_it_watches_an_expression(
    emulator: Emulator, deploy: Deploy, name: str
) -> None:
    kind = "AWS::CloudWatch::Alarm"
    assert not left_out.is_left_out(deploy(template(name, kind, PLAIN))["It"])
    assert alarms(emulator, name) == ["Errors"]
    deploy(template(name, kind, PLAIN | {"MetricName": "Throttles"}))
    assert alarms(emulator, name) == ["Throttles"]
    assert left_out.is_left_out(deploy(template(name, kind, MATH))["It"])
    assert alarms(emulator, name) == []
    deploy(template(name, kind, PLAIN))
    assert alarms(emulator, name) == ["Errors"]
