"""Where a user pool of ministack 1.5.33 answers differently from Amazon Cognito's.

Extends `services.cognito._client_credentials_scope_error`, for the app client that may not use client credentials, and
`services.cloudformation.provisioners._cognito_user_pool_attributes`, which lacks `ProviderURL`. See
https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html and
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-cognito-userpool.html.
"""

from collections.abc import Callable
from typing import Final

from local.emulator.actions import Answer, Members
from local.emulator.hooks import Hook

_SCOPE_ERROR: Final = Hook("services.cognito", "_client_credentials_scope_error", ("pool", "client", "requested"))
_OAUTH_ERROR: Final = Hook("services.cognito", "_oauth2_error", ("error", "description"))
_ATTRIBUTES: Final = Hook("services.cloudformation.provisioners", "_cognito_user_pool_attributes", ("pid",))
HOOKS: Final = (_SCOPE_ERROR, _OAUTH_ERROR, _ATTRIBUTES)


def _scope_checking(original: Callable[..., Answer | None]) -> Callable[..., Answer | None]:
    def scope_error(pool: Members, client: Members, requested: str | None) -> Answer | None:
        """RFC 6749 §5.2: a client that may not use this grant gets `unauthorized_client`, whatever its scope."""
        flows = client.get("AllowedOAuthFlows") or []
        if client.get("AllowedOAuthFlowsUserPoolClient") and "client_credentials" in flows:
            return original(pool, client, requested)
        refusal: Answer = _OAUTH_ERROR("unauthorized_client", "The app client may not use this grant.")
        return refusal

    return scope_error


def _attributing(original: Callable[[str], Members]) -> Callable[[str], Members]:
    def attributes(pool_id: str) -> Members:
        known = original(pool_id)
        return {"ProviderURL": f"https://{known['ProviderName']}"} | known

    return attributes


def install() -> None:
    """Correct ministack's user pools."""
    _SCOPE_ERROR.replace(_scope_checking)
    _ATTRIBUTES.replace(_attributing)
