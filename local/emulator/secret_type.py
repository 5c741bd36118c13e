"""`AWS::SecretsManager::Secret` as AWS provisions it: its name, its generated value, its `Ref`.

Extends `services.cloudformation.provisioners` of ministack 1.5.33: `_sm_secret_string` ignores most settings of
GenerateSecretString and is not random enough for a secret, `_sm_secret_create` overwrites a secret of the same name,
and `Ref` is the name instead of the ARN. See
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-secretsmanager-secret.html.

CloudFormation deletes a secret without a recovery window
(https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1999), which ministack does already.
"""

import json
from collections.abc import Callable
from typing import Final

from local.emulator import stack_types
from local.emulator.actions import Members, RefusedError
from local.emulator.hooks import Hook
from local.emulator.secret_versions import RESOLVE, require_unused
from local.emulator.stack_types import Provisioned, is_true, provisioned, refused

_PROVISIONERS: Final = "services.cloudformation.provisioners"
_STRING: Final = Hook(_PROVISIONERS, "_sm_secret_string", ("props",))
_CREATE: Final = Hook(_PROVISIONERS, "_sm_secret_create", ("logical_id", "props", "stack_name"))
_UPDATE: Final = Hook(
    _PROVISIONERS, "_sm_secret_update", ("physical_id", "old_props", "new_props", "stack_name", "logical_id")
)
_DELETE: Final = Hook(_PROVISIONERS, "_sm_secret_delete", ("physical_id", "props"))
_READ: Final = Hook("services.cloudformation.drift", "_read_secret", ("physical_id", "props"))
_PHYSICAL_NAME: Final = Hook(_PROVISIONERS, "_physical_name", ("stack_name", "logical_id"))
_PASSWORD: Final = Hook("services.secretsmanager", "_get_random_password", ("data",))
HOOKS: Final = (_STRING, _CREATE, _UPDATE, _DELETE, _READ, _PHYSICAL_NAME, _PASSWORD)

TYPE: Final = "AWS::SecretsManager::Secret"


def generate(settings: Members) -> str:
    """A GenerateSecretString's value: a password, or the template with the password under its key."""
    request = {
        key: value for key, value in settings.items() if key not in ("SecretStringTemplate", "GenerateStringKey")
    }
    switches = {
        key: is_true(value) for key, value in request.items() if key not in ("PasswordLength", "ExcludeCharacters")
    }
    status, _, body = _PASSWORD(request | switches | {"PasswordLength": int(request.get("PasswordLength", 32))})
    answer = json.loads(body)
    if status != 200:
        raise ValueError(f"{TYPE}: GenerateSecretString: {answer['message']}")
    template, key = settings.get("SecretStringTemplate"), settings.get("GenerateStringKey")
    if not template and not key:
        return str(answer["RandomPassword"])
    if not (template and key):
        raise ValueError(f"{TYPE}: SecretStringTemplate and GenerateStringKey must be given together")
    try:
        return json.dumps(json.loads(template) | {key: answer["RandomPassword"]})
    except (ValueError, TypeError):
        raise ValueError(f"{TYPE}: SecretStringTemplate must be a JSON object") from None


def _secret_string(props: Members) -> str:
    if props.get("SecretString") and props.get("GenerateSecretString"):
        raise ValueError(f"{TYPE}: give SecretString or GenerateSecretString, not both")
    if "GenerateSecretString" in props:
        return generate(props["GenerateSecretString"])
    return str(props.get("SecretString", ""))


def _creating_unused(original: Callable[..., Provisioned]) -> Callable[..., Provisioned]:
    def create(logical_id: str, props: Members, stack_name: str) -> Provisioned:
        try:
            require_unused(props.get("Name") or _PHYSICAL_NAME(stack_name, logical_id))
        except RefusedError as refusal:
            raise refused(refusal) from None
        return original(logical_id, props, stack_name)

    return create


def _create(logical_id: str, props: Members, stack_name: str) -> Provisioned:
    name, attributes = _CREATE(logical_id, props, stack_name)
    return provisioned(name)[0], attributes


def _update(arn: str, old: Members, new: Members, stack_name: str, logical_id: str | None) -> Provisioned:
    name, attributes = _UPDATE(_name(arn), old, new, stack_name, logical_id)
    return provisioned(name)[0], attributes


def _delete(arn: str, props: Members) -> None:
    _DELETE(_name(arn), props)


def _name(arn: str) -> str:
    """ministack keeps secrets by name; a secret that is gone has none."""
    return RESOLVE(arn)[0] or arn


def _read(arn: str, props: Members) -> Members | None:
    read: Members | None = _READ(_name(arn), props)
    return read


def install() -> None:
    """Put the type in the place of ministack's."""
    _STRING.replace(lambda _: _secret_string)
    _CREATE.replace(_creating_unused)
    stack_types.register(
        TYPE,
        replacing=(),  # a new Name is a replacement that ministack's own update makes
        reader=_read,
        readable=("Name", "Description", "Tags"),
        create=_create,
        update=_update,
        delete=_delete,
    )
