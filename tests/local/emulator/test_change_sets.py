"""Change sets, which the CDK CLI deploys with: a parameter that names an SSM parameter is looked up for each of them.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/systems-manager-parameter-types.html (read 2026-11-25):
"UsePreviousValue … [tells] CloudFormation to use the existing Systems Manager parameter key—not its value.
CloudFormation always fetches the latest values from Parameter Store when it updates stacks." "When you execute a change
set, CloudFormation uses the values that are specified in the change set."
"""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.emulator.process import Emulator

TEMPLATE = """
Parameters: {Read: {Type: AWS::SSM::Parameter::Value<String>, Default: %s}}
Resources:
  Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: !Ref Read}}
  Copy: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !Ref Read}}
"""


class Consumer:
    """A stack whose one topic can only be named at its creation, and whose copy can be changed."""

    def __init__(self, emulator: Emulator) -> None:
        self.name = f"consumer-{uuid.uuid4().hex[:8]}"
        self.parameter = f"/{self.name}/name"
        self._stacks, self._ssm = emulator.client("cloudformation"), emulator.client("ssm")

    def publish(self, value: str) -> None:
        self._ssm.put_parameter(Name=self.parameter, Value=value, Type="String", Overwrite=True)

    def change(self, kind: str) -> dict[str, Any]:
        """Make a change set as the CDK CLI does, and describe it."""
        self._change = {"StackName": self.name, "ChangeSetName": f"c-{uuid.uuid4().hex[:8]}"}
        previous = [{"ParameterKey": "Read", "UsePreviousValue": True}] if kind == "UPDATE" else []
        self._stacks.create_change_set(
            **self._change, ChangeSetType=kind, TemplateBody=TEMPLATE % self.parameter, Parameters=previous
        )
        described: dict[str, Any] = self._stacks.describe_change_set(**self._change)
        return described

    def execute(self) -> None:
        kind = (
            "create"
            if self._stacks.describe_stacks(StackName=self.name)["Stacks"][0]["StackStatus"].startswith("REVIEW")
            else "update"
        )
        self._stacks.execute_change_set(**self._change)
        self._stacks.get_waiter(f"stack_{kind}_complete").wait(StackName=self.name, WaiterConfig={"Delay": 1})

    def copy(self) -> str:
        [copy] = [
            each["PhysicalResourceId"]
            for each in self._stacks.describe_stack_resources(StackName=self.name)["StackResources"]
            if each["LogicalResourceId"] == "Copy"
        ]
        return str(self._ssm.get_parameter(Name=copy)["Parameter"]["Value"])

    def delete(self) -> None:
        self._stacks.delete_stack(StackName=self.name)


@pytest.fixture
def consumer(emulator: Emulator) -> Iterator[Consumer]:
    made = Consumer(emulator)
    yield made
    made.delete()


def test_the_latest_value_is_read_for_each_change_set_and_no_other_value_is_a_change(consumer: Consumer) -> None:
    consumer.publish("first")
    consumer.change("CREATE")
    consumer.execute()
    assert consumer.copy() == "first"
    assert consumer.change("UPDATE")["Status"] == "FAILED", "nothing has changed"
    consumer.publish("second")
    changes = {
        change["ResourceChange"]["LogicalResourceId"]: change["ResourceChange"]["Replacement"]
        for change in consumer.change("UPDATE")["Changes"]
    }
    assert changes == {"Topic": "True", "Copy": "False"}, "known when the change set is made: only the name replaces"
    consumer.publish("third")
    consumer.execute()
    assert consumer.copy() == "second", "what the change set said is what is done"


def test_a_value_that_nobody_published_is_refused_by_its_name(consumer: Consumer) -> None:
    with pytest.raises(ClientError, match=f"{consumer.parameter}.* does not exist|{consumer.parameter}"):
        consumer.change("CREATE")
