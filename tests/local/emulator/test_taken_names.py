"""What has a name keeps it: another stack that would make something of that name is rolled back."""

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER  # type: ignore[import-untyped]

from local.emulator import left_out, taken_names
from local.emulator.process import REGION, Emulator
from tests.local.emulator.protected import Stack
from tests.stacks.synthesis import SynthesizedStack
from tools.preflight.leftovers import NAMED, UNNAMED

METRIC = {"Namespace": "a", "MetricName": "b", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 1}
ALLOWED = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
VISIBLE = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "a"}
PROPERTIES: dict[str, dict[str, Any]] = {
    "AWS::CloudWatch::Alarm": METRIC | {"AlarmName": "{name}", "ComparisonOperator": "GreaterThanThreshold"},
    "AWS::CloudWatch::Dashboard": {"DashboardName": "{name}", "DashboardBody": '{"widgets": []}'},
    "AWS::Cognito::UserPoolDomain": {"Domain": "{name}", "UserPoolId": "{pool}"},
    "AWS::Cognito::UserPoolResourceServer": {"Identifier": "{name}", "Name": "a", "UserPoolId": "{pool}"},
    "AWS::Events::Rule": {"Name": "{name}", "EventPattern": {"source": ["a"]}},
    "AWS::IAM::ManagedPolicy": {
        "ManagedPolicyName": "{name}",
        "PolicyDocument": {"Version": "2012-10-17", "Statement": [ALLOWED]},
    },
    "AWS::IAM::Role": {
        "RoleName": "{name}",
        "AssumeRolePolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"Service": "lambda.amazonaws.com"},
                }
            ],
        },
    },
    "AWS::Logs::LogGroup": {"LogGroupName": "{name}"},
    "AWS::Logs::ResourcePolicy": {"PolicyName": "{name}", "PolicyDocument": "{}"},
    "AWS::SNS::Topic": {"TopicName": "{name}"},
    "AWS::SSM::Parameter": {"Name": "/{name}", "Type": "String", "Value": "a"},
    "AWS::SecretsManager::Secret": {"Name": "{name}", "SecretString": "a"},
    "AWS::WAFv2::WebACL": {
        "Name": "{name}",
        "Scope": "REGIONAL",
        "DefaultAction": {"Allow": {}},
        "VisibilityConfig": VISIBLE,
    },
}
OTHER_WORDS = {"AWS::Cognito::UserPoolDomain": "Domain already associated with another user pool."}
LOG_GROUP = "AWS::Logs::LogGroup"


@pytest.fixture
def pool(emulator: Emulator) -> Iterator[str]:
    cognito = emulator.client("cognito-idp")
    made = str(cognito.create_user_pool(PoolName="taken")["UserPool"]["Id"])
    yield made
    cognito.delete_user_pool(UserPoolId=made)


def resource(kind: str, name: str, pool: str) -> dict[str, Any]:
    written = json.dumps(PROPERTIES[kind]).replace("{name}", name).replace("{pool}", pool)
    return {"Type": kind, "Properties": json.loads(written)}


def refused(stack: Stack, words: str = "already exists") -> bool:
    return any(words in each.get("ResourceStatusReason", "") for each in stack.events("Named"))


@pytest.mark.parametrize("kind", PROPERTIES)
def test_a_stack_takes_over_nothing_of_another_and_makes_its_own_when_that_is_gone(
    emulator: Emulator, name: str, pool: str, kind: str
) -> None:
    client = emulator.client("cloudformation")
    resources = {"Named": resource(kind, name, pool)}
    owner, second, third, last = (Stack(client, f"{name}-{each}") for each in ("owner", "second", "third", "last"))
    assert owner.create(resources) == "CREATE_COMPLETE"
    for stack in (second, third):
        assert stack.create(resources) == "ROLLBACK_COMPLETE"
        assert refused(stack, OTHER_WORDS.get(kind, "already exists"))
        # The rollback leaves what the owner has, which the third finds taken as well.
        stack.delete()
    assert owner.delete() == "DELETE_COMPLETE"
    assert last.create(resources) == "CREATE_COMPLETE"
    assert last.delete() == "DELETE_COMPLETE"


def test_what_a_stack_retains_is_in_the_way_of_the_next_until_it_is_deleted_or_taken_in(
    emulator: Emulator, name: str
) -> None:
    client, logs = emulator.client("cloudformation"), emulator.client("logs")
    resources = {"Named": resource(LOG_GROUP, name, "") | {"DeletionPolicy": "Retain"}}
    for leave in ("delete", "take in"):
        before, refusing = (Stack(client, f"{name}-{each}") for each in (f"before-{leave[0]}", f"refused-{leave[0]}"))
        assert before.create(resources) == "CREATE_COMPLETE"
        before.delete()
        assert refusing.create(resources) == "ROLLBACK_COMPLETE"
        assert refused(refusing)
        refusing.delete()
        if leave == "delete":
            logs.delete_log_group(logGroupName=name)
    client.create_change_set = partial(client.create_change_set, ImportExistingResources=True)
    taking = Stack(client, f"{name}-taking")
    assert taking.create(resources) == "CREATE_COMPLETE"
    taking.delete()
    logs.delete_log_group(logGroupName=name)


def test_an_update_in_place_meets_its_own_name_and_is_not_refused(emulator: Emulator, deploy: Any, name: str) -> None:
    for days in (1, 3):
        group = resource(LOG_GROUP, name, "")
        group["Properties"]["RetentionInDays"] = days
        deploy({"Resources": {"Named": group}})
    [found] = emulator.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    assert found["retentionInDays"] == 3


def identified_by_name(stacks: dict[str, SynthesizedStack]) -> set[str]:
    """Types whose identifier the templates themselves give, as a text: CloudFormation refuses a second of each."""
    found = set()
    for stack in stacks.values():
        for each in stack.template["Resources"].values():
            schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, each["Type"]).schema
            given = set(schema["primaryIdentifier"]) - set(schema.get("readOnlyProperties", []))
            texts = [each.get("Properties", {}).get(path.rpartition("/")[2]) for path in given]
            if texts and all(isinstance(text, str) for text in texts):
                found.add(each["Type"])
    return found


def unrefused(stacks: dict[str, SynthesizedStack]) -> set[str]:
    named = identified_by_name(stacks) | set(NAMED) | set(taken_names.TYPES)
    return named - set(left_out.TYPES) - set(UNNAMED) - set(PROPERTIES)


def test_every_type_that_preflight_or_cloudformation_takes_for_named_is_refused_here_too(
    stacks: dict[str, SynthesizedStack],
) -> None:
    assert {"AWS::CloudWatch::Dashboard", LOG_GROUP} <= identified_by_name(stacks)
    assert unrefused(stacks) == set()


@pytest.mark.parametrize(("given", "found"), [({"RepositoryName": "a"}, {"AWS::ECR::Repository"}), ({}, set())])
def test_a_planted_type_that_is_named_and_not_refused_is_found(
    stacks: dict[str, SynthesizedStack], given: dict[str, str], found: set[str]
) -> None:
    planted = {"Resources": {"Planted": {"Type": "AWS::ECR::Repository", "Properties": given}}}
    assert unrefused({"planted": replace(stacks["otto-dev-identity"], template=planted)}) == found
