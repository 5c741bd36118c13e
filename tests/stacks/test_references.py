"""Between stacks, nothing crosses but SSM parameters that are read when a change set is made."""

import copy
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_sns as sns

import app
from stacks.environments import ENVIRONMENTS
from stacks.identity import IdentityStack
from tests.stacks.synthesis import SynthesizedStack, Template, read
from tools.synthesis import CONTEXT

TYPE = "AWS::SSM::Parameter::Value<String>"
CDK = "/cdk-bootstrap/hnb659fds/version"
"""Of every stack with assets, and made by `cdk bootstrap`."""


def known_at_execution(template: Template) -> list[str]:
    """Every way in which a template gets a value of another stack too late, or gives one that may not change."""
    text = json.dumps(template)
    found = [name for name in ("Fn::GetStackOutput", "Fn::ImportValue", "{{resolve:ssm:") if name in text]
    return found + [f"export {name}" for name, output in template.get("Outputs", {}).items() if "Export" in output]


def published(stack: SynthesizedStack) -> list[str]:
    return [parameter["Properties"]["Name"] for _, parameter in stack.of_type("AWS::SSM::Parameter")]


def reads(stack: SynthesizedStack) -> list[str]:
    parameters = stack.template.get("Parameters", {}).values()
    return [each["Default"] for each in parameters if each["Type"] == TYPE and each["Default"] != CDK]


def unread(stacks: dict[str, SynthesizedStack]) -> Iterator[str]:
    """What a stack reads that no stack of its environment before it publishes, and what is shared for nobody."""
    known: dict[str, str] = {}
    for stack in stacks.values():  # in the order of deployment
        for name in reads(stack):
            if known.get(name) != stack.environment:
                yield f"{stack.name} reads {name}"
        known |= dict.fromkeys(published(stack), stack.environment)
    used = {name for stack in stacks.values() for name in reads(stack)}
    yield from (f"nobody reads {name}" for name in known if "/stacks/" in name and name not in used)


def test_no_template_holds_what_cloudformation_learns_at_execution(stacks: dict[str, SynthesizedStack]) -> None:
    assert {stack.environment for stack in stacks.values()} == {"dev", "staging", "prod", "delivery"}
    assert {name: found for name, stack in stacks.items() if (found := known_at_execution(stack.template))} == {}


@pytest.mark.parametrize("strength", ["weak", "strong", "both"])
def test_a_planted_direct_reference_is_found(tmp_path: Path, strength: str) -> None:
    """However a person's CDK is told to make one."""
    flag = {"@aws-cdk/core:defaultCrossStackReferences": strength}
    planted = cdk.App(context=CONTEXT | flag, outdir=str(tmp_path))
    dev = ENVIRONMENTS[0]
    stage = app.add_stage(planted, dev)
    identity = IdentityStack(stage, "identity", environment=dev, firewall=None)
    pool = identity.node.find_child("UserPool")
    assert isinstance(pool, cdk.aws_cognito.UserPool)
    sns.CfnTopic(cdk.Stack(stage, "planted"), "Topic", display_name=pool.user_pool_id)
    planted.synth()
    assert any(known_at_execution(stack.template) for stack in read(tmp_path).values())


def test_a_planted_export_and_a_planted_dynamic_reference_are_found() -> None:
    output = {"Value": "x", "Export": {"Name": "x"}}
    assert known_at_execution({"Outputs": {"Out": output}}) == ["export Out"]
    assert known_at_execution({"Resources": {"R": "{{resolve:ssm:/otto/dev/m2m/issuer}}"}}) == ["{{resolve:ssm:"]


def test_what_a_stack_reads_an_earlier_one_of_its_environment_publishes(stacks: dict[str, SynthesizedStack]) -> None:
    assert sum(len(reads(stack)) for stack in stacks.values()) > 0
    assert list(unread(stacks)) == []


def test_a_planted_reading_of_another_environment_is_found(stacks: dict[str, SynthesizedStack]) -> None:
    planted = copy.deepcopy(stacks["otto-prod-rotation"])
    planted.template["Parameters"] |= stacks["otto-dev-rotation"].template["Parameters"]
    assert list(unread(stacks | {planted.name: planted})) == [
        f"otto-prod-rotation reads /otto/dev/{name}" for name in ("m2m/user-pool-id", "stacks/identity/UserPoolArn")
    ]


def test_a_planted_value_that_nobody_reads_is_found(stacks: dict[str, SynthesizedStack]) -> None:
    planted = copy.deepcopy(stacks["otto-dev-account"])
    parameter = {"Name": "/otto/dev/stacks/account/Role", "Value": "x"}
    planted.template["Resources"]["Planted"] = {"Type": "AWS::SSM::Parameter", "Properties": parameter}
    assert list(unread(stacks | {planted.name: planted})) == ["nobody reads /otto/dev/stacks/account/Role"]


def test_every_parameter_is_published_once(stacks: dict[str, SynthesizedStack]) -> None:
    names = Counter(name for stack in stacks.values() for name in published(stack))
    assert [name for name, times in names.items() if times > 1] == []
