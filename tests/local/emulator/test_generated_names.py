"""What CloudFormation names by itself gets another name when it is made anew, and keeps it while it is there."""

import uuid
from typing import Any

import pytest

from local.emulator.process import Emulator

ROLE = '{"Statement": [{"Effect": "Allow", "Principal": {"Service": "a.amazonaws.com"}, "Action": "sts:AssumeRole"}]}'
CHANGES = {
    "AWS::Logs::LogGroup": ("RetentionInDays: 1", "RetentionInDays: 3"),
    "AWS::SNS::Topic": ("DisplayName: a", "DisplayName: b"),
    "AWS::IAM::Role": (
        f"Description: a, AssumeRolePolicyDocument: {ROLE}",
        f"Description: b, AssumeRolePolicyDocument: {ROLE}",
    ),
}
"""Properties of each type before and after an update in place."""


class Made:
    """A stack of one resource without a name of its own."""

    def __init__(self, emulator: Emulator, kind: str) -> None:
        self.name = f"named-{uuid.uuid4().hex[:8]}"
        self._stacks = emulator.client("cloudformation")
        self._kind = kind

    def apply(self, properties: str, verb: str) -> str:
        """The name that the resource then has."""
        body = f"Resources: {{R: {{Type: {self._kind}, Properties: {{{properties}}}}}}}"
        call: Any = getattr(self._stacks, f"{verb}_stack")
        call(StackName=self.name, TemplateBody=body, Capabilities=["CAPABILITY_IAM"])
        self._stacks.get_waiter(f"stack_{verb}_complete").wait(StackName=self.name, WaiterConfig={"Delay": 1})
        [made] = self._stacks.describe_stack_resources(StackName=self.name)["StackResources"]
        return str(made["PhysicalResourceId"])

    def delete(self) -> None:
        self._stacks.delete_stack(StackName=self.name)
        self._stacks.get_waiter("stack_delete_complete").wait(StackName=self.name, WaiterConfig={"Delay": 1})


@pytest.mark.parametrize("kind", CHANGES)
def test_a_generated_name_is_kept_by_an_update_and_is_another_when_it_is_made_anew(
    emulator: Emulator, kind: str
) -> None:
    first, second = CHANGES[kind]
    made = Made(emulator, kind)
    name = made.apply(first, "create")
    assert f"{made.name}-R-" in name
    assert made.apply(second, "update") == name
    made.delete()
    assert made.apply(second, "create") != name
    made.delete()
