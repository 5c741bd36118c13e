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
from .patience import Patience
from .ports import AppClients, RotationFailed, Secrets, TokenEndpoint
from .rotation import Rotation
from .secrets_manager import SecretsManager
from .token_endpoint import OAuthTokenEndpoint

FIELDS: Final = {"step": "Step", "secret": "SecretId", "version": "ClientRequestToken"}
"""What a log line calls each field of Secrets Manager's event."""


class Context(Protocol):
    """What is used of Lambda's context."""

    @property
    def aws_request_id(self) -> str: ...

    def get_remaining_time_in_millis(self) -> int: ...


@functools.cache
def _world() -> tuple[Secrets, AppClients, TokenEndpoint]:
    """The adapters, once per container."""
    return (
        SecretsManager.connect(),
        UserPool.connect(os.environ["USER_POOL_ID"]),
        OAuthTokenEndpoint(os.environ["TOKEN_ENDPOINT"]),
    )


def handle(event: Mapping[str, Any], context: Context) -> None:
    """Run one step. Raises RotationFailed, with a message that is safe to show, for every failure."""
    for library in ("boto3", "botocore", "urllib3"):  # at DEBUG they write request bodies, whoever turns that on
        logging.getLogger(library).setLevel(logging.WARNING)
    told = {name: event.get(field) for name, field in FIELDS.items()}
    failure = None
    try:
        if wrong := [FIELDS[name] for name, value in told.items() if not isinstance(value, str) or not value]:
            raise RotationFailed(f"not an event of Secrets Manager's: {', '.join(wrong)} must be text")
        patience = Patience(lambda: context.get_remaining_time_in_millis() / 1000)
        rotation = Rotation(*_world(), patience, str(told["secret"]), str(told["version"]))
        told["outcome"] = rotation.run(str(told["step"]))
    except RotationFailed as error:
        failure = str(error)
    except Exception as error:  # noqa: BLE001 - its text may quote a value, so only its kind and place go on
        place = traceback.extract_tb(error.__traceback__)[-1]
        failure = f"{told['secret']}: {type(error).__name__} at {place.name}:{place.lineno}"
    _say(context.aws_request_id, told | ({"failure": failure} if failure else {}))
    if failure:
        raise RotationFailed(failure)  # outside of `except`: no cause, no context


def _say(request_id: str, told: Mapping[str, Any]) -> None:
    """One line with the fields that `profiles` writes too. Lambda passes a line of JSON on as it is."""
    line = {
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "level": "ERROR" if "failure" in told else "INFO",
        "message": "rotation step failed" if "failure" in told else "rotation step done",
        "request_id": request_id,
        **told,
    }
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()
