"""One request as API Gateway's REST Lambda proxy integration describes it, read and checked piece by piece."""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any, Final

from . import json_text
from .errors import Flaw, InvalidError
from .preconditions import condition
from .profile import Value
from .versions import Condition

LARGEST: Final = 64 * 1024
"""Bytes of a body. What is kept of one is at most a third larger (1e5 becomes 1E+5), far below DynamoDB's 400 KB."""
_JSON: Final = re.compile(r'application/json[ \t]*(?:;[ \t]*charset="?utf-8"?[ \t]*)?;?', re.IGNORECASE)


class TooLargeError(Exception):
    """The body is larger than LARGEST."""


class MediaTypeError(Exception):
    """The body is not declared to be JSON."""


class Request:
    """Reads nothing before it is asked for: a fault in one part must not hide the request's id from the log."""

    def __init__(self, event: Mapping[str, Any]) -> None:
        self._event = event
        self._context: Mapping[str, Any] = event.get("requestContext") or {}

    @property
    def id(self) -> str:
        return str(self._context.get("requestId", ""))

    @property
    def method(self) -> str:
        return str(self._event["httpMethod"])

    @property
    def client_id(self) -> str:
        """The app client that the authorizer found in the access token; empty without an authorizer."""
        claims = (self._context.get("authorizer") or {}).get("claims") or {}
        return str(claims.get("client_id", ""))

    @property
    def uri(self) -> str:
        """The `uri` parameter, which API Gateway has percent-decoded. Raises InvalidError."""
        values = (self._event.get("multiValueQueryStringParameters") or {}).get("uri") or []
        if len(values) != 1 or not values[0].strip():
            fault = "is missing or blank" if len(values) < 2 else f"is there {len(values)} times"
            raise InvalidError(Flaw(f"the parameter {fault}: write ?uri= and one percent-encoded profile URI"))
        return str(values[0])

    @property
    def condition(self) -> Condition:
        """Raises HeaderError."""
        return condition(self._header("if-match"), self._header("if-none-match"))

    @property
    def document(self) -> Value:
        """The body. Raises MediaTypeError, TooLargeError, JsonError."""
        if not _JSON.fullmatch((self._header("content-type") or "").strip()):
            raise MediaTypeError
        body = self._event.get("body") or ""
        # surrogatepass: half a pair in the event becomes bytes that are not UTF-8, which the decoder refuses.
        data = body.encode("utf-8", "surrogatepass")
        if self._event.get("isBase64Encoded"):
            try:
                data = base64.b64decode(data, validate=True)
            except binascii.Error:
                raise json_text.JsonError("is not the base64 it is declared to be") from None
        if len(data) > LARGEST:
            raise TooLargeError
        return json_text.decode(data)

    def _header(self, name: str) -> str | None:
        headers: Mapping[str, list[str]] = self._event.get("multiValueHeaders") or {}
        lines = [line for key, values in headers.items() if key.lower() == name for line in values]
        return ", ".join(lines) if lines else None
