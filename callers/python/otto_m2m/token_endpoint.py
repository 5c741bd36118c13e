"""The access token request (RFC 6749 §4.4), and a check of all that comes back before anything is done with it."""

import json
import math
import re
import time
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import unquote, urlencode, urlsplit

import urllib3

from otto_m2m.aws import Credentials
from otto_m2m.errors import TokenError
from otto_m2m.proxy import find_proxy

TIMEOUT: Final = urllib3.Timeout(connect=2, read=6)
LARGEST: Final = 65_536
"""Bytes of an answer."""
UNSAID: Final = 300
"""Seconds that a token is used whose life the answer leaves out (RFC 6749 §5.1): the least that Cognito gives one."""
LONGEST: Final = 86_400
"""Seconds: the most that Cognito gives one."""
REFUSALS: Final = {
    "invalid_client": "no such client, or another secret; a client made minutes ago waits for its first rotation",
    "invalid_grant": "the client is suspended",
    "unauthorized_client": "the client is suspended",
    "invalid_scope": "the client has no scope, or not this one",
    "invalid_request": "the request was changed on its way",
    "unsupported_grant_type": "the client may not use client credentials",
    "access_denied": "denied",
}
"""RFC 6749 §5.2, and what each means here. Only these words of a server are ever shown."""
_TOKEN: Final = re.compile(r"[A-Za-z0-9\-._~+/]+=*")  # RFC 6750 §2.1


def make_request(credentials: Credentials, **form: str) -> tuple[dict[str, str], str]:
    """Make headers and body. `client_id` is in the form as well: AWS's audit log shows the form, not who sent Basic."""
    headers = urllib3.make_headers(basic_auth=f"{credentials.client_id}:{credentials.client_secret}")
    headers |= {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    return headers, urlencode({"grant_type": "client_credentials", "client_id": credentials.client_id} | form)


def request_token(url: str, credentials: Credentials) -> tuple[str, float]:
    """Ask for a token of all the client's scopes: its value, and its life in seconds. Raises TokenError."""
    headers, body = make_request(credentials)
    try:
        with _open(url) as http:
            answer = http.request(
                "POST", url, headers=headers, body=body, redirect=False, retries=False, timeout=TIMEOUT,
                preload_content=False,
            )  # fmt: skip
            text = answer.read(LARGEST + 1)
            status, retry_after = answer.status, _parse_pause(answer.headers.get("Retry-After", ""))
            answer.close()
    except Exception as error:  # noqa: BLE001 - whatever a server or network does: a token that is good lives on
        raised = TokenError("token endpoint", f"no answer ({type(error).__name__})")
    else:
        return parse(status, text, retry_after)
    raise raised


def parse(status: int, text: bytes, retry_after: float = 0) -> tuple[str, float]:
    """Read a token's value and life from an answer. Raises TokenError for anything less than a usable Bearer token."""
    try:
        answer = json.loads(text) if len(text) <= LARGEST else None
    except (ValueError, RecursionError):
        answer = None
    answer = answer if isinstance(answer, dict) else {}
    error = answer.get("error")
    if status in (400, 401, 403) and isinstance(error, str) and error in REFUSALS:
        raise TokenError("refused", f"{error}: {REFUSALS[error]}", retry_after, lasting=True)
    if status != 200:
        raise TokenError("token endpoint", f"status {status}", retry_after)
    value, kind, life = answer.get("access_token"), answer.get("token_type"), _parse_life(answer.get("expires_in"))
    if not isinstance(value, str) or not _TOKEN.fullmatch(value):
        raise TokenError("token endpoint", "status 200 without a usable access_token", retry_after)
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise TokenError("token endpoint", "status 200 without token_type Bearer", retry_after)
    if life is None:
        raise TokenError("token endpoint", "status 200 without a usable expires_in", retry_after)
    return value, life


def _parse_life(sent: Any) -> float | None:
    if sent is None:
        return UNSAID
    try:
        life = math.nan if isinstance(sent, bool) else float(sent)
    except (TypeError, ValueError, OverflowError):
        return None
    return min(life, LONGEST) if life > 0 else None


def _parse_pause(header: str) -> float:
    """Read Retry-After (RFC 9110 §10.2.3), seconds or a date; 0 for anything else."""
    try:
        if header.isascii() and header.isdigit():
            return float(header[:9])
        return max(parsedate_to_datetime(header).timestamp() - time.time(), 0)
    except (TypeError, ValueError, OverflowError):
        return 0


def _open(url: str) -> urllib3.PoolManager:
    """Open connections for one request: what is kept would be shared by forked processes."""
    proxy = find_proxy(url)
    if proxy is None:
        return urllib3.PoolManager()
    user = urlsplit(proxy)
    named = f"{unquote(user.username)}:{unquote(user.password or '')}" if user.username else None
    return urllib3.ProxyManager(proxy, proxy_headers=urllib3.make_headers(proxy_basic_auth=named))
