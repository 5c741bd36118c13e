"""Versions of a secret and their staging labels as Secrets Manager keeps them, where ministack 1.5.33 does not.

Extends `services.secretsmanager`: `_create_secret`, `_get_secret_value`, `_put_secret_value`, `_put_resource_policy`,
which its `handle_request` looks up by name. See
https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html and API_GetSecretValue.html.
"""

import json
import time
import uuid
from typing import Any, Final

from local.emulator.actions import Members, RefusedError, answering, guarding
from local.emulator.hooks import Hook

_MODULE: Final = "services.secretsmanager"
RESOLVE: Final = Hook(_MODULE, "_resolve", ("secret_id",))
STORE: Final = Hook(_MODULE, "_secrets")
PROMOTE: Final = Hook(_MODULE, "_apply_current_promotion", ("secret", "new_vid"))
REMOVE_STAGE: Final = Hook(_MODULE, "_remove_stage_everywhere", ("secret", "stage", "except_version_id"))
ADD_STAGE: Final = Hook(_MODULE, "_add_stage", ("secret", "version_id", "stage"))
SYNC: Final = Hook(_MODULE, "_sync_replicas", ("secret",))
CREATE: Final = Hook(_MODULE, "_create_secret", ("data",))
GET: Final = Hook(_MODULE, "_get_secret_value", ("data",))
PUT: Final = Hook(_MODULE, "_put_secret_value", ("data",))
PUT_POLICY: Final = Hook(_MODULE, "_put_resource_policy", ("data",))
HOOKS: Final = (
    RESOLVE, STORE, PROMOTE, REMOVE_STAGE, ADD_STAGE, SYNC, CREATE, GET, PUT, PUT_POLICY,
)  # fmt: skip


def find(data: Members) -> Members:
    """The live secret that a request names by name or ARN."""
    secret: Members | None = RESOLVE(data.get("SecretId"))[1]
    if secret is None:
        raise RefusedError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
    if secret.get("DeletedDate"):
        raise RefusedError(
            "InvalidRequestException",
            "You can't perform this operation on the secret because it was marked for deletion.",
        )
    return secret


def require_unused(name: str | None) -> None:
    """A secret's name is taken until its recovery window ends (API_DeleteSecret)."""
    secret = STORE.value.get(name)
    if secret is None:
        return
    if secret.get("DeletedDate"):
        raise RefusedError(
            "InvalidRequestException",
            "You can't create this secret because a secret with this name is already scheduled for deletion.",
        )
    raise RefusedError("ResourceExistsException", f"The operation failed because the secret {name} already exists.")


def is_empty(version: Members) -> bool:
    """Rotation makes a version before it has a value."""
    return version.get("SecretString") is None and version.get("SecretBinary") is None


def label(secret: Members, version_id: str, stage: str) -> None:
    """Attach `stage` to a version, and to no other."""
    if stage == "AWSCURRENT":
        PROMOTE(secret, version_id)
    else:
        REMOVE_STAGE(secret, stage, version_id)
        ADD_STAGE(secret, version_id, stage)


def _put(data: Members) -> Members:
    secret = find(data)
    value = {member: data.get(member) for member in ("SecretString", "SecretBinary")}
    if is_empty(value):
        raise RefusedError("InvalidRequestException", "You must provide either SecretString or SecretBinary.")
    version_id = data.get("ClientRequestToken") or str(uuid.uuid4())
    version = secret["Versions"].setdefault(version_id, value | {"CreatedDate": int(time.time()), "Stages": []})
    if is_empty(version):
        version.update(value)
    if {member: version.get(member) for member in value} != value:
        raise RefusedError(
            "ResourceExistsException",
            "A resource with the ID you requested already exists: a version's value can't be changed.",
        )
    for stage in data.get("VersionStages") or ["AWSCURRENT"]:
        if stage not in version["Stages"]:
            label(secret, version_id, stage)
    secret["LastChangedDate"] = int(time.time())
    SYNC(secret)
    return {
        "ARN": secret["ARN"],
        "Name": secret["Name"],
        "VersionId": version_id,
        "VersionStages": list(version["Stages"]),
    }


def _require_readable(data: Members) -> None:
    secret = find(data)
    named = secret["Versions"].get(data.get("VersionId"))
    if named is not None and data.get("VersionStage") not in (None, *named["Stages"]):
        raise RefusedError(
            "InvalidRequestException", "You provided a VersionStage that is not associated to the provided VersionId."
        )
    stage = data.get("VersionStage") or "AWSCURRENT"
    labelled = [version for version in secret["Versions"].values() if stage in version["Stages"]]
    if any(is_empty(version) for version in ([named] if named else labelled)):
        sought = f"VersionId: {data['VersionId']}" if named else f"staging label: {stage}"
        raise RefusedError(
            "ResourceNotFoundException", f"Secrets Manager can't find the specified secret value for {sought}"
        )


def _is_public(statements: Any) -> bool:
    return any(
        statement.get("Effect") == "Allow"
        and statement.get("Principal") in ("*", {"AWS": "*"}, {"AWS": ["*"]})
        and not statement.get("Condition")
        for statement in (statements if isinstance(statements, list) else [statements])
    )


def _require_sound_policy(data: Members) -> None:
    find(data)
    try:
        policy = json.loads(data.get("ResourcePolicy", ""))
        statements = policy["Statement"]
    except (ValueError, TypeError, KeyError):
        raise RefusedError("MalformedPolicyDocumentException", "The resource policy has syntax errors.") from None
    if data.get("BlockPublicPolicy") and _is_public(statements):
        raise RefusedError(
            "PublicPolicyException",
            "The BlockPublicPolicy parameter is set to true, and the resource policy did not prevent broad access "
            "to the secret.",
        )


def install() -> None:
    """Teach ministack's Secrets Manager versions and labels."""
    CREATE.replace(guarding(lambda data: require_unused(data.get("Name"))))
    GET.replace(guarding(_require_readable))
    PUT.replace(lambda _: answering(_put))
    PUT_POLICY.replace(guarding(_require_sound_policy))
