"""A method whose authorization type the emulator does not know refuses every request.

Extends `services.apigateway_v1._authorize_request_v1` of ministack 1.5.33, which lets such a request pass without
authentication. At AWS a type is enforced or refused: https://docs.aws.amazon.com/apigateway/latest/api/API_PutMethod.html
(2026-11-25). The answer is API Gateway's for an authorizer that it cannot use: nobody takes it for a wrong token.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from local.emulator.actions import Members
from local.emulator.hooks import Hook

_AUTHORIZE: Final = Hook(
    "services.apigateway_v1", "_authorize_request_v1", ("api_id", "stage_name", "method_obj", "method")
)
_ERROR: Final = Hook("services.apigateway_v1", "_gw_error", ("response_type", "message"))
HOOKS: Final = (_AUTHORIZE, _ERROR)

KNOWN: Final = ("NONE", "AWS_IAM", "COGNITO_USER_POOLS", "CUSTOM")
"""What ministack enforces."""

Verdict = tuple[Any, Any]
"""The refusal, and what an authorizer adds to the request; each None without one."""


def _authorizing(original: Callable[..., Awaitable[Verdict]]) -> Callable[..., Awaitable[Verdict]]:
    async def authorize(api: str, stage: str, method: Members, *rest: Any) -> Verdict:
        if (method.get("authorizationType") or "NONE").upper() not in KNOWN:
            return _ERROR("AUTHORIZER_CONFIGURATION_ERROR", "Internal server error"), None
        return await original(api, stage, method, *rest)

    return authorize


def install() -> None:
    """Refuse what nothing authorizes."""
    _AUTHORIZE.replace(_authorizing)
