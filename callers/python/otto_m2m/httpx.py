"""Clients of httpx, sync and async, whose calls of one API carry a token. Needs `otto-m2m[httpx]`."""

import httpx

from otto_m2m.addresses import get_origin
from otto_m2m.aws import REGION
from otto_m2m.connection import TIMEOUT, open_source, open_source_async
from otto_m2m.proxy import find_proxy
from otto_m2m.source import TokenSource
from otto_m2m.token import Token

_TIMEOUT = httpx.Timeout(TIMEOUT[1], connect=TIMEOUT[0])


class TokenTransport(httpx.BaseTransport):
    """Carries what goes to `api`'s origin, with a token, and all else without one (rule 4).

    The token is put into a copy, below everything that could carry it on. A 401 is answered once (rule 5).
    """

    def __init__(self, source: TokenSource, api: str, carrier: httpx.BaseTransport) -> None:
        self.source, self._api, self._carrier = source, httpx.URL(api), carrier

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if not _is_there(request.url, self._api):
            return self._carrier.handle_request(request)
        token = self.source.get()
        answer = self._carrier.handle_request(_authorize(request, token))
        if answer.status_code != 401 or not isinstance(request.stream, httpx.ByteStream):
            return answer
        other = self.source.replace(token)
        if other is None:
            return answer
        answer.close()
        return self._carrier.handle_request(_authorize(request, other))

    def close(self) -> None:
        self._carrier.close()


class AsyncTokenTransport(httpx.AsyncBaseTransport):
    """Does what TokenTransport does, in asyncio tasks."""

    def __init__(self, source: TokenSource, api: str, carrier: httpx.AsyncBaseTransport) -> None:
        self.source, self._api, self._carrier = source, httpx.URL(api), carrier

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if not _is_there(request.url, self._api):
            return await self._carrier.handle_async_request(request)
        token = await self.source.get_async()
        answer = await self._carrier.handle_async_request(_authorize(request, token))
        if answer.status_code != 401 or not isinstance(request.stream, httpx.ByteStream):
            return answer
        other = await self.source.replace_async(token)
        if other is None:
            return answer
        await answer.aclose()
        return await self._carrier.handle_async_request(_authorize(request, other))

    async def aclose(self) -> None:
        await self._carrier.aclose()


def connect(
    environment: str, client: str, api: str = "profiles", region: str = REGION, secret: str | None = None
) -> tuple[httpx.Client, str]:
    """Make a client whose calls of `api` carry `client`'s access token, and the API's URL: both are found by name.

    `secret` is the name or ARN of another secret to read, such as the one that Cognito keeps of a client made by hand.

    Raises TokenError, here and from a call that finds no token; otherwise calls do what httpx does.
    """
    source, url = open_source(environment, client, api, region, secret)
    return open_client(source, url), url


def open_client(source: TokenSource, api: str) -> httpx.Client:
    """Make a client whose calls of the API at `api` carry the source's token."""
    transport = TokenTransport(source, api, httpx.HTTPTransport(proxy=find_proxy(api)))
    return httpx.Client(mounts={get_origin(api).rstrip("/"): transport}, timeout=_TIMEOUT)


async def connect_async(
    environment: str, client: str, api: str = "profiles", region: str = REGION, secret: str | None = None
) -> tuple[httpx.AsyncClient, str]:
    """Do what `connect` does, for asyncio: nothing here or in a call blocks the event loop."""
    source, url = await open_source_async(environment, client, api, region, secret)
    return open_async_client(source, url), url


def open_async_client(source: TokenSource, api: str) -> httpx.AsyncClient:
    """Make an asyncio client whose calls of the API at `api` carry the source's token."""
    transport = AsyncTokenTransport(source, api, httpx.AsyncHTTPTransport(proxy=find_proxy(api)))
    return httpx.AsyncClient(mounts={get_origin(api).rstrip("/"): transport}, timeout=_TIMEOUT)


def _is_there(url: httpx.URL, api: httpx.URL) -> bool:
    return (url.host, url.port, url.scheme) == (api.host, api.port, api.scheme)


def _authorize(request: httpx.Request, token: Token) -> httpx.Request:
    headers = request.headers.copy()
    headers["Authorization"] = f"Bearer {token.value}"
    return httpx.Request(
        request.method, request.url, headers=headers, stream=request.stream, extensions=request.extensions
    )
