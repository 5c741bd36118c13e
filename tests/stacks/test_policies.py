"""Every role of every template may do exact actions on exact resources; the exceptions are listed here with reasons."""

import copy
import json
from fnmatch import fnmatchcase
from typing import Any

import pytest

from tests.stacks.statements import many, statements, written
from tests.stacks.synthesis import SynthesizedStack, Template

_CREDENTIALS = "arn:aws:secretsmanager:us-east-1:<AWS::AccountId>:secret:otto/<env>/clients/*"
_REASONS = {
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
    ("API Gateway takes no role for its logs without these on every log group", "*"): (
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
    ("takes no resource", "*"): (
        "secretsmanager:GetRandomPassword",
        "secretsmanager:ListSecrets",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    ),
    ("a secret's ARN ends in six characters that Secrets Manager chooses", _CREDENTIALS): (
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetSecretValue",
        "secretsmanager:PutSecretValue",
        "secretsmanager:RotateSecret",
        "secretsmanager:UpdateSecretVersionStage",
    ),
}
WILDCARDS = {(action, resource): reason for (reason, resource), actions in _REASONS.items() for action in actions}
"""Each action that may name more than one resource, on what, and why AWS allows no other."""
OWN = ("AWS::SecretsManager::ResourcePolicy", "AWS::KMS::Key")
"""In the policy of a resource itself, `*` is that resource."""
ACCOUNT = {
    "Action": "kms:*",
    "Effect": "Allow",
    "Principal": {"AWS": {"Fn::Join": ["", ["arn:aws:iam::", {"Ref": "AWS::AccountId"}, ":root"]]}},
    "Resource": "*",
}
"""Of a key alone, and not too much: it lets IAM's policies, which are exact, decide. Without it nobody could change the
key or delete it. https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html"""


def excesses(template: Template, environment: str = "dev") -> list[str]:
    """Managed policies, wildcard actions, wildcard resources without a listed reason, and what anybody may do."""
    found = [
        f"{logical_id}: managed policy"
        for logical_id, resource in template["Resources"].items()
        if resource.get("Properties", {}).get("ManagedPolicyArns")
    ]
    for logical_id, statement in statements(template):
        kind = template["Resources"][logical_id]["Type"]
        if "NotAction" in statement or "NotResource" in statement:
            found.append(f"{logical_id}: everything but something")
        if statement["Effect"] == "Allow" and statement.get("Principal") in ("*", {"AWS": "*"}):
            found.append(f"{logical_id}: anybody")
        if (kind, statement) == ("AWS::KMS::Key", ACCOUNT):
            continue
        actions = many(statement.get("Action", []))
        found += [f"{logical_id}: {action}" for action in actions if "*" in action]
        resources = [] if kind in OWN else [written(each) for each in many(statement.get("Resource", []))]
        known = {
            (action, resource.replace(f":secret:otto/{environment}/", ":secret:otto/<env>/"))
            for action in actions
            for resource in resources
            if "*" in resource
        }
        found += [f"{logical_id}: {action} on {resource}" for action, resource in sorted(known - WILDCARDS.keys())]
    return found


def test_every_policy_is_exact(stacks: dict[str, SynthesizedStack]) -> None:
    # What CloudFormation itself may do is compared with its handlers' needs, in test_delivery.
    running = {name: stack for name, stack in stacks.items() if stack.environment != "delivery"}
    assert sum(1 for stack in running.values() for _ in statements(stack.template)) > 0
    found = {name: excesses(stack.template, stack.environment) for name, stack in running.items()}
    assert {name: excess for name, excess in found.items() if excess} == {}


SECRET = "arn:aws:secretsmanager:us-east-1:<AWS::AccountId>:secret:otto"


@pytest.mark.parametrize(
    ("statement", "excess"),
    [
        ({"Action": "dynamodb:*", "Resource": "arn"}, "dynamodb:*"),
        ({"Action": ["s3:GetObject"], "Resource": "*"}, "s3:GetObject on *"),
        ({"Action": ["s3:GetObject"], "Resource": ["a/*"]}, "s3:GetObject on a/*"),
        ({"Action": ["xray:PutTraceSegments", "s3:GetObject"], "Resource": "*"}, "s3:GetObject on *"),
        ({"Action": "secretsmanager:GetSecretValue", "Resource": "*"}, "secretsmanager:GetSecretValue on *"),
        (
            {"Action": "secretsmanager:GetSecretValue", "Resource": f"{SECRET}/prod/clients/*"},
            f"secretsmanager:GetSecretValue on {SECRET}/prod/clients/*",
        ),
        (
            {"Action": "secretsmanager:ListSecrets", "Resource": f"{SECRET}/dev/clients/*"},
            f"secretsmanager:ListSecrets on {SECRET}/<env>/clients/*",
        ),
        ({"NotAction": "s3:GetObject", "Resource": "arn"}, "everything but something"),
        ({"Action": "sns:Publish", "Resource": "arn", "Principal": "*"}, "anybody"),
        ({"Action": "sns:Publish", "Resource": "arn", "Principal": {"AWS": "*"}}, "anybody"),
    ],
)
@pytest.mark.parametrize("joined", [False, True])
def test_a_planted_excess_is_found(
    stacks: dict[str, SynthesizedStack], statement: dict[str, object], excess: str, joined: bool
) -> None:
    template = copy.deepcopy(stacks["otto-dev-profiles"].template)
    document: Any = {"Statement": [{"Effect": "Allow"} | statement]}
    template["Resources"]["Planted"] = {
        "Type": "AWS::IAM::Policy",
        "Properties": {"PolicyDocument": {"Fn::Join": ["", [json.dumps(document)]]} if joined else document},
    }
    assert excesses(template) == [f"Planted: {excess}"]


@pytest.mark.parametrize(
    ("change", "excess"),
    [
        ({"Principal": {"AWS": "arn:aws:iam::111122223333:root"}}, "kms:*"),
        ({"Principal": "*", "Action": "kms:Decrypt"}, "anybody"),
        ({"Action": "kms:Create*"}, "kms:Create*"),
    ],
)
def test_a_planted_excess_of_a_key_is_found(change: dict[str, object], excess: str) -> None:
    key = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Statement": [ACCOUNT, ACCOUNT | change]}}}
    assert excesses({"Resources": {"Planted": key}}) == [f"Planted: {excess}"]


@pytest.mark.parametrize("kind", ["KMS::Key", "Logs::ResourcePolicy", "SNS::TopicPolicy", "IAM::Policy"])
def test_every_kind_of_policy_is_read(stacks: dict[str, SynthesizedStack], kind: str) -> None:
    template = stacks["otto-prod-observability"].template
    assert any(template["Resources"][logical_id]["Type"] == f"AWS::{kind}" for logical_id, _ in statements(template))


def test_a_planted_managed_policy_is_found(stacks: dict[str, SynthesizedStack]) -> None:
    template = copy.deepcopy(stacks["otto-dev-profiles"].template)
    template["Resources"]["Planted"] = {"Type": "AWS::IAM::Role", "Properties": {"ManagedPolicyArns": ["arn"]}}
    assert excesses(template) == ["Planted: managed policy"]


def decrypting(template: Template) -> list[str]:
    """Every policy, but a key's own, that allows to decrypt with keys that it does not name."""
    return [
        f"{logical_id}: {action}"
        for logical_id, statement in statements(template)
        if statement["Effect"] == "Allow" and template["Resources"][logical_id]["Type"] != "AWS::KMS::Key"
        for action in many(statement.get("Action", []))
        if any(fnmatchcase(name, action) for name in ("kms:Decrypt", "kms:ReEncryptFrom"))
        if any("*" in written(resource) for resource in many(statement["Resource"]))
    ]


def test_no_policy_decrypts_with_every_key(stacks: dict[str, SynthesizedStack]) -> None:
    """CloudFormation's own among them: a policy that is attached to a role may not either (FSBP KMS.1, KMS.2)."""
    assert {name: found for name, stack in stacks.items() if (found := decrypting(stack.template))} == {}


@pytest.mark.parametrize("action", ["kms:Decrypt", "kms:*", "*"])
def test_a_planted_decryption_is_found(stacks: dict[str, SynthesizedStack], action: str) -> None:
    template = copy.deepcopy(stacks["otto-dev-delivery"].template)
    policy = template["Resources"]["Execution"]["Properties"]["PolicyDocument"]
    policy["Statement"].append({"Effect": "Allow", "Action": action, "Resource": "*"})
    assert decrypting(template) == [f"Execution: {action}"]


def test_the_profiles_function_may_touch_its_items_and_its_log_and_nothing_else(
    stacks: dict[str, SynthesizedStack],
) -> None:
    for environment in ("dev", "staging", "prod"):
        stack = stacks[f"otto-{environment}-profiles"]
        [(table, _)] = stack.of_type("AWS::DynamoDB::GlobalTable")
        [(function, _)] = stack.of_type("AWS::Lambda::Function")
        log = stack.template["Resources"][function]["Properties"]["LoggingConfig"]["LogGroup"]["Ref"]
        allowed = {tuple(statement["Action"]): statement["Resource"] for _, statement in statements(stack.template)}
        assert allowed == {
            ("logs:CreateLogStream", "logs:PutLogEvents"): {"Fn::GetAtt": [log, "Arn"]},
            ("xray:PutTelemetryRecords", "xray:PutTraceSegments"): "*",
            ("dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem"): {"Fn::GetAtt": [table, "Arn"]},
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
                "cognito-idp:DescribeUserPoolClient",
                "cognito-idp:ListUserPoolClientSecrets",
                "cognito-idp:ListUserPoolClients",
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
