"""boto3 clients, and its errors as this function's own: AWS's words can echo a value, so only codes go on."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    HTTPClientError,
    ParamValidationError,
)

from .ports import Busy, Missing, RotationFailed

# Seconds. A lost reply is looked into instead of being waited for.
CONFIG = Config(connect_timeout=2, read_timeout=8, retries={"mode": "standard", "total_max_attempts": 2})

_BUSY = {
    "ConcurrentModificationException",
    "InternalErrorException",
    "InternalServerException",
    "InternalServiceError",
    "LimitExceededException",
    "ServiceUnavailable",
    "ThrottlingException",
    "TooManyRequestsException",
}


def connect(service: str) -> Any:
    """A boto3 client of a service whose answers are whole, or Busy."""
    make: Any = boto3.client  # typed for a literal name only
    client = make(service, config=CONFIG)
    client.meta.events.register("needs-retry", _require_whole)
    return client


def _require_whole(response: Any, **_: object) -> None:
    """Refuse a part of an answer, which botocore takes for an empty success since 1.44: a version without a value."""
    answer, _parsed = response or (None, None)
    if answer is not None and answer.headers.get("content-length") not in {None, str(len(answer.content))}:
        raise ConnectionClosedError(endpoint_url=answer.url)


@contextmanager
def translated(operation: str, overtaken: Mapping[str, str] | None = None) -> Iterator[None]:
    """Raise Busy, Missing or RotationFailed for what AWS raises. `overtaken` maps codes that here mean Busy to why."""
    try:
        yield
        return
    except ClientError as error:
        fault = _explain(operation, error, overtaken or {})
    except ParamValidationError:
        fault = RotationFailed(f"{operation}: botocore refused the parameters")  # its message quotes them
    except (HTTPClientError, BotoCoreError) as error:
        fault = Busy(f"{operation}: {type(error).__name__}")
    raise fault


def _explain(operation: str, error: ClientError, overtaken: Mapping[str, str]) -> Exception:
    code = error.response.get("Error", {}).get("Code", "unknown")
    metadata = error.response.get("ResponseMetadata", {})
    said = f"{operation}: {code} (request {metadata.get('RequestId', 'unknown')})"
    if code in overtaken:
        return Busy(f"{said}: {overtaken[code]}")
    if code in _BUSY or metadata.get("HTTPStatusCode", 0) >= 500:
        return Busy(said)
    if code == "ResourceNotFoundException":
        return Missing(said)
    return RotationFailed(said)
