"""Import of a user pool domain: what exists is taken over, what does not is refused as AWS refuses it."""

import json
from typing import Any

import pytest

from local.emulator.process import Emulator
from tests.local.waiting import wait


def change_set(emulator: Emulator, name: str, pool: str, domain: str) -> Any:
    """The settled change set that would import `domain` of `pool` into a new stack."""
    resource = {
        "Type": "AWS::Cognito::UserPoolDomain",
        "DeletionPolicy": "Retain",
        "Properties": {"UserPoolId": pool, "Domain": domain},
    }
    client = emulator.client("cloudformation")
    made = client.create_change_set(
        StackName=name,
        ChangeSetName="import",
        ChangeSetType="IMPORT",
        TemplateBody=json.dumps({"Resources": {"Domain": resource}}),
        ResourcesToImport=[
            {
                "ResourceType": resource["Type"],
                "LogicalResourceId": "Domain",
                "ResourceIdentifier": resource["Properties"],
            }
        ],
    )

    def settled() -> Any:
        found = client.describe_change_set(ChangeSetName=made["Id"])
        return None if found["Status"].endswith(("IN_PROGRESS", "PENDING")) else found

    return wait(settled)


@pytest.fixture
def pool(emulator: Emulator, name: str) -> str:
    cognito = emulator.client("cognito-idp")
    pool_id: str = cognito.create_user_pool(PoolName=name)["UserPool"]["Id"]
    cognito.create_user_pool_domain(UserPoolId=pool_id, Domain=name)
    return pool_id


def test_existing_domain_of_the_pool_can_be_imported(emulator: Emulator, name: str, pool: str) -> None:
    found = change_set(emulator, name, pool, name)
    assert (found["Status"], found["ExecutionStatus"]) == ("CREATE_COMPLETE", "AVAILABLE")


@pytest.mark.parametrize(("of_another_pool", "domain"), [(False, "nobody-has-this"), (True, None)])
def test_domain_that_the_pool_has_not_is_refused(
    emulator: Emulator, name: str, pool: str, of_another_pool: bool, domain: str | None
) -> None:
    if of_another_pool:
        pool = emulator.client("cognito-idp").create_user_pool(PoolName="other")["UserPool"]["Id"]
    found = change_set(emulator, name, pool, domain or name)
    assert (found["Status"], found["StatusReason"]) == (
        "FAILED",
        f"Resource of type 'AWS::Cognito::UserPoolDomain' with identifier '{pool}|{domain or name}' was not found.",
    )
