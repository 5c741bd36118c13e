"""What is protected is deleted by nobody: no caller, no stack, no rollback of a creation that failed."""

from typing import Any

import pytest

from local.emulator.process import Emulator
from tests.local.emulator.protected import FAILING, KEYS, KINDS, REPLICA, Kept, Stack

REFUSED = {
    "pool": "The user pool cannot be deleted because deletion protection is activated. "
    "Deletion protection must be inactivated first.",
    "table": "Resource cannot be deleted as it is currently protected against deletion. "
    "Disable deletion protection first.",
}


def test_a_protected_resource_is_deleted_once_its_protection_is_off(stack: Stack, kept: Kept) -> None:
    before = kept.ids
    assert stack.create({"Kept": KINDS[kept.kind]}) == "CREATE_COMPLETE"
    [made] = kept.ids - before
    with pytest.raises(Exception, match=REFUSED[kept.kind]):
        kept.delete(made)
    kept.release(made)
    kept.delete(made)
    assert kept.ids == before


def test_a_stack_cannot_delete_what_is_protected(stack: Stack, kept: Kept) -> None:
    before = kept.ids
    stack.create({"Kept": KINDS[kept.kind]})
    assert stack.delete() == "DELETE_FAILED"
    assert stack.events("Kept")[0]["ResourceStatusReason"] == REFUSED[kept.kind]
    [made] = kept.ids - before
    kept.release(made)
    assert stack.delete() == "DELETE_COMPLETE"
    assert kept.ids == before


def test_a_failed_creation_cannot_take_back_what_is_protected(stack: Stack, kept: Kept) -> None:
    before = kept.ids
    retained = KINDS[kept.kind] | {"DeletionPolicy": "RetainExceptOnCreate"}
    assert stack.create({"Kept": retained, "Failing": FAILING}) == "ROLLBACK_FAILED"
    assert stack.resources() == {"Kept": "DELETE_FAILED"}
    # Deleting a stack is not rolling it back: it retains, and the resource is nobody's.
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
    assert stack.delete() == "DELETE_COMPLETE"
    assert stack.events("Kept")[0]["ResourceStatus"] == "DELETE_SKIPPED"
    assert len(kept.ids - before) == 1


def test_a_failed_creation_takes_back_what_is_not_protected(stack: Stack, kept: Kept) -> None:
    before = kept.ids
    bare = {key: value for key, value in KINDS[kept.kind].items() if key != "Properties"}
    properties = KEYS | {"Replicas": [{"Region": "us-east-1"}]} if kept.kind == "table" else {}
    retained = bare | {"Properties": properties, "DeletionPolicy": "RetainExceptOnCreate"}
    assert stack.create({"Kept": retained, "Failing": FAILING}) == "ROLLBACK_COMPLETE"
    assert kept.ids == before


def test_a_table_is_protected_by_an_update_of_its_stack(emulator: Emulator, deploy: Any) -> None:
    def table(protected: bool) -> dict[str, Any]:
        replica = REPLICA | {"DeletionProtectionEnabled": protected}
        return {"Resources": {"Kept": {"Type": KINDS["table"]["Type"], "Properties": KEYS | {"Replicas": [replica]}}}}

    tables = Kept(emulator, "table")
    before = tables.ids
    deploy(table(protected=False))
    deploy(table(protected=True))
    [made] = tables.ids - before
    with pytest.raises(Exception, match=REFUSED["table"]):
        tables.delete(made)
    deploy(table(protected=False))


def test_a_protected_stack_is_not_deleted_even_when_its_creation_failed(stack: Stack, kept: Kept) -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-protect-stacks.html"""
    assert stack.create({"Kept": KINDS[kept.kind], "Failing": FAILING}) == "ROLLBACK_FAILED"
    with pytest.raises(stack.client.exceptions.ClientError, match="cannot be deleted while TerminationProtection is"):
        stack.client.delete_stack(StackName=stack.name)


def test_a_pool_is_deleted_by_nobody_before_its_domain(emulator: Emulator, stack: Stack, name: str) -> None:
    pool = {"Type": "AWS::Cognito::UserPool", "Properties": {}}
    domain = {"Type": "AWS::Cognito::UserPoolDomain", "Properties": {"Domain": name, "UserPoolId": {"Ref": "Pool"}}}
    assert stack.create({"Pool": pool, "Domain": domain | {"DeletionPolicy": "Retain"}}) == "CREATE_COMPLETE"
    assert stack.delete() == "DELETE_FAILED"
    cognito = emulator.client("cognito-idp")
    made = cognito.describe_user_pool_domain(Domain=name)["DomainDescription"]["UserPoolId"]
    with pytest.raises(
        cognito.exceptions.InvalidParameterException, match="a domain configured that should be deleted"
    ):
        cognito.delete_user_pool(UserPoolId=made)
    cognito.delete_user_pool_domain(Domain=name, UserPoolId=made)
    assert stack.delete() == "DELETE_COMPLETE"
