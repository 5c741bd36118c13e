"""The one place where errors become HTTP: each a status and a problem document (RFC 9457) with a stable type."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from .errors import ConditionError, ContendedError, Flaw, InvalidError, NotFoundError, UnavailableError
from .json_text import JsonError
from .preconditions import HeaderError
from .request import LARGEST, CodingError, MediaTypeError, TooLargeError


class MethodError(Exception):
    """A method that a profile does not have, among those that it has."""

    def __init__(self, allowed: Iterable[str]) -> None:
        super().__init__(", ".join(allowed))


class Kind(NamedTuple):
    """One row of the table that callers program against: the type never changes, the words may."""

    status: int
    type: str
    title: str
    detail: str
    headers: Mapping[str, str] = {}


_INVALID: Final = Kind(400, "invalid-request", "Invalid request", "Fix what `errors` names and send it again.")
KINDS: Final[Mapping[type[Exception], Kind]] = {
    InvalidError: _INVALID,
    JsonError: _INVALID,
    HeaderError: _INVALID,
    NotFoundError: Kind(404, "profile-not-found", "No such profile", "No profile is kept at this URI."),
    MethodError: Kind(405, "method-not-allowed", "Method not allowed", "Use one of the methods that Allow names."),
    ContendedError: Kind(
        409,
        "write-conflict",
        "Other writers came first",
        "Others kept changing this profile and nothing was written: read it again and decide anew.",
    ),
    ConditionError: Kind(
        412,
        "precondition-failed",
        "Precondition failed",
        "The profile is not in the state that If-Match or If-None-Match asks for, and this request wrote nothing: "
        "read it again. Where it is as you want it, a request of yours that went unanswered has done so: leave it. "
        "Otherwise another writer came first: decide anew, and send the ETag it has now.",
    ),
    TooLargeError: Kind(413, "body-too-large", "Body too large", f"Send at most {LARGEST} bytes."),
    MediaTypeError: Kind(
        415,
        "unsupported-media-type",
        "Unsupported media type",
        "Send Content-Type: application/json, in UTF-8.",
        {"Accept": "application/json"},
    ),
    CodingError: Kind(
        415,
        "unsupported-media-type",
        "Unsupported media type",
        "Send the body as it is, without Content-Encoding.",
        {"Accept-Encoding": "identity"},  # RFC 9110 §15.5.16
    ),
    UnavailableError: Kind(
        503,
        "temporarily-unavailable",
        "Temporarily unavailable",
        "The store did not answer in time. A write may have been made or not; it is safe to send it again as it is.",
        {"Retry-After": "2"},
    ),
}
FAULT: Final = Kind(500, "internal-error", "Internal error", "Give the request_id to the owners of this API.")


def answer(error: Exception, request_id: str) -> dict[str, Any]:
    """The response for an error; for one that has no row it says nothing about it."""
    kind = KINDS.get(type(error), FAULT)
    document = {
        "type": f"urn:otto:problem:{kind.type}",
        "title": kind.title,
        "status": kind.status,
        "detail": kind.detail,
        "request_id": request_id,
    }
    if flaws := _errors(error):
        document["errors"] = flaws
    headers = {"Content-Type": "application/problem+json", "Cache-Control": "no-store", **kind.headers}
    if isinstance(error, MethodError):
        headers["Allow"] = str(error)
    return {"statusCode": kind.status, "headers": headers, "body": json.dumps(document)}


def _errors(error: Exception) -> list[dict[str, str]]:
    match error:
        case InvalidError():
            return [{"detail": flaw.detail, **_place(flaw)} for flaw in error.flaws]
        case JsonError():
            return [{"detail": f"the body {error}", "pointer": "#"}]
        case HeaderError():
            return [{"detail": str(error), "header": error.header}]
    return []


def _place(flaw: Flaw) -> dict[str, str]:
    if flaw.path is None:
        return {"parameter": "uri"}
    steps = (str(step).replace("~", "~0").replace("/", "~1") for step in flaw.path)
    return {"pointer": "#" + "".join(f"/{quote(step, errors='replace')}" for step in steps)}  # RFC 6901 §6
