"""Change sets, which the CDK CLI deploys with: one that changes outputs alone is a change."""

import uuid
from typing import Any

import pytest

from local.emulator.process import Emulator

TEMPLATE = """
Resources: {{Parameter: {{Type: AWS::SSM::Parameter, Properties: {{Type: String, Value: kept}}}}}}
Outputs: {{{name}: {{Value: !Ref Parameter}}}}
"""


def changed(emulator: Emulator, stack: str, kind: str, output: str) -> dict[str, Any]:
    """Make a change set, execute it if it can be, and describe what it was."""
    client = emulator.client("cloudformation")
    named = {"StackName": stack, "ChangeSetName": f"{kind}-{output}".lower()}
    client.create_change_set(**named, ChangeSetType=kind, TemplateBody=TEMPLATE.format(name=output))
    described: dict[str, Any] = client.describe_change_set(**named)
    if described["ExecutionStatus"] == "AVAILABLE":
        client.execute_change_set(**named)
        done = "stack_create_complete" if kind == "CREATE" else "stack_update_complete"
        client.get_waiter(done).wait(StackName=stack, WaiterConfig={"Delay": 1})
    return described


@pytest.mark.parametrize(("output", "status"), [("Second", "CREATE_COMPLETE"), ("First", "FAILED")])
def test_a_change_of_outputs_alone_is_a_change_and_no_change_is_none(
    emulator: Emulator, output: str, status: str
) -> None:
    stack = f"outputs-{uuid.uuid4().hex[:8]}"
    changed(emulator, stack, "CREATE", "First")
    assert changed(emulator, stack, "UPDATE", output)["Status"] == status
    client = emulator.client("cloudformation")
    outputs = client.describe_stacks(StackName=stack)["Stacks"][0]["Outputs"]
    assert [each["OutputKey"] for each in outputs] == [output]
    client.delete_stack(StackName=stack)
