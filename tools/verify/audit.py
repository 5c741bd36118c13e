"""What CloudTrail tells through EventBridge, and what is counted of it: it takes minutes, and no test has seen it."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tools.row import Row, judge
from tools.verify import throwaway
from tools.verify.deployment import Deployment

_RUNBOOK: Final = "docs/runbook.md#audit-silent"
_FOREIGN: Final = "docs/runbook.md#foreign-secret"


def look_at_tokens(deployment: Deployment) -> Iterator[Row]:
    """Three rows: the event of one token request by HTTP Basic alone, its count, and its contributor."""
    environment, client_id = deployment.environment, deployment.target.credentials.client_id
    began = datetime.now(UTC)
    deployment.request_token(client_id, deployment.target.credentials.client_secret)
    logs = deployment.client("logs")

    def find() -> dict[str, Any] | None:
        events = logs.filter_log_events(
            logGroupName=f"/aws/events/{environment.stack('tokens')}",
            startTime=int(began.timestamp() * 1000),
            filterPattern=f'"{client_id}"',
        )["events"]
        return json.loads(events[0]["message"]) if events else None

    event = deployment.poll(find)
    places = _places(event or {}, client_id)
    yield judge(
        "token event",
        found=f"the client's id in {' and '.join(places)}" if places else "no event names the client",
        expected="additionalEventData.clientId, or requestParameters.client_id",
        good=bool(places),
        fix=_RUNBOOK,
    )
    statistics = deployment.client("cloudwatch")

    def counted() -> float:
        answer = statistics.get_metric_statistics(
            Namespace=environment.metrics,
            MetricName="TokensIssued",
            StartTime=began - timedelta(minutes=5),
            EndTime=datetime.now(UTC) + timedelta(minutes=5),
            Period=300,
            Statistics=["Sum"],
        )
        return float(sum(each["Sum"] for each in answer["Datapoints"]))

    tokens = deployment.poll(counted) if event else 0
    yield judge(
        "tokens counted",
        found=f"TokensIssued {tokens:.0f}",
        expected="TokensIssued counts the request",
        good=tokens >= 1,
        fix=_RUNBOOK,
    )

    def contributes() -> bool:
        report = statistics.get_insight_rule_report(
            RuleName=environment.stack("token-clients"),
            StartTime=began - timedelta(minutes=5),
            EndTime=datetime.now(UTC) + timedelta(minutes=5),
            Period=300,
            MaxContributorCount=100,
        )
        return any(client_id in each["Keys"] for each in report["Contributors"])

    named = bool(event) and deployment.poll(contributes)
    yield judge(
        "token contributor",
        found="named" if named else "not named",
        expected="Contributor Insights names the client",
        good=named,
        fix=_RUNBOOK,
    )


def _places(event: Mapping[str, Any], client_id: str) -> list[str]:
    data = event.get("detail", {}).get("additionalEventData") or {}
    found = ["additionalEventData.clientId"] if data.get("clientId") == client_id else []
    form = (data.get("requestParameters") or {}).get("client_id") or []
    return [*found, "requestParameters.client_id"] if client_id in form else found


def look_at_foreign_hand(deployment: Deployment) -> Iterator[Row]:
    """Add and delete a secret by hand. It sets off the alarm `foreign-secret`: whoever is on call is to know."""
    environment, cloud = deployment.environment, deployment.plan.cloud
    topic = f"arn:aws:sns:{cloud.region}:{deployment.plan.account}:{environment.stack('alarms')}"
    queues = deployment.client("sqs")
    url = queues.create_queue(QueueName=throwaway.queue_name(environment.name))["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    queues.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(_let_publish(topic, arn))})
    deployment.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    began = datetime.now(UTC)
    client = throwaway.create(deployment)
    asked = {"UserPoolId": deployment.user_pool, "ClientId": client.client_id}
    users = deployment.client("cognito-idp")
    added = users.add_user_pool_client_secret(**asked)["ClientSecretDescriptor"]["ClientSecretId"]
    users.delete_user_pool_client_secret(**asked, ClientSecretId=added)

    def receive() -> dict[str, Any] | None:
        for message in queues.receive_message(QueueUrl=url, WaitTimeSeconds=1, MaxNumberOfMessages=10).get(
            "Messages", []
        ):
            text = json.loads(message["Body"]).get("Message", "")
            if client.client_id in text:
                told: dict[str, Any] = json.loads(text)
                return told
        return None

    told = deployment.poll(receive)
    lacking = [name for name in ("by", "at", "client_id") if not (told or {}).get(name)]
    yield judge(
        "foreign hand",
        found="no message names the client" if told is None else f"lacks {', '.join(lacking)}" if lacking else "told",
        expected="the alarms' topic is told by whom, when and whose secret",
        good=told is not None and not lacking,
        fix=_FOREIGN,
    )
    sums = dict.fromkeys(("TriggeredRules", "FailedInvocations"), 0.0)

    def triggered() -> bool:
        for name in sums:
            answer = deployment.client("cloudwatch").get_metric_statistics(
                Namespace="AWS/Events",
                MetricName=name,
                Dimensions=[{"Name": "RuleName", "Value": environment.stack("foreign-secret")}],
                StartTime=began - timedelta(minutes=5),
                EndTime=datetime.now(UTC) + timedelta(minutes=5),
                Period=300,
                Statistics=["Sum"],
            )
            sums[name] = sum(each["Sum"] for each in answer["Datapoints"])
        return sums["TriggeredRules"] >= 2

    deployment.poll(triggered)
    yield judge(
        "foreign rule",
        found=", ".join(f"{name} {value:.0f}" for name, value in sums.items()),
        expected="TriggeredRules 2, FailedInvocations 0",
        good=sums["TriggeredRules"] >= 2 and not sums["FailedInvocations"],
        fix=_FOREIGN,
    )


def _let_publish(topic: str, queue: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html"""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}
