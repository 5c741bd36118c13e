"""The way from an environment's and a client's name to a token source and an API's URL, within bounded time."""

from typing import Final

from otto_m2m.aws import REGION, Platform
from otto_m2m.background import is_done, is_done_async, submit
from otto_m2m.errors import TokenError
from otto_m2m.source import WAIT, TokenSource
from otto_m2m.token_endpoint import request_token

TIMEOUT: Final = (5, 30)
"""Seconds to connect to an API and to wait for it, unless a call says otherwise; API Gateway itself waits 29."""
_LATE: Final = TokenError("addresses", f"no answer within {WAIT} s")


def open_source(
    environment: str, client: str, api: str, region: str = REGION, secret: str | None = None
) -> tuple[TokenSource, str]:
    """Find the addresses. Raises TokenError within 20 seconds; a token is asked for by the first call, not here."""
    opened = submit(lambda: _open(environment, client, api, region, secret))
    if not is_done(opened, WAIT):
        raise _LATE.again()
    return opened.result()


async def open_source_async(
    environment: str, client: str, api: str, region: str = REGION, secret: str | None = None
) -> tuple[TokenSource, str]:
    """Do what `open_source` does, in an asyncio task."""
    opened = submit(lambda: _open(environment, client, api, region, secret))
    if not await is_done_async(opened, WAIT):
        raise _LATE.again()
    return opened.result()


def _open(environment: str, client: str, api: str, region: str, secret: str | None) -> tuple[TokenSource, str]:
    platform = Platform(environment, client, region, secret)
    token_endpoint, url = (platform.read_address(name) for name in ("token-endpoint", f"{api}-api-url"))
    return TokenSource(platform.read_credentials, lambda credentials: request_token(token_endpoint, credentials)), url
