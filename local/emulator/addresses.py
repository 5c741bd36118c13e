"""Addresses of AWS that a deployed template resolves to, translated into the emulator's own.

Extends ministack 1.5.33's `_resolve_refs` where its CloudFormation modules import it from `cloudformation.engine`:
properties, outputs, change sets and drift detection all see the translated value, so none of them differs from another.
The token issuer stays the address of AWS because ministack puts exactly that into `iss`. Its gateways read the pools'
public keys from the emulator itself (`_resolve_jwks_url`), which takes no call without the run's address.
"""

import re
from collections.abc import Callable
from typing import Any, Final

from local.emulator.hooks import Hook

_RESOLVERS: Final = tuple(
    Hook(
        f"services.cloudformation.{module}",
        "_resolve_refs",
        ("value", "resources", "params", "conditions", "mappings", "stack_name", "stack_id"),
    )
    for module in ("stacks", "changesets", "handlers")
)
_KEYS: Final = tuple(
    Hook(f"services.{module}", "_resolve_jwks_url", ("authorizer",)) for module in ("apigateway", "apigateway_v1")
)
HOOKS: Final = (*_RESOLVERS, *_KEYS)

# https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain-prefix.html
_USER_POOL_DOMAIN = re.compile(
    r"https://[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.auth\.[a-z0-9-]+\.amazoncognito\.com(?![\w.-])"
)
# https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-call-api.html
_ITSELF = re.compile(r"^http://localhost:\d+(?=/)")
_REST_API = re.compile(r"https://([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com(?![\w.-])")


def translate(value: Any, endpoint: str) -> Any:
    """`value` with every user pool domain's and REST API's URL replaced; hosts and ARNs that are no URL are left."""
    if isinstance(value, str):
        value = _USER_POOL_DOMAIN.sub(endpoint, value)
        return _REST_API.sub(rf"{endpoint}/_aws/execute-api/\1", value)
    if isinstance(value, list):
        return [translate(item, endpoint) for item in value]
    if isinstance(value, dict):
        return {key: translate(item, endpoint) for key, item in value.items()}
    return value


def install(endpoint: str) -> None:
    """Translate from now on to `endpoint`, the address of this run without a trailing slash."""

    def translating(original: Callable[..., Any]) -> Callable[..., Any]:
        def resolve(*arguments: Any) -> Any:
            return translate(original(*arguments), endpoint)

        return resolve

    def addressing(original: Callable[..., Any]) -> Callable[..., Any]:
        async def resolve_keys(authorizer: Any) -> str | None:
            url = await original(authorizer)
            return url and _ITSELF.sub(endpoint, url)

        return resolve_keys

    for resolver in _RESOLVERS:
        resolver.replace(translating)
    for resolver in _KEYS:
        resolver.replace(addressing)
