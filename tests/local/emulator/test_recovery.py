"""Which stacks a deploy clears away first: those that were never complete, and of those whatever they left."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from local.emulator.process import Emulator
from stacks.environments import ENVIRONMENTS
from tests.local.emulator.protected import FAILING, KINDS, Kept, Stack
from tools import recovery

[STAGING] = [environment for environment in ENVIRONMENTS if environment.name == "staging"]
RETAINED = {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}


@pytest.fixture
def stack(emulator: Emulator, name: str) -> Iterator[Stack]:
    made = Stack(emulator.client("cloudformation"), f"otto-staging-{name}")
    yield made
    with suppress(made.client.exceptions.ClientError):  # the test has cleared it away
        made.delete()


def failed(emulator: Emulator, name: str) -> list[str]:
    return [each for each in recovery.failed(STAGING, emulator.client) if f"stack/{name}/" in each]


@pytest.mark.parametrize(("policy", "deleted"), [(RETAINED, False), ({}, False), ({}, True)])
def test_what_a_failed_creation_left_is_cleared_away(
    emulator: Emulator, stack: Stack, kept: Kept, policy: dict[str, str], deleted: bool
) -> None:
    before = kept.ids
    assert stack.create({"Kept": KINDS[kept.kind] | policy, "Failing": FAILING}) == "ROLLBACK_FAILED"
    [made] = kept.ids - before
    if deleted:
        assert stack.delete() == "DELETE_FAILED"
    [found] = failed(emulator, stack.name)
    told = list(recovery.clear(found, emulator.client))
    assert (kept.ids, failed(emulator, stack.name)) == (before, [])
    created = f"{KINDS[kept.kind]['Type']} {made}, which the creation made and its rollback could not delete"
    guarded = "switched off its termination protection: it guards nothing that was ever complete"
    assert told == [
        f"{stack.name}: {each}"
        for each in (
            "its first creation failed and was rolled back; clearing it away, so that it is created anew",
            *([] if deleted else [guarded]),
            f"deleted {created}",
            "deleted the stack",
        )
    ]


def test_a_stack_that_was_complete_is_never_cleared_away(emulator: Emulator, stack: Stack, kept: Kept) -> None:
    assert stack.create({"Kept": KINDS[kept.kind]}) == "CREATE_COMPLETE"
    assert failed(emulator, stack.name) == []
    assert stack.delete() == "DELETE_FAILED"
    assert failed(emulator, stack.name) == []


@pytest.mark.parametrize("name", ["otto-staging-delivery", "otto-prod-profiles", "otto-stagingx", "CDKToolkit-2"])
def test_a_stack_of_another_is_never_cleared_away(emulator: Emulator, name: str) -> None:
    another = Stack(emulator.client("cloudformation"), name)
    fault = {key: value for key, value in FAILING.items() if key != "DependsOn"}
    assert another.create({"Failing": fault}) == "ROLLBACK_COMPLETE"
    assert failed(emulator, name) == []
    another.delete()


def test_what_it_cannot_delete_is_named(stack: Stack) -> None:
    """Nothing of ours is so: a bucket that is not empty, which no rollback deletes."""
    events: list[dict[str, Any]] = [
        {"ResourceType": "AWS::S3::Bucket", "PhysicalResourceId": "b", "ResourceStatus": status}
        for status in ("DELETE_FAILED", "CREATE_COMPLETE")
    ]
    stack.create({"Failing": {key: value for key, value in FAILING.items() if key != "DependsOn"}})

    class Client:
        """CloudFormation's, whose stack had a bucket."""

        def __getattr__(self, name: str) -> Any:
            return getattr(stack.client, name)

        def get_paginator(self, _: str) -> Any:
            return self

        def paginate(self, **_: str) -> list[dict[str, Any]]:
            return [{"StackEvents": events}]

    identity = stack.client.describe_stacks(StackName=stack.name)["Stacks"][0]["StackId"]
    told = list(recovery.clear(identity, lambda _: Client()))
    assert f"{stack.name}: AWS::S3::Bucket b may stay behind: delete it if the creation finds it in its way" in told
