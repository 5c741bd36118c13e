"""What API Gateway itself answers when it refuses or fails: the same problem documents (RFC 9457) as the functions'."""

import json
from typing import Final, NamedTuple, cast

from aws_cdk import aws_apigateway as apigateway

from stacks.environments import Environment


class GatewayError(NamedTuple):
    """One answer that callers program against: the type never changes, the words may."""

    kind: str
    status: int | None
    """None where API Gateway keeps the status of what went wrong, which its template cannot name."""
    type: str
    title: str
    detail: str | None
    """None for API Gateway's own words, which name what is missing or wrong."""
    retry_after: int | None = None
    """Seconds."""


NOT_ALLOWED: Final = "INVALID_API_KEY"
"""Answers every request to a method that a path does not have."""
_TRY_AGAIN: Final = "A write may have been made or not; it is safe to send it again as it is."
_NO_SUCH: Final = "Fix the path: the API's address ends in its name, as /profiles."

# https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html: one that is not
# here answers as its DEFAULT does. The function alone names a size: it takes far less than the 10 MB of API Gateway.
ERRORS: Final = (
    GatewayError("DEFAULT_4XX", None, "refused", "Refused", None),
    GatewayError("DEFAULT_5XX", 500, "internal-error", "Internal error", "Give the request_id to the API's owners."),
    GatewayError(
        "UNAUTHORIZED",
        401,
        "unauthorized",
        "Unauthorized",
        "Send Authorization: Bearer with an access token of this environment that has not expired and carries the "
        "scope that the operation needs.",
    ),
    GatewayError("EXPIRED_TOKEN", 401, "unauthorized", "Unauthorized", "The token has expired: get another."),
    GatewayError("ACCESS_DENIED", 403, "access-denied", "Access denied", "This caller may not do this."),
    GatewayError(
        "WAF_FILTERED", 403, "firewall-refused", "Refused by the firewall", "Send a smaller body, or send slower."
    ),
    # What API Gateway says of a path that it does not have: the first without an Authorization header; with one that is
    # no signature of AWS's, IncompleteSignatureException (awslabs/aws-cognito-angular-quickstart#50), for which it
    # documents no type of its own. Nothing here is signed, so the type for a bad signature can mean nothing else.
    GatewayError("MISSING_AUTHENTICATION_TOKEN", 404, "no-such-operation", "No such operation", _NO_SUCH),
    GatewayError("INVALID_SIGNATURE", 404, "no-such-operation", "No such operation", _NO_SUCH),
    GatewayError("RESOURCE_NOT_FOUND", 404, "no-such-operation", "No such operation", _NO_SUCH),
    # What it says of a method that asks for a key that nobody has: see ProtectedApi.
    GatewayError(
        NOT_ALLOWED, 405, "method-not-allowed", "Method not allowed", "Use one of the methods that Allow names."
    ),
    GatewayError("BAD_REQUEST_PARAMETERS", 400, "invalid-request", "Invalid request", None),
    GatewayError("BAD_REQUEST_BODY", 400, "invalid-request", "Invalid request", None),
    GatewayError("REQUEST_TOO_LARGE", 413, "body-too-large", "Body too large", "Send a smaller body."),
    GatewayError(
        "UNSUPPORTED_MEDIA_TYPE", 415, "unsupported-media-type", "Unsupported media type", "Send application/json."
    ),
    GatewayError("THROTTLED", 429, "too-many-requests", "Too many requests", "Wait, then go on slower.", 1),
    GatewayError("INTEGRATION_FAILURE", 504, "temporarily-unavailable", "Temporarily unavailable", _TRY_AGAIN, 2),
    GatewayError("INTEGRATION_TIMEOUT", 504, "temporarily-unavailable", "Temporarily unavailable", _TRY_AGAIN, 2),
)


def add_gateway_errors(api: apigateway.RestApi, environment: Environment) -> dict[str, apigateway.CfnGatewayResponse]:
    """Make every error that `api` answers by itself a problem document with the request's id. Returns each by kind."""
    added = {}
    for error in ERRORS:
        response = api.add_gateway_response(
            error.kind.title().replace("_", ""),
            type=apigateway.ResponseType.of(error.kind),
            status_code=str(error.status) if error.status else None,
            response_headers=_headers(error, environment),
            templates={"application/json": _document(error)},
        )
        added[error.kind] = cast("apigateway.CfnGatewayResponse", response.node.default_child)
    return added


def _headers(error: GatewayError, environment: Environment) -> dict[str, str]:
    headers = {
        "Content-Type": "'application/problem+json'",
        "Cache-Control": "'no-store'",
        "X-Content-Type-Options": "'nosniff'",
    }
    if error.status == 401:
        # Without error=: one header for all cannot tell a missing token from a bad one (RFC 6750 §3).
        headers["WWW-Authenticate"] = f"'Bearer realm=\"{environment.resource_server}\"'"
    if error.retry_after:
        headers["Retry-After"] = f"'{error.retry_after}'"
    return headers


def _document(error: GatewayError) -> str:
    document: dict[str, object] = {"type": f"urn:otto:problem:{error.type}", "title": error.title}
    if error.status:
        document["status"] = error.status
    if error.detail:
        document["detail"] = error.detail
    template = json.dumps(document | {"request_id": "$context.requestId"})
    # A JSON string already, quotes and escapes included.
    return template if error.detail else f'{template[:-1]}, "detail": $context.error.messageString}}'
