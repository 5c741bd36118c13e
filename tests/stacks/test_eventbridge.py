"""EventBridge may do what its rules want done, and no policy asks it for a condition key that it does not bring."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stacks.observability.audit import foreign_secrets, token_requests
from tests.stacks.event_patterns import matches
from tests.stacks.statements import allowed, many, written
from tests.stacks.synthesis import SynthesizedStack, Template
from tests.stacks.test_observability import ALL

BROUGHT = json.loads((Path(__file__).parent / "eventbridge_conditions.json").read_text())["actions"]
EVENTS = json.loads((Path(__file__).parents[1] / "local" / "platform" / "cloudtrail_events.json").read_text())
POOL, ROLE = "us-east-1_pool", "arn:aws:iam::000000000000:role/otto-dev-rotation"


def refused_conditions(template: Template) -> list[str]:
    """Conditions of what EventBridge may do, on keys that it does not bring: AWS takes them, and refuses each event."""
    return [
        f"{logical_id}: {action} asks EventBridge for {key}"
        for logical_id, statement in allowed(template, "events")
        for action in many(statement["Action"])
        for keys in statement.get("Condition", {}).values()
        for key in keys
        if key not in BROUGHT.get(action, {"keys": []})["keys"]
    ]


def idle(template: Template) -> Iterator[str]:
    """Rules without a target, and targets that their rule may not reach."""
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Events::Rule":
            targets = resource["Properties"].get("Targets", [])
            if not targets:
                yield f"{logical_id}: no target"
            for target in targets:
                if not reaches(template, logical_id, target["Arn"]):
                    yield f"{logical_id}: may not reach {written(target['Arn'])}"


def reaches(template: Template, rule: str, target: Any) -> bool:
    def may(*actions: str, on: str) -> bool:
        granted = [
            action
            for _, statement in allowed(template, "events", "AWS::SNS::TopicPolicy", "AWS::Logs::ResourcePolicy")
            for action in many(statement["Action"])
            if written(statement["Resource"]) == on
        ]
        return set(actions) <= set(granted)

    text = written(target)
    if ":log-group:" in text:
        return may("logs:CreateLogStream", "logs:PutLogEvents", on=f"<{text.split('<')[-1]}")
    if {"Ref": text.strip("<>")} == target:
        return may("sns:Publish", on=text)
    return any(
        each["Properties"]["Principal"] == "events.amazonaws.com"
        and each["Properties"]["FunctionName"] == target
        and each["Properties"]["SourceArn"] == {"Fn::GetAtt": [rule, "Arn"]}
        for each in template["Resources"].values()
        if each["Type"] == "AWS::Lambda::Permission"
    )


def mute(template: Template) -> list[str]:
    """Services that may publish to an encrypted topic, and cannot use its key: none of their messages arrives."""
    return [
        f"{logical_id}: {service} may not {action}"
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] == "AWS::SNS::TopicPolicy"
        for service in ("cloudwatch", "events")
        if any(logical_id == policy for policy, _ in allowed(template, service, "AWS::SNS::TopicPolicy"))
        for action in ("kms:Decrypt", "kms:GenerateDataKey")
        if not any(action in many(each["Action"]) for _, each in allowed(template, service, "AWS::KMS::Key"))
    ]


def test_no_statement_for_eventbridge_has_a_condition_that_it_does_not_bring(
    stacks: dict[str, SynthesizedStack],
) -> None:
    assert sum(1 for stack in stacks.values() for _ in allowed(stack.template, "events")) > 0
    assert [found for stack in stacks.values() for found in refused_conditions(stack.template)] == []


def test_every_rule_has_a_target_that_it_may_reach_and_every_publisher_the_key(
    stacks: dict[str, SynthesizedStack],
) -> None:
    rules = [rule for stack in stacks.values() for rule in stack.of_type("AWS::Events::Rule")]
    assert rules
    assert [found for stack in stacks.values() for found in [*idle(stack.template), *mute(stack.template)]] == []


@pytest.fixture
def template(stacks: dict[str, SynthesizedStack]) -> Template:
    return copy.deepcopy(stacks["otto-dev-observability"].template)


def by_kind(template: Template, kind: str, *within: str) -> dict[str, Any]:
    [found] = (
        each["Properties"]
        for name, each in template["Resources"].items()
        if each["Type"] == kind and all(word in name for word in within)
    )
    return dict(found)


ACCOUNT = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


@pytest.mark.parametrize(
    ("kind", "within", "condition", "found"),
    [
        ("AWS::SNS::TopicPolicy", "Alarms", ACCOUNT, "sns:Publish asks EventBridge for aws:SourceAccount"),
        (
            "AWS::SNS::TopicPolicy",
            "Alarms",
            {"ArnLike": {"aws:SourceArn": "arn:aws:events:us-east-1:1:rule/otto-*"}},
            "sns:Publish asks EventBridge for aws:SourceArn",
        ),
        ("AWS::KMS::Key", "", ACCOUNT, "kms:Decrypt asks EventBridge for aws:SourceAccount"),
    ],
)
def test_a_planted_condition_is_found(
    template: Template, kind: str, within: str, condition: dict[str, Any], found: str
) -> None:
    [statement, *_] = [statement for logical_id, statement in allowed(template, "events", kind) if within in logical_id]
    statement["Condition"] = condition
    assert any(each.endswith(found) for each in refused_conditions(template))


def test_a_planted_condition_on_the_making_of_a_log_stream_is_found(template: Template) -> None:
    policy = by_kind(template, "AWS::Logs::ResourcePolicy")
    merged = json.loads(written(policy["PolicyDocument"]))
    create, put = merged["Statement"]
    create["Condition"] = put["Condition"]
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Logs::ResourcePolicy":
            resource["Properties"]["PolicyDocument"] = json.dumps(merged)
    [found] = refused_conditions(template)
    assert found.endswith("logs:CreateLogStream asks EventBridge for aws:SourceArn")


def test_a_planted_rule_without_a_target_is_found(template: Template) -> None:
    by_kind(template, "AWS::Events::Rule", "Hourly")["Targets"].clear()
    assert [found.split(": ")[1] for found in idle(template)] == ["no target"]


@pytest.mark.parametrize(
    "action", ["logs:PutLogEvents", "logs:CreateLogStream", "sns:Publish", "lambda:InvokeFunction"]
)
def test_a_planted_target_that_its_rule_may_not_reach_is_found(template: Template, action: str) -> None:
    template["Resources"] = json.loads(json.dumps(template["Resources"]).replace(action, "none:None"))
    for name, resource in list(template["Resources"].items()):
        if resource["Properties"].get("Action") == "none:None":
            del template["Resources"][name]
    assert len(list(idle(template))) == 1


@pytest.mark.parametrize("action", ["kms:Decrypt", "kms:GenerateDataKey"])
def test_a_planted_publisher_without_the_key_is_found(template: Template, action: str) -> None:
    planted = json.loads(json.dumps(template).replace(action, "kms:None"))
    assert [found.split(": ")[1] for found in mute(planted)] == [
        f"{service} may not {action}" for service in ("cloudwatch", "events", "cloudwatch")
    ]


def event(name: str, pool: str = POOL, **detail: Any) -> dict[str, Any]:
    known = EVENTS[name]
    body = copy.deepcopy(known["detail"]) | detail
    body["additionalEventData" if name.startswith("Token_POST") else "requestParameters"]["userPoolId"] = pool
    return {"source": "aws.cognito-idp", "detail-type": known["detail-type"], "detail": body}


@pytest.mark.parametrize(
    ("identity", "foreign"),
    [
        ({"sessionContext": {"sessionIssuer": {"arn": ROLE}}}, False),
        ({"sessionContext": {"sessionIssuer": {"arn": f"{ROLE}-2"}}}, True),
        ({"arn": "arn:aws:iam::000000000000:user/somebody"}, True),
        ({"arn": "arn:aws:iam::000000000000:root", "sessionContext": {"attributes": {}}}, True),
    ],
    ids=["the rotation", "another role", "a user", "the root"],
)
@pytest.mark.parametrize("action", ["AddUserPoolClientSecret", "DeleteUserPoolClientSecret"])
def test_a_secret_that_another_than_the_rotation_added_or_deleted_is_foreign(
    identity: dict[str, Any], foreign: bool, action: str
) -> None:
    made = event("AddUserPoolClientSecret", eventName=action, userIdentity=identity)
    assert matches(foreign_secrets(POOL, ROLE), made) is foreign
    assert not matches(foreign_secrets("us-east-1_another", ROLE), made)
    assert not matches(foreign_secrets(POOL, ROLE), event("AddUserPoolClientSecret", eventName="ListUsers"))


@pytest.mark.parametrize("name", ["Token_POST", "Token_POST by Basic"])
def test_every_token_request_of_this_pool_is_audited(name: str) -> None:
    assert matches(token_requests(POOL), event(name))
    assert not matches(token_requests(POOL), event(name, pool="us-east-1_another"))


@ALL
def test_the_deployed_rules_have_these_patterns(stacks: dict[str, SynthesizedStack], environment: str) -> None:
    made = {
        rule["Properties"]["Name"]: rule["Properties"].get("EventPattern")
        for _, rule in stacks[f"otto-{environment}-observability"].of_type("AWS::Events::Rule")
    }
    pattern = made[f"otto-{environment}-foreign-secret"]
    [pool] = pattern["detail"]["requestParameters"]["userPoolId"]
    [role] = pattern["detail"]["$or"][0]["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"][0]["anything-but"]
    assert pattern == foreign_secrets(pool, role)
    assert made[f"otto-{environment}-token-requests"] == token_requests(pool)
    assert "userpool" in written(pool).lower()
    assert "role" in written(role).lower()
