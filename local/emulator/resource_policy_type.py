"""`AWS::SecretsManager::ResourcePolicy`, a type that ministack 1.5.33 lacks: registered in its tables.

See https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-secretsmanager-resourcepolicy.html.
"""

import json
from typing import Final

from local.emulator import stack_types
from local.emulator.actions import Members, RefusedError
from local.emulator.hooks import Hook
from local.emulator.secret_versions import PUT_POLICY
from local.emulator.stack_types import Provisioned, is_true, provisioned, refused

_DELETE: Final = Hook("services.secretsmanager", "_delete_resource_policy", ("data",))
_POLICIES: Final = Hook("services.secretsmanager", "_resource_policies")
HOOKS: Final = (_DELETE, _POLICIES)

TYPE: Final = "AWS::SecretsManager::ResourcePolicy"


def _put(props: Members) -> Provisioned:
    block = is_true(props.get("BlockPublicPolicy", False))
    request = {"SecretId": props["SecretId"], "ResourcePolicy": json.dumps(props["ResourcePolicy"])}
    status, _, body = PUT_POLICY(request | {"BlockPublicPolicy": block})
    if status != 200:
        answer = json.loads(body)
        raise refused(RefusedError(answer["__type"], answer["message"]))
    return provisioned(props["SecretId"])


def _create(_logical_id: str, props: Members, _stack_name: str) -> Provisioned:
    return _put(props)


def _update(_arn: str, _old: Members, new: Members, _stack_name: str, _logical_id: str) -> Provisioned:
    return _put(new)


def _delete(arn: str, _props: Members) -> None:
    _DELETE({"SecretId": arn})


def _read(arn: str, _props: Members) -> Members | None:
    policy = _POLICIES.value.get(arn)
    return None if policy is None else {"ResourcePolicy": json.loads(policy)}


def install() -> None:
    """Register the type."""
    stack_types.register(
        TYPE,
        replacing=("SecretId",),
        reader=_read,
        readable=("ResourcePolicy",),
        create=_create,
        update=_update,
        delete=_delete,
    )
