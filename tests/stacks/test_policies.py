"""Every role of every template may do exact actions on exact resources; the exceptions are listed here with reasons."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.stacks.synthesis import SynthesizedStack, Template

_REASONS = {
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
    "API Gateway takes no role for its logs without these on every log group": (
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:DescribeLogGroups",
        "logs:DescribeLogStreams",
        "logs:FilterLogEvents",
        "logs:GetLogEvents",
        "logs:PutLogEvents",
    ),
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
    "takes no resource": (
        "secretsmanager:GetRandomPassword",
        "secretsmanager:ListSecrets",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    ),
    "a secret's ARN ends in six characters that Secrets Manager chooses": (
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetSecretValue",
        "secretsmanager:PutSecretValue",
        "secretsmanager:RotateSecret",
        "secretsmanager:UpdateSecretVersionStage",
    ),
}
WILDCARDS = {action: reason for reason, actions in _REASONS.items() for action in actions}
"""Each action that may name more than one resource, and why AWS allows no other."""


def statements(template: Template) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every permission statement of every role and policy, with the logical id it stands in."""
    for logical_id, resource in template["Resources"].items():
        properties = resource.get("Properties", {})
        documents = [properties.get("PolicyDocument"), properties.get("ResourcePolicy")]
        if resource["Type"].startswith("AWS::IAM::"):
            documents += [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
        for document in documents:
            for statement in (document or {}).get("Statement", []):
                yield logical_id, statement


def excesses(template: Template) -> list[str]:
    """Managed policies, wildcard actions, and wildcard resources without a listed reason."""
    found = [
        f"{logical_id}: managed policy"
        for logical_id, resource in template["Resources"].items()
        if resource.get("Properties", {}).get("ManagedPolicyArns")
    ]
    for logical_id, statement in statements(template):
        actions = [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        found += [f"{logical_id}: {action}" for action in actions if "*" in action]
        resources = statement.get("Resource", [])
        listed = resources if isinstance(resources, list) else [resources]
        # In the policy of a resource itself, "*" is that resource.
        own = template["Resources"][logical_id]["Type"] == "AWS::SecretsManager::ResourcePolicy"
        if any("*" in json.dumps(resource) for resource in listed) and not own and not set(actions) <= set(WILDCARDS):
            found.append(f"{logical_id}: resource {json.dumps(resources)}")
        if "NotAction" in statement or "NotResource" in statement:
            found.append(f"{logical_id}: everything but something")
    return found


def test_every_policy_is_exact(stacks: dict[str, SynthesizedStack]) -> None:
    # What CloudFormation itself may do is compared with its handlers' needs, in test_delivery.
    running = {name: stack for name, stack in stacks.items() if stack.environment != "delivery"}
    assert sum(1 for stack in running.values() for _ in statements(stack.template)) > 0
    assert {name: excess for name, stack in running.items() if (excess := excesses(stack.template))} == {}


@pytest.mark.parametrize(
    ("statement", "excess"),
    [
        ({"Effect": "Allow", "Action": "dynamodb:*", "Resource": "arn"}, "Planted: dynamodb:*"),
        ({"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "*"}, 'Planted: resource "*"'),
        ({"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["a/*"]}, 'Planted: resource ["a/*"]'),
        (
            {"Effect": "Allow", "Action": ["xray:PutTraceSegments", "s3:GetObject"], "Resource": "*"},
            'Planted: resource "*"',
        ),
    ],
)
def test_a_planted_excess_is_found(
    stacks: dict[str, SynthesizedStack], statement: dict[str, object], excess: str
) -> None:
    template = copy.deepcopy(stacks["otto-dev-profiles"].template)
    template["Resources"]["Planted"] = {
        "Type": "AWS::IAM::Policy",
        "Properties": {"PolicyDocument": {"Statement": [statement]}},
    }
    assert excesses(template) == [excess]


def test_a_planted_managed_policy_is_found(stacks: dict[str, SynthesizedStack]) -> None:
    template = copy.deepcopy(stacks["otto-dev-profiles"].template)
    template["Resources"]["Planted"] = {"Type": "AWS::IAM::Role", "Properties": {"ManagedPolicyArns": ["arn"]}}
    assert excesses(template) == ["Planted: managed policy"]


def test_the_profiles_function_may_touch_its_items_and_its_log_and_nothing_else(
    stacks: dict[str, SynthesizedStack],
) -> None:
    for environment in ("dev", "staging", "prod"):
        allowed = {
            tuple(statement["Action"]) for _, statement in statements(stacks[f"otto-{environment}-profiles"].template)
        }
        assert allowed == {
            ("logs:CreateLogStream", "logs:PutLogEvents"),
            ("xray:PutTelemetryRecords", "xray:PutTraceSegments"),
            ("dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem"),
        }


def test_the_rotation_function_may_touch_only_this_environments_pool_and_credentials(
    stacks: dict[str, SynthesizedStack],
) -> None:
    for environment in ("dev", "staging", "prod"):
        found = {
            tuple(statement["Action"]) if isinstance(statement["Action"], list) else statement["Action"]: json.dumps(
                statement.get("Resource")
            )
            for _, statement in statements(stacks[f"otto-{environment}-rotation"].template)
            if statement["Action"] != "sts:AssumeRole"
        }
        credentials = [name for name in found if "secretsmanager:PutSecretValue" in name]
        assert set(found) == {
            ("logs:CreateLogStream", "logs:PutLogEvents"),
            (
                "secretsmanager:DescribeSecret",
                "secretsmanager:GetSecretValue",
                "secretsmanager:PutSecretValue",
                "secretsmanager:UpdateSecretVersionStage",
            ),
            (
                "cognito-idp:AddUserPoolClientSecret",
                "cognito-idp:DeleteUserPoolClientSecret",
                "cognito-idp:ListUserPoolClientSecrets",
            ),
            ("secretsmanager:GetRandomPassword", "xray:PutTelemetryRecords", "xray:PutTraceSegments"),
        }
        assert f":secret:otto/{environment}/clients/*" in found[credentials[0]]


def open_functions(template: Template) -> list[str]:
    """Every permission to invoke a function that is not one AWS service's, for one source in this account."""
    return [
        logical_id
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] == "AWS::Lambda::Permission"
        and not (
            str(resource["Properties"]["Principal"]).endswith(".amazonaws.com")
            and resource["Properties"].get("SourceArn")
        )
    ]


def test_every_function_is_invoked_by_a_named_service_alone(stacks: dict[str, SynthesizedStack]) -> None:
    assert any(list(stack.of_type("AWS::Lambda::Permission")) for stack in stacks.values())
    assert {name: found for name, stack in stacks.items() if (found := open_functions(stack.template))} == {}


@pytest.mark.parametrize("properties", [{"Principal": "*"}, {"Principal": "apigateway.amazonaws.com"}])
def test_a_planted_open_function_is_found(properties: dict[str, str]) -> None:
    template = {"Resources": {"Planted": {"Type": "AWS::Lambda::Permission", "Properties": properties}}}
    assert open_functions(template) == ["Planted"]
