"""Who may call the emulator: the outermost layer of its server, before ministack sees anything of a request.

A loopback port is open to every user of the machine and to every page that a browser on it shows. So a request is
answered only if no page sent it, it names this machine, and it carries the key of this run: as a signature, which opens
all; or in its address, which opens what AWS shows to the internet too, where credentials or a token are asked for.
Wraps `app.app` of ministack 1.5.33.
"""

import hmac
import logging
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from local.emulator import refusal, signature
from local.emulator.hooks import Hook
from local.emulator.key import FILE, PROFILE, Key
from local.emulator.signature import Signature

_APP: Final = Hook("app", "app", ("scope", "receive", "send"))
HOOKS: Final = (_APP, *signature.HOOKS)

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

# A name that leads here by somebody's DNS is none of these. Any port: who can choose it can choose the right one, and
# a forwarded port has another.
_HOSTS: Final = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?", re.ASCII)
_KEYS = re.compile(r"/[a-z0-9-]+_[A-Za-z0-9]+/\.well-known/(jwks\.json|openid-configuration)")
_BY_ADDRESS: Final = (
    ("POST", re.compile(r"/oauth2/token")),
    ("GET", _KEYS),
    ("GET", re.compile(r"/_ministack/health")),
    (None, re.compile(r"/_aws/execute-api/[a-z0-9]+/.*", re.DOTALL)),
)
"""What the address alone opens: method, None for any, and the path below it."""
_log = logging.getLogger(__name__)


class Guard:
    def __init__(self, app: Application, key: Key, state: Path) -> None:
        self._app, self._key = app, key
        self._fix = f"use what `make up` printed, or AWS_SHARED_CREDENTIALS_FILE={state / FILE} aws --profile {PROFILE}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = _headers(scope)
        try:
            _require_no_page(scope, headers)
            if below := self._below_address(scope):
                scope = below
            else:
                signed = Signature(headers, self._key)
                body = await _read(receive)
                signed.require_made_for(scope, body)
                receive = _again(body, receive)
        except ValueError as why:
            _log.warning("refused %s: %s", scope.get("method", scope["type"]), why)
            for message in refusal.messages(scope, headers, f"The emulator refused this request: {why}; {self._fix}"):
                await send(message)
            return
        await self._app(scope, receive, _without_cors(send))

    def _below_address(self, scope: Scope) -> Scope | None:
        """The request below the address of this run; None for one that is not sent to it. Raises ValueError."""
        address = f"/{self._key.path}/".encode()
        path, raw = scope["path"], scope["raw_path"]
        if not all(hmac.compare_digest(sent[: len(address)], address) for sent in (path.encode(), raw)):
            return None
        path, raw = path[len(address) - 1 :], raw[len(address) - 1 :]
        if not any(method in (None, scope["method"]) and rule.fullmatch(path) for method, rule in _BY_ADDRESS):
            raise ValueError("the address does not open it")
        below = scope | {"path": path, "raw_path": raw}
        if _KEYS.fullmatch(path):  # of a pool that it does not know, ministack asks the rest of the request
            below |= {"query_string": b"", "headers": [each for each in scope["headers"] if each[0] == b"host"]}
        return below


def _headers(scope: Scope) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in ((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]):
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


def _require_no_page(scope: Scope, headers: dict[str, str]) -> None:
    """Raise ValueError for what a browser sends for a page, and for what was not addressed to this machine.

    Fetch metadata: https://www.w3.org/TR/fetch-metadata/. No page is served here, so none is of the same origin either.
    """
    host = headers.get("host", "")
    if not _HOSTS.fullmatch(host):
        raise ValueError(f"Host {host[:80]!r}, expected 127.0.0.1, localhost or [::1]")
    if "origin" in headers or headers.get("sec-fetch-site", "none") != "none":
        raise ValueError("a web page sent it, and no page may")
    if scope["type"] != "http":
        raise ValueError("it opens a WebSocket, and there is none")


async def _read(receive: Receive) -> bytes:
    body, more = bytearray(), True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return bytes(body)


def _again(body: bytes, receive: Receive) -> Receive:
    """Give the body that was read, and then what really comes."""
    given = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> dict[str, Any]:
        return given.pop() if given else await receive()

    return receive_again


def _without_cors(send: Send) -> Send:
    """Send no header that lets a page read the answer."""

    async def send_without(message: dict[str, Any]) -> None:
        if headers := message.get("headers"):
            kept = [each for each in headers if not bytes(each[0]).lower().startswith(b"access-control-")]
            message = message | {"headers": kept}
        await send(message)

    return send_without


def install(key: Key, state: Path) -> None:
    """Let nothing reach ministack but through the guard."""
    _APP.replace(lambda app: Guard(app, key, state))
