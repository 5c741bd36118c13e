"""What the emulator's tests deploy: stacks of small templates, and a rotation function that records its events."""

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from local.emulator.process import Emulator
from tests.local.emulator.app_client import Client, make_client
from tests.local.emulator.protected import KINDS, Kept, Stack
from tests.local.emulator.rotation_function import RotationFunction
from tests.local.waiting import wait

Template = dict[str, Any]


@pytest.fixture
def name() -> str:
    return f"t{uuid.uuid4().hex[:12]}"


@pytest.fixture
def deploy(emulator: Emulator, name: str) -> Iterator[Callable[..., dict[str, str]]]:
    """Create or update the test's stack from a template; returns its outputs. An AssertionError tells why it failed."""
    client = emulator.client("cloudformation")

    def act(template: Template | str, **parameters: str) -> dict[str, str]:
        body = template if isinstance(template, str) else json.dumps(template)
        given = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
        known = [each["StackName"] for each in client.describe_stacks()["Stacks"]]
        try:
            (client.update_stack if name in known else client.create_stack)(
                StackName=name, TemplateBody=body, Parameters=given
            )
        except client.exceptions.ClientError as error:
            if "No updates are to be performed" not in str(error):
                raise

        def settled() -> Any:
            stack = client.describe_stacks(StackName=name)["Stacks"][0]
            return None if stack["StackStatus"].endswith("IN_PROGRESS") else stack

        stack = wait(settled)
        events = client.describe_stack_events(StackName=name)["StackEvents"]
        reasons = [each["ResourceStatusReason"] for each in events if "FAILED" in each["ResourceStatus"]]
        assert stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), reasons
        return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}

    yield act
    client.delete_stack(StackName=name)


@pytest.fixture
def client(emulator: Emulator, name: str) -> Client:
    return make_client(emulator, name)


@pytest.fixture
def function(emulator: Emulator, name: str) -> RotationFunction:
    made = RotationFunction(emulator, f"{name}-rotation")
    made.permit()
    return made


@pytest.fixture(params=KINDS)
def kept(emulator: Emulator, request: pytest.FixtureRequest) -> Iterator[Kept]:
    made = Kept(emulator, request.param)
    before = made.ids
    yield made
    for identity in made.ids - before:
        made.release(identity)
        made.delete(identity)


@pytest.fixture
def stack(emulator: Emulator, name: str) -> Iterator[Stack]:
    made = Stack(emulator.client("cloudformation"), name)
    yield made
    with suppress(made.client.exceptions.ClientError):  # the test has deleted it
        made.client.update_termination_protection(StackName=name, EnableTerminationProtection=False)
        made.client.delete_stack(StackName=name)
