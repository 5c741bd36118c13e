"""Secrets Manager's events in, one JSON log line out, and no value in either.

https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
"""

import functools
import json
import logging
import os
import sys
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from .cognito import UserPool
from .comparison import Comparison, Told
from .patience import Patience
from .ports import AppClients, RotationFailed, Secrets, TokenEndpoint
from .rotation import Rotation
from .sdk import describe_sdk
from .secrets_manager import SecretsManager
from .token_endpoint import OAuthTokenEndpoint

FIELDS: Final = {"step": "Step", "secret": "SecretId", "version": "ClientRequestToken"}
"""What a log line calls each field of Secrets Manager's event."""

VERSION: Final = "version"
"""The step that rotates nothing and answers with the SDK's versions, for whoever verifies a deployment."""

COMPARE: Final = "compare"
"""The step that holds the secrets of the names in `Secrets` against their app clients, and changes nothing."""


class Context(Protocol):
    """What is used of Lambda's context."""

    @property
    def aws_request_id(self) -> str: ...

    def get_remaining_time_in_millis(self) -> int: ...


@functools.cache
def _world() -> tuple[Secrets, AppClients, TokenEndpoint]:
    """The adapters, once per container, which says first what it is made of."""
    sdk = describe_sdk()
    _say("INFO" if all(sdk.values()) else "ERROR", "rotation function started", sdk)
    return (
        SecretsManager.connect(os.environ["SECRETS"]),
        UserPool.connect(os.environ["USER_POOL_ID"]),
        OAuthTokenEndpoint(os.environ["TOKEN_ENDPOINT"]),
    )


def handle(event: Mapping[str, Any], context: Context) -> Mapping[str, Any] | None:
    """Run one step. Raises RotationFailed, with a message that is safe to show, for every failure."""
    for library in ("boto3", "botocore", "urllib3"):  # at DEBUG they write request bodies, whoever turns that on
        logging.getLogger(library).setLevel(logging.WARNING)
    if event.get("Step") == VERSION:
        return describe_sdk()
    told = {"request_id": context.aws_request_id} | {name: event.get(field) for name, field in FIELDS.items()}
    failure, answer = None, None
    try:
        patience = Patience(lambda: context.get_remaining_time_in_millis() / 1000)
        if event.get("Step") == COMPARE:
            answer = _compare(event.get("Secrets"), patience)
            told["outcome"] = answer
        else:
            told["outcome"] = _rotate(event, patience)
    except RotationFailed as error:
        failure = str(error)
    except Exception as error:  # noqa: BLE001 - its text may quote a value, so only its kind and place go on
        place = traceback.extract_tb(error.__traceback__)[-1]
        failure = f"{told['secret']}: {type(error).__name__} at {place.name}:{place.lineno}"
    if failure:
        _say("ERROR", "rotation step failed", told | {"failure": failure})
        raise RotationFailed(failure)  # outside of `except`: no cause, no context
    _say("INFO", "rotation step done", told)
    return answer


def _rotate(event: Mapping[str, Any], patience: Patience) -> str:
    if wrong := [field for field in FIELDS.values() if not isinstance(event.get(field), str) or not event[field]]:
        raise RotationFailed(f"not an event of Secrets Manager's: {', '.join(wrong)} must be text")
    step, secret, version = (event[field] for field in FIELDS.values())
    return Rotation(*_world(), patience, secret, version).run(step)


def _compare(names: Any, patience: Patience) -> Told:
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        raise RotationFailed("Secrets: expected a list of the names of secrets")
    secrets, clients, _ = _world()
    return Comparison(secrets, clients, patience).run(names)


def _say(level: str, message: str, told: Mapping[str, Any]) -> None:
    """One line with the fields that `profiles` writes too. Lambda passes a line of JSON on as it is."""
    line = {
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "level": level,
        "message": message,
        **told,
    }
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()
