"""Sessions of requests whose calls of one API carry a token."""

import os
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import UnrewindableBodyError
from requests.utils import rewind_body

from otto_m2m.addresses import get_origin
from otto_m2m.aws import REGION
from otto_m2m.connection import TIMEOUT, open_source
from otto_m2m.source import TokenSource
from otto_m2m.token import Token


class TokenAdapter(HTTPAdapter):
    """Carries what goes to `api`'s origin, with a token; mounted there alone (rule 4).

    The token is put into a copy, below everything that could carry it on: redirects, hooks, .netrc and whoever logs a
    response's request never see it. A 401 is answered once, by a new token (rule 5).
    """

    def __init__(self, source: TokenSource, api: str, **options: Any) -> None:
        super().__init__(**options)
        self.source, self.origin = source, get_origin(api)
        self._process = os.getpid()

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        options = {"stream": stream, "timeout": timeout, "verify": verify, "cert": cert, "proxies": proxies}
        if not (request.url or "").lower().startswith(self.origin):
            return super().send(request, **options)
        if self.origin.startswith("http:"):
            options["proxies"] = {}  # a proxy would read what goes to this machine alone
        if timeout is None:
            options["timeout"] = TIMEOUT
        self._leave_parent()
        token = self.source.get()
        answer = self._send(request, token, options)
        if answer.status_code != 401 or not _is_whole(request):
            return answer
        other = self.source.replace(token)
        if other is None or not _is_rewound(request):
            return answer
        answer.close()
        second = self._send(request, other, options)
        second.history.append(answer)
        return second

    def _send(self, request: requests.PreparedRequest, token: Token, options: dict[str, Any]) -> requests.Response:
        sent = requests.PreparedRequest()
        vars(sent).update(vars(request))  # what copy() does, without the cookies' deep copy
        sent.headers = request.headers.copy()
        sent.headers["Authorization"] = f"Bearer {token.value}"
        try:
            answer = super().send(sent, **options)
        except requests.RequestException as error:
            error.request = request
            raise
        answer.request = request
        return answer

    def _leave_parent(self) -> None:
        """Open connections of its own in a forked process: on the parent's, answers would be mixed up."""
        if os.getpid() != self._process:
            self._process = os.getpid()
            self.proxy_manager = {}
            self.init_poolmanager(self._pool_connections, self._pool_maxsize, self._pool_block)


def connect(
    environment: str, client: str, api: str = "profiles", region: str = REGION, secret: str | None = None
) -> tuple[requests.Session, str]:
    """Make a session whose calls of `api` carry `client`'s access token, and the API's URL: both are found by name.

    `secret` is the name or ARN of another secret to read, such as the one that Cognito keeps of a client made by hand.

    Raises TokenError, here and from a call that finds no token; otherwise calls do what requests does.
    """
    source, url = open_source(environment, client, api, region, secret)
    return open_session(source, url), url


def open_session(source: TokenSource, api: str) -> requests.Session:
    """Make a session whose calls of the API at `api` carry the source's token."""
    session = requests.Session()
    session.mount(get_origin(api), TokenAdapter(source, api))
    return session


def _is_whole(request: requests.PreparedRequest) -> bool:
    """Say if the body can be sent again from its start."""
    return request.body is None or isinstance(request.body, str | bytes) or isinstance(request._body_position, int)


def _is_rewound(request: requests.PreparedRequest) -> bool:
    """Take a file's body back to where it started; anything else is there already."""
    if request.body is None or isinstance(request.body, str | bytes):
        return True
    try:
        rewind_body(request)
    except UnrewindableBodyError:
        return False
    return True
