"""CloudFormation's Secrets Manager types, deployed as stacks.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_SecretsManager.html
"""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from local.emulator.process import Emulator
from tests.local.emulator.rotation_function import RotationFunction
from tests.local.waiting import wait

Template = dict[str, Any]
Deploy = Callable[[Template], dict[str, str]]


@pytest.fixture
def manager(emulator: Emulator) -> Any:
    return emulator.client("secretsmanager")


def template(name: str, generate: dict[str, Any] | None = None, **others: Any) -> Template:
    """A secret whose value is generated, what else is given, and the `Ref` of each as an output."""
    secret = {
        "Type": "AWS::SecretsManager::Secret",
        "Properties": {"Name": name, "GenerateSecretString": generate or {}, "Description": "a secret"},
    }
    resources = {"Secret": secret} | others
    return {"Resources": resources, "Outputs": {each: {"Value": {"Ref": each}} for each in resources}}


def schedule(function: RotationFunction, **properties: Any) -> Template:
    days = {"RotationRules": {"AutomaticallyAfterDays": 30}, "RotationLambdaARN": function.arn}
    return {
        "Type": "AWS::SecretsManager::RotationSchedule",
        "Properties": {"SecretId": {"Ref": "Secret"}} | days | properties,
    }


def policy(sid: str, **properties: Any) -> Template:
    allow = {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": "*",
        "Action": "secretsmanager:GetSecretValue",
        "Resource": "*",
    }
    document = {"Version": "2012-10-17", "Statement": [allow]}
    return {
        "Type": "AWS::SecretsManager::ResourcePolicy",
        "Properties": {"SecretId": {"Ref": "Secret"}, "ResourcePolicy": document} | properties,
    }


def drift(emulator: Emulator, stack: str) -> dict[str, str]:
    cloudformation = emulator.client("cloudformation")
    found = cloudformation.detect_stack_drift(StackName=stack)["StackDriftDetectionId"]
    status = cloudformation.describe_stack_drift_detection_status
    wait(lambda: status(StackDriftDetectionId=found)["DetectionStatus"] == "DETECTION_COMPLETE")
    drifts = cloudformation.describe_stack_resource_drifts(StackName=stack)["StackResourceDrifts"]
    return {each["LogicalResourceId"]: each["StackResourceDriftStatus"] for each in drifts}


@pytest.mark.parametrize(
    ("settings", "pattern"),
    [
        ({}, r"[!-~]{32}"),
        ({"PasswordLength": 48, "ExcludePunctuation": True}, r"[A-Za-z0-9]{48}"),
        ({"PasswordLength": 40, "ExcludePunctuation": "true", "ExcludeUppercase": True}, r"[a-z0-9]{40}"),
        ({"ExcludeLowercase": True, "ExcludeNumbers": True, "ExcludePunctuation": True}, r"[A-Z]{32}"),
        ({"ExcludeCharacters": "abcdef", "ExcludePunctuation": True}, r"[A-Zg-z0-9]{32}"),
        ({"PasswordLength": 4, "RequireEachIncludedType": True}, r"(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?=.*[^\w]|.*_).{4}"),
    ],
)  # fmt: skip
def test_a_generated_value_obeys_its_settings(
    manager: Any, deploy: Deploy, name: str, settings: dict[str, Any], pattern: str
) -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-secretsmanager-secret-generatesecretstring.html"""
    deploy(template(name, settings))
    assert re.fullmatch(pattern, manager.get_secret_value(SecretId=name)["SecretString"])


def test_a_generated_value_is_put_under_its_key_of_the_template(manager: Any, deploy: Deploy, name: str) -> None:
    keys = {
        "SecretStringTemplate": '{"client_id": "c"}',
        "GenerateStringKey": "client_secret",
        "ExcludePunctuation": True,
    }
    deploy(template(name, keys))
    value = json.loads(manager.get_secret_value(SecretId=name)["SecretString"])
    assert value["client_id"] == "c"
    assert re.fullmatch(r"[A-Za-z0-9]{32}", value["client_secret"])


def test_an_update_leaves_the_value_alone_unless_its_settings_change(manager: Any, deploy: Deploy, name: str) -> None:
    def value() -> str:
        return str(manager.get_secret_value(SecretId=name)["SecretString"])

    deployed = template(name, {"PasswordLength": 40})
    deploy(deployed)
    first = value()
    deployed["Resources"]["Secret"]["Properties"] |= {"Description": "other", "Tags": [{"Key": "a", "Value": "b"}]}
    deploy(deployed)
    assert (value(), manager.describe_secret(SecretId=name)["Description"]) == (first, "other")
    deployed["Resources"]["Secret"]["Properties"]["GenerateSecretString"] = {"PasswordLength": 41}
    deploy(deployed)
    assert len(value()) == 41


def test_ref_of_each_type_is_the_secrets_arn(
    manager: Any, deploy: Deploy, name: str, function: RotationFunction
) -> None:
    outputs = deploy(template(name, Schedule=schedule(function), Policy=policy("a")))
    assert set(outputs.values()) == {manager.describe_secret(SecretId=name)["ARN"]}


@pytest.mark.parametrize(("deleted", "reason"), [(False, "already exists"), (True, "already scheduled for deletion")])
def test_a_stack_does_not_take_over_a_secret_of_the_same_name(
    manager: Any, deploy: Deploy, name: str, deleted: bool, reason: str
) -> None:
    manager.create_secret(Name=name, SecretString="mine")
    if deleted:
        manager.delete_secret(SecretId=name)
    with pytest.raises(AssertionError, match=reason):
        deploy(template(name))
    if deleted:
        manager.restore_secret(SecretId=name)
    assert manager.get_secret_value(SecretId=name)["SecretString"] == "mine"


def test_a_schedule_rotates_when_made_and_when_changed(
    manager: Any, deploy: Deploy, name: str, function: RotationFunction
) -> None:
    def rotations() -> int:
        return function.steps().count("finishSecret")

    deploy(template(name, Schedule=schedule(function)))
    wait(lambda: manager.describe_secret(SecretId=name).get("LastRotatedDate"))
    deploy(template(name, Schedule=schedule(function, RotationRules={"AutomaticallyAfterDays": 90})))
    wait(lambda: rotations() == 2)
    described = manager.describe_secret(SecretId=name)
    assert (described["RotationEnabled"], described["RotationRules"]) == (True, {"AutomaticallyAfterDays": 90})


def test_a_schedule_that_does_not_rotate_on_update_runs_only_the_test_step(
    manager: Any, deploy: Deploy, name: str, function: RotationFunction
) -> None:
    deploy(template(name, Schedule=schedule(function, RotateImmediatelyOnUpdate=False)))
    wait(lambda: len(manager.describe_secret(SecretId=name)["VersionIdsToStages"]) == 1)
    assert function.steps() == ["testSecret"]


def test_an_unchanged_schedule_does_not_rotate(
    manager: Any, deploy: Deploy, name: str, function: RotationFunction
) -> None:
    deployed = template(name, Schedule=schedule(function))
    deploy(deployed)
    wait(lambda: manager.describe_secret(SecretId=name).get("LastRotatedDate"))
    value = manager.get_secret_value(SecretId=name)["SecretString"]
    deployed["Resources"]["Secret"]["Properties"]["Description"] = "other"
    deploy(deployed)
    assert manager.get_secret_value(SecretId=name)["SecretString"] == value
    assert function.steps().count("createSecret") == 1


def test_a_schedule_taken_from_the_template_ends_the_rotation(
    manager: Any, deploy: Deploy, name: str, function: RotationFunction
) -> None:
    deploy(template(name, Schedule=schedule(function)))
    wait(lambda: manager.describe_secret(SecretId=name).get("LastRotatedDate"))
    deploy(template(name))
    assert not manager.describe_secret(SecretId=name)["RotationEnabled"]


def test_a_schedule_of_a_function_that_may_not_be_invoked_fails(emulator: Emulator, deploy: Deploy, name: str) -> None:
    closed = RotationFunction(emulator, f"{name}-closed")
    with pytest.raises(AssertionError, match="cannot invoke the specified Lambda function"):
        deploy(template(name, Schedule=schedule(closed)))


def test_a_policy_is_put_changed_and_taken_away(manager: Any, deploy: Deploy, name: str) -> None:
    def sid() -> str | None:
        document = manager.get_resource_policy(SecretId=name).get("ResourcePolicy")
        return json.loads(document)["Statement"][0]["Sid"] if document else None

    deploy(template(name, Policy=policy("first")))
    assert sid() == "first"
    deploy(template(name, Policy=policy("second")))
    assert sid() == "second"
    deploy(template(name))
    assert sid() is None


def test_a_public_policy_fails_the_stack_when_blocked(deploy: Deploy, name: str) -> None:
    with pytest.raises(AssertionError, match="did not prevent broad access"):
        deploy(template(name, Policy=policy("open", BlockPublicPolicy=True)))


def test_drift_of_each_type_is_detected(
    emulator: Emulator, manager: Any, deploy: Deploy, name: str, function: RotationFunction
) -> None:
    deploy(template(name, Schedule=schedule(function), Policy=policy("a")))
    wait(lambda: manager.describe_secret(SecretId=name).get("LastRotatedDate"))
    assert drift(emulator, name) == {"Secret": "IN_SYNC", "Schedule": "IN_SYNC", "Policy": "IN_SYNC"}
    manager.update_secret(SecretId=name, Description="by hand")
    manager.cancel_rotate_secret(SecretId=name)
    manager.put_resource_policy(SecretId=name, ResourcePolicy='{"Version": "2012-10-17", "Statement": []}')
    assert drift(emulator, name) == {"Secret": "MODIFIED", "Schedule": "DELETED", "Policy": "MODIFIED"}


def test_deleting_the_stack_frees_the_name_at_once(
    emulator: Emulator, manager: Any, deploy: Deploy, name: str, function: RotationFunction
) -> None:
    """CloudFormation deletes a secret without a recovery window."""
    deploy(template(name, Schedule=schedule(function), Policy=policy("a")))
    emulator.client("cloudformation").delete_stack(StackName=name)
    emulator.client("cloudformation").get_waiter("stack_delete_complete").wait(
        StackName=name, WaiterConfig={"Delay": 1}
    )
    manager.create_secret(Name=name, SecretString="free")
