"""What API Gateway calls: HTTP in, HTTP out. GET, HEAD, PUT and DELETE of the profile that `uri` names."""

import gc
import logging
import os
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from . import json_text, logs, problem, profile, store, versions
from .errors import ConditionError, ProfileError, UnavailableError
from .former_keys import FormerKeys
from .preconditions import entity_tag
from .profile import Profile, Value
from .profile_uri import canonicalise
from .request import Request

Response = dict[str, Any]


def handle(event: Mapping[str, Any], _context: object) -> Response:
    """The Lambda function's entry point. Never raises: API Gateway would answer 500 without a word of what to do."""
    return respond(event, _table)


@cache
def _table() -> versions.Store:
    return store.connect(os.environ["TABLE_NAME"])


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    # Lambda loads a function on a whole CPU and runs it on a share of one: the client is made before anyone waits.
    # https://serverlessland.com/content/service/lambda/guides/effectively-running-java-on-serverless/init-heavy-lifting
    _table()
    # What is loaded by now stays: without this the first full collection, 20 ms or more, falls into the first request.
    gc.freeze()
    gc.enable()  # `__init__` turned it off


def respond(event: Mapping[str, Any], table: Callable[[], versions.Store]) -> Response:
    """Answer one event from the store that `table` gives."""
    request = Request(event)
    try:
        if not request.client_id:
            raise RuntimeError("no client_id claim: the method has no authorizer")
        route = ROUTES.get(request.method)
        if route is None:
            raise problem.MethodError(ROUTES)
        response = route(request, FormerKeys(table()))
    except UnavailableError as error:
        _report(request, logging.WARNING, "the store is unavailable", error)
        response = problem.answer(error, request.id)
    except tuple(problem.KINDS) as error:
        response = problem.answer(error, request.id)
    except Exception as error:  # noqa: BLE001  # logged with its stack; the caller gets a problem document
        _report(request, logging.ERROR, "unexpected fault", error)
        response = problem.answer(error, request.id)
    # Stored text is the callers': a browser must not take it for a page.
    response["headers"]["X-Content-Type-Options"] = "nosniff"
    if event.get("httpMethod") == "HEAD":  # RFC 9110 §9.3.2: no content, whatever the answer is
        response["body"] = ""
    return response


def _get(request: Request, table: versions.Store) -> Response:
    condition = request.condition
    found = versions.read(table, canonicalise(request.uri))
    match condition.unmet(found):
        case "only_if":
            raise ConditionError
        case "unless":
            return {"statusCode": 304, "headers": _validators(found), "body": ""}
    return _whole(200, found)


def _put(request: Request, table: versions.Store) -> Response:
    content = profile.draft(request.uri, request.document)
    written, created = versions.write(table, content, request.condition, author=request.client_id)
    return _whole(201 if created else 200, written)


def _delete(request: Request, table: versions.Store) -> Response:
    versions.remove(table, canonicalise(request.uri), request.condition)
    return {"statusCode": 204, "headers": {}, "body": ""}


ROUTES: Final[Mapping[str, Callable[[Request, versions.Store], Response]]] = {
    "GET": _get,
    "HEAD": _get,
    "PUT": _put,
    "DELETE": _delete,
}


def _whole(status: int, found: Profile) -> Response:
    content = found.content
    document: dict[str, Value] = {
        "uri": content.uri,
        **{name: getattr(content, name) for name in profile.TEXTS},
        "attributes": dict(content.attributes),
        "version": found.version,
        "updated_at": found.updated_at,
        "updated_by": found.updated_by,
    }
    headers = {"Content-Type": "application/json", **_validators(found)}
    return {"statusCode": status, "headers": headers, "body": json_text.encode(document)}


def _validators(found: Profile) -> dict[str, str]:
    # A caller may keep a profile, to ask with If-None-Match; a cache between may not: the answer depends on the token.
    return {"ETag": entity_tag(found.revision), "Cache-Control": "private, no-cache"}


def _report(request: Request, level: int, message: str, error: Exception) -> None:
    try:
        about = logs.pseudonym(canonicalise(request.uri))
    except Exception:  # noqa: BLE001  # whatever the request is, its fault must reach the log
        about = ""
    # Only the domain's own words are known to hold nothing of the caller's.
    cause = str(error) if isinstance(error, ProfileError) else ""
    logs.report(level, message, error, request_id=request.id, client_id=request.client_id, profile=about, cause=cause)
