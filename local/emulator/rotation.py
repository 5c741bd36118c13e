"""Rotation of a secret by its Lambda function; ministack 1.5.33 promotes a copy of the value and calls nothing.

Extends `services.secretsmanager`: replaces `_rotate_secret`, and gives `handle_request` the action
CancelRotateSecret. The function runs in ministack's own Lambda runner. See
https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html and
https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html.

AWS documents that a failed rotation is retried as a whole "multiple times", not how often: here RETRIES times, then
AWSPENDING stays and the next RotateSecret starts it again. Secrets Manager invokes the function synchronously, so a
throttled step has failed: "insufficient concurrent executions" is the first cause that AWS names,
https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot_rotation.html (2026-11-25).
"""

import json
import logging
import threading
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Final

from local.emulator.actions import Answer, Members, RefusedError, answering
from local.emulator.hooks import Hook
from local.emulator.rotation_schedule import require_rules
from local.emulator.secret_versions import REMOVE_STAGE, RESOLVE, find, label

_ROTATE: Final = Hook("services.secretsmanager", "_rotate_secret", ("data",))
_HANDLE: Final = Hook("services.secretsmanager", "handle_request", ("method", "path", "headers", "body"))
_FUNCTION: Final = Hook("services.lambda_svc", "_get_func_record_for_ref", ("function_ref",))
_BASE_FUNCTION: Final = Hook("services.lambda_svc", "_get_base_func_record_for_ref", ("function_ref",))
_RECORD: Final = Hook("services.lambda_svc", "_execution_record_for_config", ("func", "config"))
_EXECUTE: Final = Hook("services.lambda_svc", "_execute_function_with_config_scope", ("func", "event"))
_BACKGROUND: Final = Hook("core.concurrency", "spawn_background", ("fn", "args", "thread_name"))
_POLICY: Final = Hook("core.iam_evaluator", "evaluate_resource_policy", ("doc", "ctx", "service"))
_CONTEXT: Final = Hook("core.iam_evaluator", "EvalContext")
HOOKS: Final = (
    _ROTATE, _HANDLE, _FUNCTION, _BASE_FUNCTION, _RECORD, _EXECUTE, _BACKGROUND, _POLICY, _CONTEXT,
)  # fmt: skip

STEPS: Final = ("createSecret", "setSecret", "testSecret", "finishSecret")
RETRIES: Final = 2
RETRY_SECONDS: Final = 1.0
PRINCIPAL: Final = "secretsmanager.amazonaws.com"
_log = logging.getLogger("secretsmanager")
_lock = threading.Lock()
_running: dict[str, str] = {}  # a secret's ARN: the version that is being rotated in
_asked_again: set[str] = set()  # the ARNs whose rotation was asked for while it ran


def pending(secret: Members) -> str | None:
    """The version of a rotation that has not finished: AWSPENDING without AWSCURRENT."""
    for version_id, version in secret["Versions"].items():
        if "AWSPENDING" in version["Stages"] and "AWSCURRENT" not in version["Stages"]:
            return str(version_id)
    return None


def _require_invokable(secret: Members, function: str) -> None:
    base, _, _ = _BASE_FUNCTION(function)
    context = _CONTEXT(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action="lambda:InvokeFunction",
        resource_arn=function,
        region=secret["ARN"].split(":")[3],
        service_context={"aws:sourcearn": secret["ARN"], "aws:sourceaccount": secret["ARN"].split(":")[4]},
    )
    if base is None or _POLICY(base.get("policy"), context, service=PRINCIPAL).decision != "Allow":
        raise RefusedError(
            "AccessDeniedException",
            "Secrets Manager cannot invoke the specified Lambda function. "
            f"Ensure that the function policy grants access to the principal {PRINCIPAL}.",
        )


def rotate(data: Members) -> Members:
    """RotateSecret: configure the rotation, and start it unless `RotateImmediately` is false."""
    secret = find(data)
    function = data.get("RotationLambdaARN") or secret.get("RotationLambdaARN")
    rules = data.get("RotationRules") or secret.get("RotationRules") or {}
    if not function:
        raise RefusedError(
            "InvalidRequestException",
            "You tried to enable rotation on a secret that doesn't already have a Lambda function ARN configured "
            "and you didn't include such an ARN as a parameter in this call.",
        )
    require_rules(rules)
    _require_invokable(secret, function)
    secret |= {"RotationLambdaARN": function, "RotationRules": rules, "RotationEnabled": True}
    with _lock:
        running = _running.get(secret["ARN"])
        unfinished = pending(secret)
        idle = running is None or running != unfinished
        token = unfinished or data.get("ClientRequestToken") or str(uuid.uuid4())
        if idle:
            _running[secret["ARN"]] = token
        else:
            _asked_again.add(secret["ARN"])
    if not unfinished:
        empty: Members = {"SecretString": None, "SecretBinary": None, "CreatedDate": int(time.time()), "Stages": []}
        secret["Versions"].setdefault(token, empty)
        label(secret, token, "AWSPENDING")
    if idle:
        run = _rotation if unfinished or data.get("RotateImmediately", True) else _rehearsal
        _BACKGROUND(run, secret, token, thread_name="secretsmanager-rotation")
    if unfinished:
        raise RefusedError(
            "InvalidRequestException",
            "A previous rotation isn't complete. That rotation will be reattempted.",
        )
    return {"ARN": secret["ARN"], "Name": secret["Name"], "VersionId": token}


def cancel(data: Members) -> Members:
    """CancelRotateSecret: no more steps, no more schedule; the labels stay as they are."""
    secret = find(data)
    secret["RotationEnabled"] = False
    with _lock:
        token = _running.pop(secret["ARN"], None) or pending(secret)
    return {"ARN": secret["ARN"], "Name": secret["Name"]} | ({"VersionId": token} if token else {})


def _wanted(secret: Members, token: str) -> bool:
    """Whether the rotation was neither cancelled nor overtaken, and its secret still lives."""
    live = RESOLVE(secret["ARN"])[1] is secret and not secret.get("DeletedDate")
    return live and token in secret["Versions"] and _running.get(secret["ARN"]) == token


def _step(secret: Members, token: str, step: str) -> bool:
    """Invoke one step; False when it failed, or the rotation is not wanted any more."""
    event = {"Step": step, "SecretId": secret["ARN"], "ClientRequestToken": token, "RotationToken": str(uuid.uuid4())}
    if not _wanted(secret, token):
        return False
    function, config, name = _FUNCTION(secret["RotationLambdaARN"])
    if function is None:
        _log.error("rotation of %s: function %s does not exist", secret["Name"], name)
        return False
    result = _EXECUTE(_RECORD(function, config), event)
    if result.get("error") or result.get("throttle"):
        kind = (result.get("body") or {}).get("errorType") or ("throttled" if result.get("throttle") else "error")
        _log.error("rotation of %s: %s of %s failed: %s", secret["Name"], step, name, kind)
        return False
    return True


def _rotation(secret: Members, token: str) -> None:
    attempts = 0
    try:
        while not _over(secret, token, attempts):
            if attempts:
                time.sleep(RETRY_SECONDS)
            attempts += 1
            finished = all(_step(secret, token, step) for step in STEPS)
            if finished and "AWSCURRENT" in secret["Versions"].get(token, {}).get("Stages", []):
                secret["LastRotatedDate"] = int(time.time())
                return
    finally:
        with _lock:
            _forget(secret, token)


def _over(secret: Members, token: str, attempts: int) -> bool:
    """Whether to give up, unless somebody asked again meanwhile."""
    with _lock:
        if attempts <= RETRIES and _wanted(secret, token):
            return False
        asked = secret["ARN"] in _asked_again and _wanted(secret, token)
        _asked_again.discard(secret["ARN"])
        if not asked:
            _forget(secret, token)
        return not asked


def _rehearsal(secret: Members, token: str) -> None:
    """What `RotateImmediately: false` does: testSecret on a version that is then removed."""
    try:
        _step(secret, token, "testSecret")
    finally:
        REMOVE_STAGE(secret, "AWSPENDING", None)
        if not secret["Versions"].get(token, {}).get("Stages"):
            secret["Versions"].pop(token, None)
        with _lock:
            _forget(secret, token)


def _forget(secret: Members, token: str) -> None:
    if _running.get(secret["ARN"]) == token:
        del _running[secret["ARN"]]
        _asked_again.discard(secret["ARN"])


def _handling(original: Callable[..., Awaitable[Answer]]) -> Callable[..., Awaitable[Answer]]:
    async def handle(method: str, path: str, headers: Members, body: bytes, query_params: Members) -> Answer:
        if headers.get("x-amz-target", "").endswith(".CancelRotateSecret"):
            return answering(cancel)(json.loads(body))
        return await original(method, path, headers, body, query_params)

    return handle


def install() -> None:
    """Teach ministack's Secrets Manager rotation."""
    _ROTATE.replace(lambda _: answering(rotate))
    _HANDLE.replace(_handling)
