"""CloudFormation's Secrets Manager types that ministack 1.5.33 lacks or provisions differently from AWS.

Extends `services.cloudformation`: adds to `provisioners._RESOURCE_HANDLERS`, `provisioners._REPLACING_PROPERTIES` and
`drift._DRIFT_READERS`, and replaces `provisioners._sm_secret_string` and `_sm_secret_create`. See
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_SecretsManager.html.

`Ref` of each of these types is the secret's ARN. CloudFormation deletes a secret without a recovery window
(https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1999), which ministack does already.
"""

import json
from collections.abc import Callable
from typing import Any, Final

from local.emulator import rotation
from local.emulator.hooks import Hook
from local.emulator.secret_versions import PUT_POLICY, RESOLVE, Members, RefusedError, require_unused

_PROVISIONERS: Final = "services.cloudformation.provisioners"
_HANDLERS: Final = Hook(_PROVISIONERS, "_RESOURCE_HANDLERS")
_REPLACING: Final = Hook(_PROVISIONERS, "_REPLACING_PROPERTIES")
_READERS: Final = Hook("services.cloudformation.drift", "_DRIFT_READERS")
_SECRET_STRING: Final = Hook(_PROVISIONERS, "_sm_secret_string", ("props",))
_SECRET_CREATE: Final = Hook(_PROVISIONERS, "_sm_secret_create", ("logical_id", "props", "stack_name"))
_SECRET_UPDATE: Final = Hook(
    _PROVISIONERS, "_sm_secret_update", ("physical_id", "old_props", "new_props", "stack_name", "logical_id")
)
_SECRET_DELETE: Final = Hook(_PROVISIONERS, "_sm_secret_delete", ("physical_id", "props"))
_SECRET_READ: Final = Hook("services.cloudformation.drift", "_read_secret", ("physical_id", "props"))
_PHYSICAL_NAME: Final = Hook(_PROVISIONERS, "_physical_name", ("stack_name", "logical_id"))
_PASSWORD: Final = Hook("services.secretsmanager", "_get_random_password", ("data",))
_DELETE_POLICY: Final = Hook("services.secretsmanager", "_delete_resource_policy", ("data",))
_POLICIES: Final = Hook("services.secretsmanager", "_resource_policies")
HOOKS: Final = (
    _HANDLERS, _REPLACING, _READERS, _SECRET_STRING, _SECRET_CREATE, _SECRET_UPDATE, _SECRET_DELETE, _SECRET_READ,
    _PHYSICAL_NAME, _PASSWORD, _DELETE_POLICY, _POLICIES,
)  # fmt: skip

SECRET: Final = "AWS::SecretsManager::Secret"  # noqa: S105 - the name of a type
SCHEDULE: Final = "AWS::SecretsManager::RotationSchedule"
POLICY: Final = "AWS::SecretsManager::ResourcePolicy"
Provisioned = tuple[str, Members]


def _refused(refusal: RefusedError) -> ValueError:
    """What ministack's stack engine takes for a resource that could not be made."""
    code, message = refusal.args
    return ValueError(f"{message} (Service: SecretsManager, Status Code: 400, Error Code: {code})")


def _is_true(value: Any) -> bool:
    return str(value).lower() == "true"


def _provisioned(secret_id: str) -> Provisioned:
    arn = RESOLVE(secret_id)[1]["ARN"]
    return arn, {"Id": arn}


def generate(settings: Members) -> str:
    """A GenerateSecretString's value: a password, or the template with the password under its key."""
    request = {
        key: value for key, value in settings.items() if key not in ("SecretStringTemplate", "GenerateStringKey")
    }
    switches = {
        key: _is_true(value) for key, value in request.items() if key not in ("PasswordLength", "ExcludeCharacters")
    }
    status, _, body = _PASSWORD(request | switches | {"PasswordLength": int(request.get("PasswordLength", 32))})
    answer = json.loads(body)
    if status != 200:
        raise ValueError(f"{SECRET}: GenerateSecretString: {answer['message']}")
    template, key = settings.get("SecretStringTemplate"), settings.get("GenerateStringKey")
    if not template and not key:
        return str(answer["RandomPassword"])
    if not (template and key):
        raise ValueError(f"{SECRET}: SecretStringTemplate and GenerateStringKey must be given together")
    try:
        return json.dumps(json.loads(template) | {key: answer["RandomPassword"]})
    except (ValueError, TypeError):
        raise ValueError(f"{SECRET}: SecretStringTemplate must be a JSON object") from None


def _secret_string(props: Members) -> str:
    if props.get("SecretString") and props.get("GenerateSecretString"):
        raise ValueError(f"{SECRET}: give SecretString or GenerateSecretString, not both")
    if "GenerateSecretString" in props:
        return generate(props["GenerateSecretString"])
    return str(props.get("SecretString", ""))


def _creating_unused(original: Callable[..., Provisioned]) -> Callable[..., Provisioned]:
    def create(logical_id: str, props: Members, stack_name: str) -> Provisioned:
        try:
            require_unused(props.get("Name") or _PHYSICAL_NAME(stack_name, logical_id))
        except RefusedError as refusal:
            raise _refused(refusal) from None
        return original(logical_id, props, stack_name)

    return create


def _create_secret(logical_id: str, props: Members, stack_name: str) -> Provisioned:
    name, attributes = _SECRET_CREATE(logical_id, props, stack_name)
    return _provisioned(name)[0], attributes


def _update_secret(arn: str, old: Members, new: Members, stack_name: str, logical_id: str | None) -> Provisioned:
    name, attributes = _SECRET_UPDATE(_name(arn), old, new, stack_name, logical_id)
    return _provisioned(name)[0], attributes


def _delete_secret(arn: str, props: Members) -> None:
    _SECRET_DELETE(_name(arn), props)


def _name(arn: str) -> str:
    """ministack keeps secrets by name; a secret that is gone has none."""
    return RESOLVE(arn)[0] or arn


def _schedule(props: Members) -> Provisioned:
    if "HostedRotationLambda" in props:
        raise ValueError(f"{SCHEDULE}: HostedRotationLambda is not emulated: give RotationLambdaARN")
    immediately = props.get("RotateImmediatelyOnUpdate", True)
    wanted = {key: props[key] for key in ("SecretId", "RotationLambdaARN", "RotationRules") if key in props}
    try:
        rotation.rotate(wanted | {"RotateImmediately": _is_true(immediately)})
    except RefusedError as refusal:
        raise _refused(refusal) from None
    return _provisioned(props["SecretId"])


def _create_schedule(_logical_id: str, props: Members, _stack_name: str) -> Provisioned:
    return _schedule(props)


def _update_schedule(_arn: str, _old: Members, new: Members, _stack_name: str) -> Provisioned:
    return _schedule(new)


def _delete_schedule(arn: str, _props: Members) -> None:
    if RESOLVE(arn)[1] is not None:
        rotation.cancel({"SecretId": arn})


def _read_schedule(arn: str, _props: Members) -> Members | None:
    secret = RESOLVE(arn)[1]
    if secret is None or not secret.get("RotationEnabled"):
        return None
    return {"RotationLambdaARN": secret["RotationLambdaARN"], "RotationRules": secret["RotationRules"]}


def _policy(props: Members) -> Provisioned:
    block = _is_true(props.get("BlockPublicPolicy", False))
    request = {"SecretId": props["SecretId"], "ResourcePolicy": json.dumps(props["ResourcePolicy"])}
    status, _, body = PUT_POLICY(request | {"BlockPublicPolicy": block})
    if status != 200:
        answer = json.loads(body)
        raise _refused(RefusedError(answer["__type"], answer["message"]))
    return _provisioned(props["SecretId"])


def _create_policy(_logical_id: str, props: Members, _stack_name: str) -> Provisioned:
    return _policy(props)


def _update_policy(_arn: str, _old: Members, new: Members, _stack_name: str) -> Provisioned:
    return _policy(new)


def _delete_policy(arn: str, _props: Members) -> None:
    _DELETE_POLICY({"SecretId": arn})


def _read_policy(arn: str, _props: Members) -> Members | None:
    policy = _POLICIES.value.get(arn)
    return None if policy is None else {"ResourcePolicy": json.loads(policy)}


def install() -> None:
    """Put the types into ministack's tables."""
    _SECRET_STRING.replace(lambda _: _secret_string)
    _SECRET_CREATE.replace(_creating_unused)
    _HANDLERS.value.update(
        {
            SECRET: {
                "create": _create_secret,
                "update": _update_secret,
                "update_with_logical_id": True,
                "delete": _delete_secret,
            },
            SCHEDULE: {"create": _create_schedule, "update": _update_schedule, "delete": _delete_schedule},
            POLICY: {"create": _create_policy, "update": _update_policy, "delete": _delete_policy},
        }
    )
    _REPLACING.value.update({SCHEDULE: ("SecretId",), POLICY: ("SecretId",)})
    _, secret_properties = _READERS.value[SECRET]
    _READERS.value.update(
        {
            SECRET: (lambda arn, props: _SECRET_READ(_name(arn), props), secret_properties),
            SCHEDULE: (_read_schedule, frozenset({"RotationLambdaARN", "RotationRules"})),
            POLICY: (_read_policy, frozenset({"ResourcePolicy"})),
        }
    )
