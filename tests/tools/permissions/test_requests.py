"""A deployment's requests are those of the schemas and of AWS's pages, on the ARNs that the resources will have."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tools.permissions import authorization, demands, schemas
from tools.permissions.arns import Arns, formats
from tools.permissions.requests import Request, requests_of
from tools.template import Assembly

STAGES = ("dev", "staging", "prod", "delivery")
ACCOUNT = "111122223333"


def planted(assembly: Assembly, stack: str, **parts: Mapping[str, Any]) -> Assembly:
    """The assembly with more in one stack's template."""
    template = dict(assembly.stacks[stack].template)
    for part, more in parts.items():
        template[part] = {**template.get(part, {}), **more}
    return Assembly({**assembly.stacks, stack: replace(assembly.stacks[stack], template=template)})


@pytest.fixture(scope="module")
def dev(assembly: Assembly) -> tuple[Request, ...]:
    return requests_of(assembly, "dev")


def on(requests: tuple[Request, ...], action: str, resource: str = "") -> list[Request]:
    return [each for each in requests if each.action == action and resource in each.resource]


@pytest.mark.parametrize("stage", STAGES)
def test_every_resource_of_every_template_asks_for_something(assembly: Assembly, stage: str) -> None:
    asked = {each.why.partition(" (")[0] for each in requests_of(assembly, stage)}
    stacks = [stack for stack in assembly.stacks.values() if stack.environment == stage]
    assert {stack.path(logical_id) for stack in stacks for logical_id in stack.resources} <= asked


def test_every_own_arn_is_one_that_an_action_of_its_type_takes(assembly: Assembly) -> None:
    for stack in assembly.stacks.values():
        arns = Arns(assembly, stack.environment)
        for logical_id, resource in stack.resources.items():
            names = {
                name for each in schemas.permissions(resource["Type"]).values() for name in each if "*" not in name
            }
            actions = [action for name in names if (action := authorization.known(name))]
            for arn in arns.own((stack.name, logical_id)):
                assert any(taken.fits(arn) for action in actions for taken in action.resources), arn


def test_no_line_of_the_lists_is_for_nothing(assembly: Assembly) -> None:
    types = {resource["Type"] for stack in assembly.stacks.values() for resource in stack.resources.values()}
    assert set(formats()) <= types
    assert set(demands.passes()) <= types
    assert {entry["type"] for kind in ("beyond", "tagged_at_once") for entry in demands.entries(kind)} <= types
    named = {
        (kind, handler, action)
        for kind in types
        for handler, names in schemas.permissions(kind).items()
        for name in names
        for action in (authorization.expand(name) if "*" in name else (name,))
    }
    for entry in [*demands.entries("absent"), *demands.entries("unused")]:
        for pattern in entry["actions"]:
            for kind in entry.get("types", ["*"]):
                part = {**entry, "types": [kind], "actions": [pattern]}
                assert any(demands.applies(part, *each) for each in named), part


def test_a_composite_alarm_asks_on_everything(dev: tuple[Request, ...]) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html"""
    for action in ("cloudwatch:PutCompositeAlarm", "cloudwatch:DescribeAlarms"):
        assert on(dev, action, "*")


def test_an_action_that_takes_no_resource_asks_on_everything(dev: tuple[Request, ...]) -> None:
    assert {each.resource for each in on(dev, "cloudwatch:DescribeInsightRules")} == {"*"}


def test_a_new_key_is_asked_for_by_the_tags_of_the_request_alone(dev: tuple[Request, ...]) -> None:
    """https://docs.aws.amazon.com/kms/latest/developerguide/tag-authorization.html: five minutes until tags count"""
    for action in ("kms:CreateKey", "kms:TagResource"):
        [made] = on(dev, action, "*")
        assert made.context["aws:RequestTag/environment"] == ("dev",)
        assert "aws:ResourceTag/environment" not in made.context
    for action in ("kms:EnableKeyRotation", "kms:GetKeyPolicy"):
        assert any("aws:ResourceTag/environment" not in each.context for each in on(dev, action))
    [deleted] = on(dev, "kms:ScheduleKeyDeletion")
    assert deleted.context["aws:ResourceTag/environment"] == ("dev",)


def test_a_part_of_a_rest_api_is_asked_for_by_the_tags_of_its_api(dev: tuple[Request, ...]) -> None:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-tagging-supported-resources.html"""
    for asked in (on(dev, "apigateway:PUT", "/methods/"), on(dev, "apigateway:POST", "/deployments")):
        assert asked
        assert {each.context["aws:ResourceTag/environment"] for each in asked} == {("dev",)}
    [made] = [each for each in on(dev, "apigateway:POST") if each.resource.endswith("/restapis")]
    assert made.context["aws:RequestTag/application"] == ("otto-m2m",)
    assert "aws:ResourceTag/environment" not in made.context


def test_a_pools_tags_count_for_what_another_stack_makes_in_it(dev: tuple[Request, ...]) -> None:
    """Nobody says when they count for the rest of the stack that makes the pool."""
    for action in ("cognito-idp:CreateUserPoolClient", "cognito-idp:DescribeUserPoolClient"):
        assert {each.context["aws:ResourceTag/environment"] for each in on(dev, action)} == {("dev",)}
    for action in ("cognito-idp:CreateResourceServer", "cognito-idp:CreateUserPoolDomain"):
        assert {"aws:ResourceTag/environment" in each.context for each in on(dev, action)} == {False}


def test_a_parameter_that_cloudformation_reads_is_asked_for(assembly: Assembly, dev: tuple[Request, ...]) -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html"""
    bootstrap = f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/cdk-bootstrap/hnb659fds/version"
    assert on(dev, "ssm:GetParameters", bootstrap)
    parameter = {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/otto/dev/m2m/planted"}
    more = planted(assembly, "otto-dev-account", Parameters={"Planted": parameter})
    assert on(requests_of(more, "dev"), "ssm:GetParameters", ":parameter/otto/dev/m2m/planted")


def test_a_reference_to_another_stacks_output_asks_for_that_stack(assembly: Assembly) -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html"""
    output = {"Value": {"Fn::GetStackOutput": {"StackName": "otto-dev-planted", "OutputName": "Arn"}}}
    more = planted(assembly, "otto-dev-account", Outputs={"Planted": output})
    [asked] = on(requests_of(more, "dev"), "cloudformation:DescribeStacks", ":stack/otto-dev-planted/")
    assert asked.why == "otto-dev-account: Fn::GetStackOutput of otto-dev-planted"


def test_a_functions_asset_and_its_role_are_asked_for(dev: tuple[Request, ...]) -> None:
    assert all(each.resource.endswith(".zip") for each in on(dev, "s3:GetObject"))
    passed = on(dev, "iam:PassRole", ":role/otto-dev-rotation-")
    assert {each.context["iam:PassedToService"] for each in passed} == {("lambda.amazonaws.com",)}


def test_a_role_is_asked_for_with_its_boundary(dev: tuple[Request, ...]) -> None:
    for each in on(dev, "iam:CreateRole"):
        assert each.context["iam:PermissionsBoundary"] == (f"arn:aws:iam::{ACCOUNT}:policy/otto-dev-boundary",)


def test_a_name_that_cloudformation_makes_is_as_long_as_the_service_takes(assembly: Assembly) -> None:
    for action in ("lambda:CreateFunction", "iam:CreateRole"):
        for each in on(requests_of(assembly, "staging"), action):
            assert len(each.resource.rpartition(":")[2].removeprefix("role/")) <= 64


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        ("AWS::SQS::Queue", "otto-dev-account/Planted (AWS::SQS::Queue): create asks for sqs:CreateQueue"),
        ("Custom::Thing", "Custom::Thing: has no schema"),
    ],
)
def test_a_type_that_nobody_has_described_is_a_fault(assembly: Assembly, kind: str, fault: str) -> None:
    more = planted(assembly, "otto-dev-account", Resources={"Planted": {"Type": kind, "Properties": {}}})
    with pytest.raises(ValueError, match=r"names nothing that it takes|has no schema") as raised:
        requests_of(more, "dev")
    assert fault in str(raised.value)
