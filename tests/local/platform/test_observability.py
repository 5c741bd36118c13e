"""What the deployed platform really says about itself: log lines, metrics, and events that become messages."""

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stacks.observability.alarms import RUNBOOK
from stacks.registry.own import SMOKE
from tests.local.platform.deployed import Platform
from tests.local.waiting import wait
from tests.stacks.metrics import embedded

EVENTS = json.loads((Path(__file__).parent / "cloudtrail_events.json").read_text())
SHARED = {"timestamp", "level", "message", "request_id"}


def log_lines(platform: Platform, group: str) -> list[dict[str, Any]]:
    """The JSON lines of the log groups whose name holds this."""
    logs = platform.emulator.client("logs")
    names = [each["logGroupName"] for each in logs.describe_log_groups()["logGroups"] if group in each["logGroupName"]]
    messages = [each["message"] for name in names for each in logs.filter_log_events(logGroupName=name)["events"]]
    return [json.loads(message) for message in messages if message.startswith("{")]


def function(platform: Platform, stack: str) -> str:
    names = [each["FunctionName"] for each in platform.emulator.client("lambda").list_functions()["Functions"]]
    [name] = [name for name in names if stack in name]
    return str(name)


def watch(platform: Platform) -> list[dict[str, Any]]:
    platform.emulator.client("lambda").invoke(FunctionName=function(platform, "observability"), Payload=b"{}")
    return [line for line in log_lines(platform, "RotationWatch") if "_aws" in line]


def test_rotation_and_its_watch_log_json_lines_with_the_same_fields(platform: Platform) -> None:
    rotations = [line for line in log_lines(platform, "dev-rotation-HandlerLogs") if "step" in line]
    assert {line["step"] for line in rotations} >= {"createSecret", "setSecret", "testSecret", "finishSecret"}
    for line in [*rotations, *watch(platform)]:
        assert line.keys() >= SHARED
        assert re.fullmatch(r"[0-9a-f-]{36}", line["request_id"])


def test_the_deployed_rotation_tells_its_sdk_in_its_log_and_to_whoever_asks(platform: Platform) -> None:
    answer = platform.emulator.client("lambda").invoke(
        FunctionName=function(platform, "dev-rotation"), Payload=b'{"Step": "version"}'
    )
    sdk = json.loads(answer["Payload"].read())
    assert sdk["add_user_pool_client_secret"] is True
    started = [line for line in log_lines(platform, "dev-rotation-HandlerLogs") if "boto3" in line]
    assert started
    assert all(line.items() >= sdk.items() for line in started)


def test_the_watch_counts_every_app_client_of_the_environment(platform: Platform) -> None:
    manager = platform.emulator.client("secretsmanager")
    pages = manager.get_paginator("list_secrets").paginate(Filters=[{"Key": "name", "Values": ["otto/dev/clients/"]}])
    secrets = sum(len(page["SecretList"]) for page in pages)
    said = watch(platform)[-1]
    assert (said["Secrets"], said["SecretsOverdue"], said["overdue"]) == (secrets, 0, [])


def test_deployed_alarms_watch_what_the_running_platform_emitted(platform: Platform) -> None:
    """As far as the emulator emits at all: Lambda's own metrics, and the embedded ones in the log."""
    for stack in ("dev-profiles", "dev-rotation"):  # ministack counts what its Invoke API runs, and nothing else
        platform.emulator.client("lambda").invoke(FunctionName=function(platform, stack), Payload=b"{}")
    [line] = [json.dumps(said) for said in watch(platform)[-1:]]
    cloudwatch = platform.emulator.client("cloudwatch")
    emitted = {told(each) for page in cloudwatch.get_paginator("list_metrics").paginate() for each in page["Metrics"]}
    alarms = cloudwatch.describe_alarms()["MetricAlarms"]
    functions = {told(each) for each in alarms if each["Namespace"] == "AWS/Lambda"}
    assert functions
    assert functions <= emitted
    own = {
        f"{each['Namespace']} {each['MetricName']} {{}}" for each in alarms if each["MetricName"] == "SecretsOverdue"
    }
    assert own
    assert own <= set(embedded(line))


def told(metric: dict[str, Any]) -> str:
    dimensions = {each["Name"]: each["Value"] for each in metric["Dimensions"]}
    return f"{metric['Namespace']} {metric['MetricName']} {dimensions}"


def test_up_names_what_the_emulator_leaves_out(platform: Platform) -> None:
    [line] = [line for line in platform.shown.splitlines() if "not emulated" in line]
    for kind in ("CloudWatch::Alarm", "CloudWatch::CompositeAlarm", "CloudWatch::InsightRule", "Logs::QueryDefinition"):
        assert re.search(rf"\d AWS::{kind}\b", line)


def event(platform: Platform, name: str, **detail: Any) -> dict[str, Any]:
    """A documented event, as if of this pool, in the envelope of EventBridge."""
    known = EVENTS[name]
    body = copy.deepcopy(known["detail"]) | detail
    where = "additionalEventData" if name == "Token_POST" else "requestParameters"
    body[where]["userPoolId"] = platform.parameter("user-pool-id")
    return {
        "id": "1",
        "account": "000000000000",
        "source": "aws.cognito-idp",
        "time": "2026-11-23T00:00:00Z",
        "region": "us-east-1",
        "resources": [],
        "detail-type": known["detail-type"],
        "detail": body,
    }


def matches(platform: Platform, rule: str, of: dict[str, Any]) -> bool:
    events = platform.emulator.client("events")
    pattern = events.describe_rule(Name=rule)["EventPattern"]
    return bool(events.test_event_pattern(EventPattern=pattern, Event=json.dumps(of))["Result"])


def test_a_token_request_of_this_pool_alone_is_counted(platform: Platform) -> None:
    request = event(platform, "Token_POST")
    assert matches(platform, "otto-dev-token-requests", request)
    request["detail"]["additionalEventData"]["userPoolId"] = "us-east-1_another"
    assert not matches(platform, "otto-dev-token-requests", request)


def identities(platform: Platform) -> Iterator[tuple[dict[str, Any], bool]]:
    """Who could add a secret, and whether that is a foreign hand."""
    role = platform.emulator.client("lambda").get_function(FunctionName=function(platform, "dev-rotation"))
    own = role["Configuration"]["Role"]
    for issuer, foreign in ((own, False), ("arn:aws:iam::000000000000:role/admin", True), (f"{own}-2", True)):
        yield {"type": "AssumedRole", "arn": "a", "sessionContext": {"sessionIssuer": {"arn": issuer}}}, foreign
    yield {"type": "IAMUser", "arn": "arn:aws:iam::000000000000:user/somebody"}, True
    yield {"type": "Root", "arn": "arn:aws:iam::000000000000:root", "sessionContext": {"attributes": {}}}, True


@pytest.mark.parametrize("action", ["AddUserPoolClientSecret", "DeleteUserPoolClientSecret"])
def test_a_secret_from_any_other_hand_than_the_rotations_is_reported(platform: Platform, action: str) -> None:
    for identity, foreign in identities(platform):
        made = event(platform, "AddUserPoolClientSecret", eventName=action, userIdentity=identity)
        assert matches(platform, "otto-dev-foreign-secret", made) is foreign, identity
    harmless = event(platform, "AddUserPoolClientSecret", eventName="ListUserPoolClientSecrets")
    assert not matches(platform, "otto-dev-foreign-secret", harmless)


def test_a_foreign_hand_reaches_the_topic_with_who_it_was_and_the_runbook(platform: Platform) -> None:
    emulator = platform.emulator
    queues, topics = emulator.client("sqs"), emulator.client("sns")
    queue = queues.create_queue(QueueName="on-call")["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topics.subscribe(TopicArn="arn:aws:sns:us-east-1:000000000000:otto-dev-alarms", Protocol="sqs", Endpoint=arn)
    made = event(platform, "AddUserPoolClientSecret")
    # Nobody but AWS may send events as AWS: a rule for another source, with the deployed rule's pattern and target.
    events, source = emulator.client("events"), "otto.test"
    pattern = json.loads(events.describe_rule(Name="otto-dev-foreign-secret")["EventPattern"]) | {"source": [source]}
    targets = events.list_targets_by_rule(Rule="otto-dev-foreign-secret")["Targets"]
    events.put_rule(Name="otto-dev-as-if", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="otto-dev-as-if", Targets=targets)
    entry = {"Source": source, "DetailType": made["detail-type"], "Detail": json.dumps(made["detail"])}
    events.put_events(Entries=[entry])
    [message] = wait(lambda: queues.receive_message(QueueUrl=queue, WaitTimeSeconds=1).get("Messages"))
    said = json.loads(json.loads(message["Body"])["Message"])
    assert said["alarm"] == "otto-dev-foreign-secret"
    assert said["by"] == made["detail"]["userIdentity"]["arn"]
    assert said["client_id"] == made["detail"]["requestParameters"]["clientId"]
    assert said["runbook"] == f"{RUNBOOK}#foreign-secret"


def test_the_runbooks_emergency_stops_new_tokens_at_once_and_old_ones_live_on(platform: Platform) -> None:
    """The runbook's command, as the API call that the AWS CLI makes of it."""
    pool, clients = platform.parameter("user-pool-id"), platform.emulator.client("cognito-idp")
    credentials = platform.credentials(SMOKE)
    known = {"UserPoolId": pool, "ClientId": credentials["client_id"]}
    before = clients.describe_user_pool_client(**known)["UserPoolClient"]
    token = platform.token(SMOKE)
    try:
        clients.update_user_pool_client(
            **known,
            ClientName=SMOKE,
            ExplicitAuthFlows=["ALLOW_REFRESH_TOKEN_AUTH"],
            AllowedOAuthFlowsUserPoolClient=False,
        )
        refused = platform.request_token(**credentials)
        assert (refused.status, refused.json()["error"]) == (400, "unauthorized_client")
        assert platform.call("GET", "https://www.linkedin.com/in/arjaynacion", token=token).status == 200
    finally:
        kept = ("AllowedOAuthFlows", "AllowedOAuthScopes", "AllowedOAuthFlowsUserPoolClient", "AccessTokenValidity")
        units = {"TokenValidityUnits": {"AccessToken": "minutes"}}
        clients.update_user_pool_client(**known, **{name: before[name] for name in kept}, **units)
    assert platform.token(SMOKE)
