"""A client's credentials and the platform's addresses, read from AWS. Secrets are neither logged nor quoted."""

import json
import logging
import os
import re
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ConnectionClosedError

from otto_m2m.addresses import check_address
from otto_m2m.errors import Part, TokenError

if TYPE_CHECKING:
    from collections.abc import Callable

REGION: Final = "us-east-1"
_CONFIG: Final = Config(connect_timeout=2, read_timeout=4, retries={"mode": "standard", "total_max_attempts": 2})
_LASTING: Final = {"AccessDeniedException", "InvalidRequestException", "ParameterNotFound", "ResourceNotFoundException"}
_SHAPES: Final = (("client_id", "client_secret"), ("userPoolClientId", "clientSecretValue"))
"""The platform's own secrets, and those that Cognito keeps itself (PublishSecretsInAWSSecretsManager)."""
_reading: ContextVar[bool] = ContextVar("otto_m2m_reading", default=False)


@dataclass(frozen=True)
class Credentials:
    client_id: str
    client_secret: str = field(repr=False)


class Platform:
    """What one client of one environment reads, its credentials from `secret` if that is given: a secret's name or ARN.

    Everything raises TokenError.
    """

    def __init__(self, environment: str, client: str, region: str = REGION, secret: str | None = None) -> None:
        self._environment, self._region = environment, region
        self._secret = secret or f"otto/{environment}/clients/{client}"
        self._made: tuple[int, str, Any] | None = None

    def read_address(self, name: str) -> str:
        """Read an address, such as `token-endpoint` or `profiles-api-url`, from Parameter Store."""
        parameter = f"/otto/{self._environment}/m2m/{name}"

        def ask() -> str:
            return str(self._service("ssm").get_parameter(Name=parameter)["Parameter"]["Value"])

        return check_address(self._ask("addresses", parameter, ask), parameter)

    def read_credentials(self) -> Credentials:
        """Read the credentials from Secrets Manager, each time anew: a rotated secret needs no restart."""
        secret = self._secret
        # At level DEBUG botocore logs the body of each answer, and with it the secret.
        quiet = _reading.set(True)
        try:
            found = self._ask(
                "credentials", secret, lambda: self._service("secretsmanager").get_secret_value(SecretId=secret)
            )
        finally:
            _reading.reset(quiet)
        credentials = _parse(found)
        if credentials is None:
            raise TokenError("credentials", f"{secret}: not JSON with client_id and client_secret", lasting=True)
        return credentials

    def _service(self, name: str) -> Any:
        """One boto3 client at a time, made anew in a forked process: the parent's holds its connections and locks."""
        made = self._made
        if made is None or made[:2] != (os.getpid(), name):
            session = boto3.Session(region_name=self._region)
            client: Any = session.client(name, config=_CONFIG)  # type: ignore[call-overload]
            client.meta.events.register("needs-retry", _require_whole)
            made = self._made = (os.getpid(), name, client)
        return made[2]

    def _ask(self, part: Part, what: str, ask: "Callable[[], Any]") -> Any:
        try:
            return ask()
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            code = code if re.fullmatch(r"\w{1,80}", code) else "an error without a code"
            raised = TokenError(part, f"{what}: {code}", lasting=code in _LASTING)
        except BotoCoreError as error:
            raised = TokenError(part, f"{what}: {type(error).__name__}")
        except Exception as error:  # noqa: BLE001 - what botocore makes of an answer that is none: its words may quote it
            raised = TokenError(part, f"{what}: {type(error).__name__}")
        raise raised


def _require_whole(response: Any, **_: object) -> None:
    """Refuse a part of an answer, which botocore takes for an empty success since 1.44."""
    answer, _parsed = response or (None, None)
    if answer is not None and answer.headers.get("content-length") not in {None, str(len(answer.content))}:
        raise ConnectionClosedError(endpoint_url=answer.url)


def _parse(found: Any) -> Credentials | None:
    try:
        stored = json.loads(found["SecretString"])
        for client_id, client_secret in _SHAPES:
            if client_id in stored:
                made = Credentials(stored[client_id], stored[client_secret])
                return made if isinstance(made.client_id, str) and isinstance(made.client_secret, str) else None
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    return None


class _Secrecy(logging.Filter):
    def filter(self, _record: logging.LogRecord) -> bool:
        return not _reading.get()


for _name in ("botocore.parsers", "botocore.endpoint", "botocore.httpsession", "botocore.awsrequest"):
    logging.getLogger(_name).addFilter(_Secrecy())
