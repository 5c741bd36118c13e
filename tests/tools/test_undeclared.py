"""Before a deploy: what is declared no more ends, what cannot be deployed is refused, and no data is deleted."""

import dataclasses
from typing import Any

import pytest

from stacks.environments import ENVIRONMENTS
from stacks.registry import AppClient, Grant, Group
from tools import credentials, deployed, undeclared
from tools.deployed import ClientStack
from tools.place import Place

DEV, _, PROD = ENVIRONMENTS
ROLE = "arn:aws:iam::123456789012:role/exporter"


def client(
    name: str, group: str, *environments: str, stack: str | None = None, readers: tuple[str, ...] = ()
) -> AppClient:
    return AppClient(
        owner="growth",
        contact="#otto-growth",
        purpose="Looks up the public profile of each new lead.",
        environments={each: Grant(scopes=("api.read",), readers=readers) for each in environments or ("dev",)},
        name=name,
        group=group,
        stack=stack,
        path=f"clients/{group}/{name}.yaml",
    )


def groups(*clients: AppClient) -> list[Group]:
    return [
        Group(
            name=name,
            approvers="@sellwithotto/platform",
            purpose="Services that call all the time.",
            clients=tuple(each for each in clients if each.group == name),
        )
        for name in sorted({each.group for each in clients})
    ]


def held(group: str, *clients: str, others: tuple[str, ...] = ()) -> ClientStack:
    return ClientStack(name=f"otto-dev-clients-{group}", group=group, clients=clients, others=others)


def test_three_lists_tell_what_is_declared_what_is_deployed_and_what_is_both() -> None:
    declared = groups(
        client("here", "internal"), client("new", "internal"), client("in-prod-alone", "internal", "prod")
    )
    standing = deployed.compare(declared, DEV, [held("internal", "here", "removed")], ["here", "removed", "by-hand"])
    assert (standing.both, standing.undeployed) == (["here"], ["new"])
    assert standing.undeclared == ["by-hand", "removed"]
    assert standing.moved == []


def test_what_is_deployed_and_not_declared_is_named_with_its_owner() -> None:
    standing = deployed.compare(groups(client("here", "internal")), DEV, (), ["gone", "here", "unknown"])
    told = list(credentials.undeclared(Place(environment=DEV), standing, {"gone": "growth", "here": "", "unknown": ""}))
    assert told == [
        "credentials: 2 deployed and not declared, which keep their access:",
        "gone: otto/dev/clients/gone: owner growth; make deploy ENV=dev ends it",
        "unknown: otto/dev/clients/unknown: owner unknown; make deploy ENV=dev ends it",
    ]


def test_a_stack_is_an_orphan_where_no_client_is_declared_in_it() -> None:
    declared = groups(
        client("a-job", "internal"), client("b-job", "exports", "prod"), client("c-job", "sales", stack="old")
    )
    stacks = [held(name) for name in ("exports", "internal", "old", "removed", "sales")]
    assert [stack.group for stack in undeclared.orphans(stacks, declared, DEV)] == ["exports", "removed", "sales"]
    assert [stack.group for stack in undeclared.orphans(stacks, declared, PROD)] == [
        "internal",
        "old",
        "removed",
        "sales",
    ]


class CloudFormation:
    """Writes down what it is asked to do."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def describe_stacks(self, **_: str) -> dict[str, Any]:
        return {"Stacks": [{"EnableTerminationProtection": True}]}

    def update_termination_protection(self, *, StackName: str, EnableTerminationProtection: bool) -> None:  # noqa: N803
        self.done.append(f"protection of {StackName}: {EnableTerminationProtection}")

    def delete_stack(self, *, StackName: str) -> None:  # noqa: N803
        self.done.append(f"delete {StackName}")

    def get_waiter(self, _: str) -> Any:
        return self

    def wait(self, **_: object) -> None:
        self.done.append("wait")


def test_an_orphan_is_deleted_and_told_with_whom_it_ends() -> None:
    cloudformation = CloudFormation()
    told = list(undeclared.remove(held("exports", "a-job", "b-job"), cloudformation))
    name = "otto-dev-clients-exports"
    assert told == [
        f"deletes {name}, in which no app client is declared any more; gets no token from now on: a-job, b-job"
    ]
    assert cloudformation.done == [f"protection of {name}: False", f"delete {name}", "wait"]


def test_a_stack_that_holds_anything_else_is_never_deleted() -> None:
    cloudformation = CloudFormation()
    planted = held("exports", "a-job", others=("AWS::DynamoDB::Table",))
    with pytest.raises(undeclared.RefusedError, match="not deleted, for it holds AWS::DynamoDB::Table"):
        list(undeclared.remove(planted, cloudformation))
    assert cloudformation.done == []


ARN = "arn:aws:secretsmanager:us-east-1:1:secret:"


class Stacks:
    """CloudFormation with one stack of app clients, and others that are none."""

    def __init__(self, *resources: tuple[str, str]) -> None:
        self.resources = resources

    def get_paginator(self, operation: str) -> Any:
        self.operation = operation
        return self

    def paginate(self, **_: str) -> list[dict[str, Any]]:
        if self.operation == "list_stacks":
            names = ("otto-dev-identity", "otto-dev-clients-exports", "otto-devious", "otto-prod-clients-internal")
            found = [{"StackName": name, "StackStatus": "CREATE_COMPLETE"} for name in names]
            return [{"StackSummaries": [*found, {"StackName": "otto-dev-gone", "StackStatus": "DELETE_COMPLETE"}]}]
        return [
            {
                "StackResourceSummaries": [
                    {"ResourceType": kind, "PhysicalResourceId": of, "ResourceStatus": "CREATE_COMPLETE"}
                    for kind, of in self.resources
                ]
            }
        ]


@pytest.mark.parametrize(
    ("resource", "others"),
    [
        (("AWS::Cognito::UserPoolClient", "1h57kf5cpq17m0eml12EXAMPLE"), ()),
        (("AWS::DynamoDB::Table", "a-table"), ("AWS::DynamoDB::Table",)),
        (("AWS::SecretsManager::Secret", f"{ARN}somebody/elses-abcdef"), ("AWS::SecretsManager::Secret",)),
    ],
)
def test_a_stack_of_clients_is_told_by_its_name_and_by_what_it_holds(
    resource: tuple[str, str], others: tuple[str, ...]
) -> None:
    own = ("AWS::SecretsManager::Secret", f"{ARN}otto/dev/clients/night-exporter-x1y2z3")
    assert deployed.client_stacks(Stacks(own, resource), DEV) == [held("exports", "night-exporter", others=others)]
    assert sorted(deployed.stacks(Stacks(), DEV)) == ["otto-dev-clients-exports", "otto-dev-identity"]


def test_a_moved_client_is_refused_before_anything_changes() -> None:
    declared = groups(client("a-job", "exports"))
    standing = deployed.compare(declared, DEV, [held("internal", "a-job")], ())
    with pytest.raises(undeclared.RefusedError) as refused:
        undeclared.require_deployable(standing, declared)
    assert str(refused.value) == (
        "clients/exports/a-job.yaml:1: stack: deployed in the stack of 'internal', declared in that of 'exports': "
        "add `stack: internal`, and nothing of it is lost; for new credentials under the same name, remove the file, "
        "deploy, then add it again"
    )


def test_a_moved_client_whose_stack_stays_is_deployed() -> None:
    declared = groups(client("a-job", "exports", stack="internal"))
    undeclared.require_deployable(deployed.compare(declared, DEV, [held("internal", "a-job")], ()), declared)


def test_two_that_swap_groups_are_both_refused() -> None:
    declared = groups(client("a-job", "exports"), client("b-job", "internal"))
    standing = deployed.compare(declared, DEV, [held("internal", "a-job"), held("exports", "b-job")], ())
    with pytest.raises(
        undeclared.RefusedError, match=r"a-job.yaml.*`stack: internal`(.|\n)*b-job.yaml.*`stack: exports`"
    ):
        undeclared.require_deployable(standing, declared)
    stay = [
        dataclasses.replace(each, stack=of)
        for group, of in zip(declared, ("internal", "exports"), strict=True)
        for each in group.clients
    ]
    assert deployed.compare(groups(*stay), DEV, [held("internal", "a-job"), held("exports", "b-job")], ()).moved == []


def test_a_reader_of_another_account_than_the_environments_is_refused() -> None:
    declared = groups(client("a-job", "exports", readers=(ROLE,)))
    undeclared.require_own_readers(declared, DEV, "123456789012")
    with pytest.raises(
        undeclared.RefusedError, match=f"dev.readers: {ROLE} is of another account than dev's, which is 2"
    ):
        undeclared.require_own_readers(declared, DEV, "210987654321")
