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
from typing import Any, Protocol

from .cognito import UserPool
from .patience import Patience
from .ports import AppClients, RotationFailed, Secrets, TokenEndpoint
from .rotation import Rotation
from .secrets_manager import SecretsManager
from .token_endpoint import OAuthTokenEndpoint


class Context(Protocol):
    """What is used of Lambda's context."""

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
    told = {field: event.get(field) for field in ("Step", "SecretId", "ClientRequestToken")}
    failure = None
    try:
        if wrong := [field for field, value in told.items() if not isinstance(value, str) or not value]:
            raise RotationFailed(f"not an event of Secrets Manager's: {', '.join(wrong)} must be text")
        patience = Patience(lambda: context.get_remaining_time_in_millis() / 1000)
        rotation = Rotation(*_world(), patience, str(told["SecretId"]), str(told["ClientRequestToken"]))
        told["outcome"] = rotation.run(str(told["Step"]))
    except RotationFailed as error:
        failure = str(error)
    except Exception as error:  # noqa: BLE001 - its text may quote a value, so only its kind and place go on
        place = traceback.extract_tb(error.__traceback__)[-1]
        failure = f"{told['SecretId']}: {type(error).__name__} at {place.name}:{place.lineno}"
    level = {"level": "ERROR", "failure": failure} if failure else {"level": "INFO"}
    sys.stdout.write(json.dumps(told | level) + "\n")  # Lambda passes a line of JSON on as it is
    sys.stdout.flush()
    if failure:
        raise RotationFailed(failure)  # outside of `except`: no cause, no context
