"""`AWS::SecretsManager::RotationSchedule`, a type that ministack 1.5.33 lacks: registered in its tables.

See https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-secretsmanager-rotationschedule.html.
Making or changing a schedule rotates at once unless RotateImmediatelyOnUpdate is false; taking it away cancels it.
"""

from typing import Final

from local.emulator import rotation, stack_types
from local.emulator.actions import Members, RefusedError
from local.emulator.secret_versions import RESOLVE
from local.emulator.stack_types import Provisioned, is_true, provisioned, refused

TYPE: Final = "AWS::SecretsManager::RotationSchedule"


def _rotate(props: Members) -> Provisioned:
    if "HostedRotationLambda" in props:
        raise ValueError(f"{TYPE}: HostedRotationLambda is not emulated: give RotationLambdaARN")
    immediately = props.get("RotateImmediatelyOnUpdate", True)
    wanted = {key: props[key] for key in ("SecretId", "RotationLambdaARN", "RotationRules") if key in props}
    try:
        rotation.rotate(wanted | {"RotateImmediately": is_true(immediately)})
    except RefusedError as refusal:
        raise refused(refusal) from None
    return provisioned(props["SecretId"])


def _create(_logical_id: str, props: Members, _stack_name: str) -> Provisioned:
    return _rotate(props)


def _update(_arn: str, _old: Members, new: Members, _stack_name: str, _logical_id: str) -> Provisioned:
    return _rotate(new)


def _delete(arn: str, _props: Members) -> None:
    if RESOLVE(arn)[1] is not None:
        rotation.cancel({"SecretId": arn})


def _read(arn: str, _props: Members) -> Members | None:
    secret = RESOLVE(arn)[1]
    if secret is None or not secret.get("RotationEnabled"):
        return None
    return {"RotationLambdaARN": secret["RotationLambdaARN"], "RotationRules": secret["RotationRules"]}


def install() -> None:
    """Register the type."""
    stack_types.register(
        TYPE,
        replacing=("SecretId",),
        reader=_read,
        readable=("RotationLambdaARN", "RotationRules"),
        create=_create,
        update=_update,
        delete=_delete,
    )
