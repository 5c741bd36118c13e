"""Which of AWS's errors may go away by waiting, and what to do about the others."""

from typing import Any, Final

from botocore.exceptions import ClientError

from tools.place import Place

# Everything else of AWS's common errors says who asks or what is asked, and says it again in a minute:
# https://docs.aws.amazon.com/secretsmanager/latest/apireference/CommonErrors.html (2026-11-25)
_PASSING: Final = (
    "ResourceNotFoundException",
    "InternalFailure",
    "InternalServiceError",
    "ServiceUnavailable",
    "RequestTimeout",
    "RequestLimitExceeded",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
)
_DENIED: Final = ("AccessDenied", "AccessDeniedException", "NotAuthorized", "UnauthorizedOperation")
_UNKNOWN: Final = (
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
)


def passes(error: ClientError) -> bool:
    """True for what may be otherwise a second later."""
    status: Any = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return code(error) in _PASSING or int(status) >= 500


def code(error: ClientError) -> str:
    found: str = error.response["Error"].get("Code", "")
    return found


def concerns_caller(error: ClientError) -> bool:
    """True when it says who asks, and nothing of what is asked."""
    return code(error) in (*_DENIED, *_UNKNOWN)


def explain(error: ClientError, place: Place, command: str) -> str:
    """The error as AWS says it, and what to do before the command is run again."""
    if code(error) in _DENIED:
        return f"{error}\n  ask for this permission in {place.name}, or take other credentials, then {command}"
    if code(error) in _UNKNOWN:
        return f"{error}\n  sign in to the account of {place.name} again, then {command}"
    return str(error)
