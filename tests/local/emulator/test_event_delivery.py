"""An event reaches a topic that lets EventBridge in as AWS asks for it, and no other."""

import json
from typing import Any

import pytest

from local.emulator.process import Emulator
from tests.local.waiting import wait

OURS = {"StringEquals": {"aws:SourceAccount": "000000000000"}}
ROOT = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::000000000000:root"}, "Action": "kms:*", "Resource": "*"}


def lets_in(*actions: str, **more: Any) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": list(actions),
        "Resource": "*",
    } | more


PUBLISH, USE = lets_in("sns:Publish"), lets_in("kms:GenerateDataKey*", "kms:Decrypt")


class Inbox:
    """A queue that a topic's messages go to."""

    def __init__(self, emulator: Emulator, name: str, policy: list[Any] | None, key: list[Any] | None) -> None:
        self.queues, topics = emulator.client("sqs"), emulator.client("sns")
        self.url = self.queues.create_queue(QueueName=name)["QueueUrl"]
        arn = self.queues.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        attributes = {"Policy": json.dumps({"Statement": policy})} if policy is not None else {}
        if key is not None:
            document = json.dumps({"Statement": [ROOT, *key]})
            made = emulator.client("kms").create_key(Policy=document)["KeyMetadata"]
            attributes["KmsMasterKeyId"] = made["KeyId"]
        self.topic = topics.create_topic(Name=name, Attributes=attributes)["TopicArn"]
        topics.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=arn)

    def messages(self) -> list[Any]:
        return list(self.queues.receive_message(QueueUrl=self.url, WaitTimeSeconds=1).get("Messages", []))


@pytest.mark.parametrize(
    ("policy", "key", "arrives"),
    [
        ([PUBLISH], None, True),
        ([PUBLISH], [USE], True),
        # What a topic has where nobody gives it a policy: its owner's account alone.
        (None, None, False),
        ([PUBLISH | {"Condition": OURS}], None, False),
        ([lets_in("sns:Subscribe")], None, False),
        ([PUBLISH], [], False),
        ([PUBLISH], [USE | {"Condition": OURS}], False),
        ([PUBLISH], [lets_in("kms:Decrypt")], False),
        ([PUBLISH, PUBLISH | {"Effect": "Deny"}], None, False),
    ],
    ids=[
        "let in", "let in to the key too", "no policy", "a condition", "another action", "not let in to the key",
        "a condition on the key", "half of the key", "shut out",
    ],
)  # fmt: skip
def test_an_event_arrives_where_eventbridge_is_let_in_without_a_condition(
    emulator: Emulator, name: str, policy: list[Any] | None, key: list[Any] | None, arrives: bool
) -> None:
    events, source = emulator.client("events"), f"test.{name}"
    inbox, other = Inbox(emulator, name, policy, key), Inbox(emulator, f"{name}-2", [PUBLISH], None)
    events.put_rule(Name=name, EventPattern=json.dumps({"source": [source]}))
    # Both get it, or the other alone.
    targets = [{"Id": str(number), "Arn": each.topic} for number, each in enumerate((inbox, other))]
    events.put_targets(Rule=name, Targets=targets)
    events.put_events(Entries=[{"Source": source, "DetailType": "x", "Detail": "{}"}])
    assert wait(other.messages)
    assert bool(inbox.messages()) is arrives
    events.remove_targets(Rule=name, Ids=["0", "1"])
    events.delete_rule(Name=name)
