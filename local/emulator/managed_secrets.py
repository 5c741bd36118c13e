"""Secrets of app clients that Cognito keeps and rotates in Secrets Manager, which ministack 1.5.33 lacks.

Extends `services.cognito` and `services.secretsmanager._rotate_secret`. Each behaviour is in the text of botocore
1.44.8's cognito-idp model (2026-11-25), of `PublishSecretsInAWSSecretsManager` and of `ClientSecretArn`.

Not documented by AWS, and chosen here: the secret's name; RotateSecret rotates it at once, and nothing does so by the
clock; each rotation ends the older of two secrets, as the first is said to; a client without a secret is left as it is;
turned off, the client's secrets stay good, and Describe shows the newest again.
"""

import json
import time
import uuid
from collections.abc import Callable
from typing import Final

from local.emulator import client_secrets
from local.emulator.actions import Action, Answer, Members, answering
from local.emulator.hooks import Hook
from local.emulator.rotation_schedule import require_rules
from local.emulator.secret_versions import CREATE, PUT, RESOLVE, find

_RESOLVE_POOL: Final = Hook("services.cognito", "_resolve_pool", ("pool_id",))
_CREATE_CLIENT: Final = Hook("services.cognito", "_create_user_pool_client", ("data",))
_DESCRIBE_CLIENT: Final = Hook("services.cognito", "_describe_user_pool_client", ("data",))
_UPDATE_CLIENT: Final = Hook("services.cognito", "_update_user_pool_client", ("data",))
_DELETE_SECRET: Final = Hook("services.secretsmanager", "_delete_secret", ("data",))
_ROTATE: Final = Hook("services.secretsmanager", "_rotate_secret", ("data",))
HOOKS: Final = (_RESOLVE_POOL, _CREATE_CLIENT, _DESCRIBE_CLIENT, _UPDATE_CLIENT, _DELETE_SECRET, _ROTATE)

DAYS: Final = 7
"""Between two rotations, unless the schedule is changed in Secrets Manager."""
_MANAGED: Final = "_managed_secrets"  # of a pool: a managed secret's ARN by the client's id
_OWNER: Final = "_cognito"  # of a managed secret: the pool's and the client's id


def _publish(pool: Members, client: Members) -> None:
    """Keep the client's secret in Secrets Manager, and rotate it right away."""
    name = f"cognito-idp!{client['UserPoolId']}/{client['ClientId']}"
    newest = client_secrets.held(pool, client)[-1]["value"]
    arn = json.loads(CREATE({"Name": name, "SecretString": _value(client, newest)})[2])["ARN"]
    pool.setdefault(_MANAGED, {})[client["ClientId"]] = arn
    rules = {"AutomaticallyAfterDays": DAYS}
    RESOLVE(arn)[1].update(
        {"RotationEnabled": True, "RotationRules": rules, _OWNER: [client["UserPoolId"], client["ClientId"]]}
    )
    _renew(pool, client)


def _value(client: Members, secret: str) -> str:
    return json.dumps(
        {"userPoolId": client["UserPoolId"], "userPoolClientId": client["ClientId"], "clientSecretValue": secret}
    )


def _renew(pool: Members, client: Members) -> str:
    """Rotate: the older of two secrets ends, and a new one is the current value. Returns its version's id."""
    active = client_secrets.held(pool, client)
    if len(active) == client_secrets.MOST:
        client_secrets.end(client, active, active[0])
    made = client_secrets.add({"UserPoolId": client["UserPoolId"], "ClientId": client["ClientId"]})
    value = _value(client, made["ClientSecretDescriptor"]["ClientSecretValue"])
    arn, version = pool[_MANAGED][client["ClientId"]], str(uuid.uuid4())
    PUT({"SecretId": arn, "SecretString": value, "ClientRequestToken": version})
    RESOLVE(arn)[1]["LastRotatedDate"] = int(time.time())
    return version


def _withdraw(pool: Members, client: Members) -> None:
    """Move the secret back to Cognito: the one in Secrets Manager is gone at once, without a recovery window."""
    _DELETE_SECRET({"SecretId": pool[_MANAGED].pop(client["ClientId"]), "ForceDeleteWithoutRecovery": True})
    active = client_secrets.held(pool, client)
    for each in active:
        each["first"] = each is active[-1]
    client["ClientSecret"] = active[-1]["value"]


def _setting(original: Action) -> Action:
    """Create and Update: omitted, nothing changes; it applies only to clients with a generated secret."""

    def act(data: Members) -> Answer:
        status, headers, body = original(data)
        if status != 200:
            return status, headers, body
        client_id = json.loads(body)["UserPoolClient"]["ClientId"]
        pool, _ = _RESOLVE_POOL(data["UserPoolId"])
        client, managed = pool["_clients"][client_id], client_id in pool.get(_MANAGED, {})
        wanted = data.get("PublishSecretsInAWSSecretsManager")
        if client.get("ClientSecret") and wanted is not None and wanted != managed:
            with client_secrets.lock:
                (_publish if wanted else _withdraw)(pool, client)
        answer: Answer = _DESCRIBE_CLIENT({"UserPoolId": data["UserPoolId"], "ClientId": client_id})
        return answer

    return act


def _showing(original: Action) -> Action:
    """`ClientSecretArn` instead of `ClientSecret` for app clients whose secret Cognito manages."""

    def show(data: Members) -> Answer:
        status, headers, body = original(data)
        pool, _ = _RESOLVE_POOL(data.get("UserPoolId"))
        arn = (pool or {}).get(_MANAGED, {}).get(data.get("ClientId"))
        if status != 200 or arn is None:
            return status, headers, body
        client = json.loads(body)["UserPoolClient"]
        client.pop("ClientSecret", None)
        return status, headers, json.dumps({"UserPoolClient": client | {"ClientSecretArn": arn}}).encode()

    return show


def _rotate(data: Members) -> Members:
    """Change the schedule of a managed secret, and rotate it unless `RotateImmediately` is false."""
    secret = find(data)
    pool_id, client_id = secret[_OWNER]
    if rules := data.get("RotationRules"):
        require_rules(rules)
        secret["RotationRules"] = rules
    answer = {"ARN": secret["ARN"], "Name": secret["Name"]}
    if not data.get("RotateImmediately", True):
        return answer
    pool, _ = _RESOLVE_POOL(pool_id)
    with client_secrets.lock:
        return answer | {"VersionId": _renew(pool, pool["_clients"][client_id])}


def _rotating(original: Callable[[Members], Answer]) -> Callable[[Members], Answer]:
    def rotate(data: Members) -> Answer:
        managed = _OWNER in (RESOLVE(data.get("SecretId"))[1] or {})
        return answering(_rotate)(data) if managed else original(data)

    return rotate


def install() -> None:
    """Teach ministack's Cognito managed secrets; after the two secrets of a client, and after rotation."""
    _DESCRIBE_CLIENT.replace(_showing)
    for action in (_CREATE_CLIENT, _UPDATE_CLIENT):
        action.replace(_setting)
    _ROTATE.replace(_rotating)
