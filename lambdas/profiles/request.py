"""One request as API Gateway's REST Lambda proxy integration describes it, read and checked piece by piece."""

import base64
import binascii
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final

from . import json_text, media_type
from .errors import Flaw, InvalidError
from .preconditions import condition
from .profile import Value
from .text import shows
from .versions import Condition

LARGEST: Final = 64 * 1024
"""Bytes of a body. What is kept of one is no larger, but for a few names: far below DynamoDB's 400 KB."""
FLAWS: Final[Mapping[str, str]] = {
    "missing": "the parameter is missing or blank: write ?uri= and one percent-encoded profile URI",
    "repeated": "the parameter is there {times} times: write ?uri= and one percent-encoded profile URI",
}
"""Every reason for which a request names no one profile."""


class TooLargeError(Exception):
    """The body is larger than LARGEST."""


class MediaTypeError(Exception):
    """The body is not declared to be JSON."""


class CodingError(Exception):
    """The body is declared to be compressed, or coded in another way."""


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
        if len(values) > 1:
            raise InvalidError(Flaw(FLAWS["repeated"].format(times=len(values))))
        if not values or not shows(values[0]):
            raise InvalidError(Flaw(FLAWS["missing"]))
        return str(values[0])

    @property
    def condition(self) -> Condition:
        """Raises HeaderError."""
        return condition(self._headers.get("if-match"), self._headers.get("if-none-match"))

    @property
    def document(self) -> Value:
        """The body. Raises MediaTypeError, CodingError, TooLargeError, JsonError."""
        if not media_type.is_json(self._headers.get("content-type", "")):
            raise MediaTypeError
        if media_type.is_coded(self._headers.get("content-encoding", "")):
            raise CodingError
        body = self._event.get("body") or ""
        # surrogatepass: half a pair in the event becomes bytes that are not UTF-8, which the decoder refuses.
        data = body.encode("utf-8", "surrogatepass")
        if self._event.get("isBase64Encoded"):
            try:
                data = base64.b64decode(data, validate=True)
            except binascii.Error:
                raise json_text.JsonError("base64") from None
        if len(data) > LARGEST:
            raise TooLargeError
        return json_text.decode(data)

    @cached_property
    def _headers(self) -> Mapping[str, str]:
        """Each by its name in lower case; lines of one name are one list (RFC 9110 §5.2)."""
        found: dict[str, str] = {}
        for key, values in (self._event.get("multiValueHeaders") or {}).items():
            name = key.lower()
            for line in values:
                found[name] = f"{found[name]}, {line}" if name in found else line
        return found
