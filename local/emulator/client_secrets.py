"""Two secrets for one app client, which ministack 1.5.33 lacks.

Extends `services.cognito`: `_dispatch_idp` learns three actions, the token endpoint's `_authenticate_client` takes
either secret, and what describes a client (CloudFormation's `_cognito_user_pool_client_attributes` too) shows no other
than the first. Shapes and errors are those of botocore's cognito-idp model; see
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AddUserPoolClientSecret.html.

Not documented by AWS, and chosen here: the same value may be added twice; deleting the first secret removes
`ClientSecret` from DescribeUserPoolClient and `Fn::GetAtt` for good, and adding one never changes it.
"""

import hmac
import json
import re
import secrets
import string
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Final

from local.emulator.actions import Action, Answer, Members, RefusedError, answering
from local.emulator.hooks import Hook

_DISPATCH: Final = Hook("services.cognito", "_dispatch_idp", ("action", "data"))
_AUTHENTICATE: Final = Hook("services.cognito", "_authenticate_client", ("headers", "form"))
_RESOLVE_POOL: Final = Hook("services.cognito", "_resolve_pool", ("pool_id",))
_FIND_POOL: Final = Hook("services.cognito", "_find_pool_by_client_id", ("client_id",))
_ATTRIBUTES: Final = Hook("services.cloudformation.provisioners", "_cognito_user_pool_client_attributes", ("client",))
_SHOWING_A_CLIENT: Final = (
    Hook("services.cognito", "_describe_user_pool_client", ("data",)),
    Hook("services.cognito", "_update_user_pool_client", ("data",)),
)
HOOKS: Final = (
    _DISPATCH, _AUTHENTICATE, _RESOLVE_POOL, _FIND_POOL, _ATTRIBUTES,
    *_SHOWING_A_CLIENT,
)  # fmt: skip

MOST: Final = 2
_VALUE: Final = re.compile(r"[\w+]{24,64}", re.ASCII)
_ALPHABET: Final = string.ascii_lowercase + string.digits
_SECRETS: Final = "_client_secrets"  # ministack shows no member of a pool that starts with an underscore
lock = threading.Lock()


def _client(data: Members) -> tuple[Members, Members]:
    """The pool and the app client that a request names."""
    pool, _ = _RESOLVE_POOL(data.get("UserPoolId"))
    if pool is None:
        raise RefusedError("ResourceNotFoundException", f"User pool {data.get('UserPoolId')} does not exist.")
    client = pool["_clients"].get(data.get("ClientId"))
    if client is None:
        raise RefusedError("ResourceNotFoundException", f"User pool client {data.get('ClientId')} does not exist.")
    if not client.get("ClientSecret"):
        raise RefusedError("InvalidParameterException", "The app client has no secret: it is a public client.")
    return pool, client


def held(pool: Members, client: Members) -> list[Members]:
    """The client's active secrets, oldest first; the first is the one that Cognito made with the client."""
    everyone: dict[str, list[Members]] = pool.setdefault(_SECRETS, {})
    first = {"id": "", "value": client["ClientSecret"], "created": client["CreationDate"], "first": True}
    active = everyone.setdefault(client["ClientId"], [first])
    if not active[0]["id"]:
        active[0]["id"] = _identifier(client["ClientId"], active[0]["created"])
    return active


def _identifier(client_id: str, created: float) -> str:
    return f"{client_id}--{int(created * 1000)}"


def _described(secret: Members) -> Members:
    return {"ClientSecretId": secret["id"], "ClientSecretCreateDate": secret["created"]}


def add(data: Members) -> Members:
    pool, client = _client(data)
    chosen = data.get("ClientSecret")
    if chosen is not None and not _VALUE.fullmatch(chosen):
        raise RefusedError(
            "InvalidParameterException",
            r"1 validation error detected: Value at 'clientSecret' failed to satisfy constraint: "
            r"Member must have 24 to 64 characters of [\w+]",
        )
    active = held(pool, client)
    if len(active) >= MOST:
        raise RefusedError("LimitExceededException", f"The app client already has {MOST} active secrets.")
    created = time.time()
    while _identifier(client["ClientId"], created) == active[-1]["id"]:
        created += 0.001
    value = chosen or "".join(secrets.choice(_ALPHABET) for _ in range(52))
    secret = {"id": _identifier(client["ClientId"], created), "value": value, "created": created, "first": False}
    active.append(secret)
    generated = {} if chosen else {"ClientSecretValue": value}
    return {"ClientSecretDescriptor": _described(secret) | generated}


def _list(data: Members) -> Members:
    pool, client = _client(data)
    return {"ClientSecrets": [_described(secret) for secret in held(pool, client)]}


def _delete(data: Members) -> Members:
    pool, client = _client(data)
    active = held(pool, client)
    doomed = [secret for secret in active if secret["id"] == data.get("ClientSecretId")]
    if not doomed:
        raise RefusedError("ResourceNotFoundException", f"Client secret {data.get('ClientSecretId')} does not exist.")
    if len(active) == 1:
        raise RefusedError("InvalidParameterException", "The last remaining secret of an app client can't be deleted.")
    end(client, active, doomed[0])
    return {}


def end(client: Members, active: list[Members], doomed: Members) -> None:
    """Take one of the active secrets away."""
    active.remove(doomed)
    if doomed["first"]:
        # ministack takes a client without this member for a public one: keep a value that nobody knows.
        client["ClientSecret"] = secrets.token_urlsafe(48)


_ACTIONS: Final[dict[str, Callable[[Members], Members]]] = {
    "AddUserPoolClientSecret": add,
    "ListUserPoolClientSecrets": _list,
    "DeleteUserPoolClientSecret": _delete,
}


def _dispatching(original: Callable[[str, Members], Awaitable[Answer]]) -> Callable[..., Awaitable[Answer]]:
    async def dispatch(action: str, data: Members) -> Answer:
        act = _ACTIONS.get(action)
        if act is None:
            return await original(action, data)
        with lock:
            return answering(act)(data)

    return dispatch


def _authenticating(original: Callable[..., tuple[str, str]]) -> Callable[..., tuple[str, str]]:
    def authenticate(headers: Members, form: Members) -> tuple[str, str]:
        """The client's id and, for any of its active secrets, the one value that ministack compares with."""
        client_id, given = original(headers, form)
        _, pool, client = _FIND_POOL(client_id)
        if client is None or not client.get("ClientSecret"):
            return client_id, given
        with lock:
            active = [secret["value"] for secret in held(pool, client)]
        matches = any(hmac.compare_digest(given.encode(), value.encode()) for value in active)
        return client_id, client["ClientSecret"] if matches else given

    return authenticate


def _lost_first(client: Members) -> bool:
    _, pool, _ = _FIND_POOL(client.get("ClientId"))
    return pool is not None and not any(
        secret["first"] for secret in pool.get(_SECRETS, {}).get(client["ClientId"], [{"first": True}])
    )


def _showing(original: Action) -> Action:
    def show(data: Members) -> Answer:
        status, headers, body = original(data)
        answer = json.loads(body)
        if status != 200 or not _lost_first(answer["UserPoolClient"]):
            return status, headers, body
        del answer["UserPoolClient"]["ClientSecret"]
        return status, headers, json.dumps(answer).encode()

    return show


def _attributing(original: Callable[[Members], Members]) -> Callable[[Members], Members]:
    def attributes(client: Members) -> Members:
        return original(client) | ({"ClientSecret": ""} if _lost_first(client) else {})

    return attributes


def install() -> None:
    """Teach ministack's Cognito two secrets a client."""
    _DISPATCH.replace(_dispatching)
    _AUTHENTICATE.replace(_authenticating)
    _ATTRIBUTES.replace(_attributing)
    for action in _SHOWING_A_CLIENT:
        action.replace(_showing)
