"""The checks: a real token, a real read, a real write that is always cleaned up, and what must be refused."""

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

import urllib3

from otto_m2m.aws import Credentials
from otto_m2m.token_endpoint import make_request
from stacks import scopes

TIMEOUT: Final = urllib3.Timeout(connect=5, read=15)
"""Seconds; the function behind the API has 10."""
_PROBLEM: Final = {"Content-Type": "application/problem\\+json"}
_PROFILE: Final = {
    "Content-Type": "application/json",
    "ETag": '"[^"]+"',
    "Cache-Control": "private, no-cache",
    "X-Content-Type-Options": "nosniff",
}
"""What each header must be, as regular expressions."""
_CONTENT: Final = {"full_name": "Otto Smoke", "headline": "Made and deleted by make smoke"}


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where a caller finds the platform, and what it authenticates with."""

    token_endpoint: str
    api: str
    resource_server: str
    credentials: Credentials


@dataclass(frozen=True, kw_only=True)
class Check:
    """One row of the table. `came` never holds a token, a secret or a body."""

    name: str
    expected: str
    came: str
    good: bool
    mend: str
    """The section of docs/runbook.md that says what to do when it is not good."""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What an answer must be. `flaw` says what is wrong with its JSON; empty, nothing is."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    flaw: Callable[[Mapping[str, Any]], str] | None = None

    def flaws(self, answer: urllib3.BaseHTTPResponse) -> list[str]:
        found = []
        for name, pattern in self.headers.items():
            value = answer.headers.get(name)
            if value is None or not re.fullmatch(pattern, value):
                found.append(f"no {name}" if value is None else f"{name}: {value}")
        if self.flaw:
            try:
                found += filter(None, [self.flaw(answer.json())])
            except (ValueError, KeyError, TypeError, AttributeError):
                found.append("not the JSON it should be")
        return found


class Smoke:
    """Runs the checks in order. One that fails does not stop those that can be tried without it."""

    def __init__(self, target: Target, http: urllib3.PoolManager) -> None:
        self._target = target
        self._http = http
        self._url = f"{target.api}?{urlencode({'uri': f'https://www.linkedin.com/in/otto-smoke-{uuid.uuid4().hex}'})}"
        self.checks: list[Check] = []

    def run(self) -> list[Check]:
        self._call("read without a token", "GET", "", self._refused(), "smoke-refused")
        reader, writer = self._token(scopes.READ), self._token(scopes.READ, scopes.WRITE)
        if reader:
            self._call("read what is not there", "GET", reader, Expected(status=404, headers=_PROBLEM), "smoke-api")
        if reader and writer:
            self._write(reader, writer)
        return self.checks

    def _write(self, reader: str, writer: str) -> None:
        def expected(status: int) -> Expected:
            return Expected(status=status, headers=_PROFILE, flaw=_other_content)

        try:
            alone = f"write with {scopes.READ} alone"
            self._call(alone, "PUT", reader, self._refused(), "smoke-refused", json=_CONTENT)
            self._call("write", "PUT", writer, expected(201), "smoke-api", json=_CONTENT)
            self._call("read it back", "GET", reader, expected(200), "smoke-api")
        finally:  # whatever went wrong or was interrupted, nothing is left behind
            self._call("clean up", "DELETE", writer, Expected(status=204), "smoke-clean-up")
            self._call("read what was deleted", "GET", reader, Expected(status=404), "smoke-clean-up")

    def _refused(self) -> Expected:
        """RFC 6750 §3: a 401 says which scheme is wanted, and where."""
        challenge = f'Bearer realm="{re.escape(self._target.resource_server)}"'
        return Expected(status=401, headers={"WWW-Authenticate": challenge} | _PROBLEM)

    def _token(self, *names: str) -> str:
        """An access token of these scopes; empty, and a failed check, when there is none."""
        wanted = [f"{self._target.resource_server}/{name}" for name in names]
        headers, body = make_request(self._target.credentials, scope=" ".join(wanted))
        answer = self._ask(
            f"token for {', '.join(names)}",
            Expected(status=200, headers={"Content-Type": "application/json.*"}, flaw=_no_token),
            "smoke-token",
            "POST",
            self._target.token_endpoint,
            body=body,
            headers=headers,
        )
        return str(answer.json()["access_token"]) if answer and self.checks[-1].good else ""

    def _call(self, name: str, method: str, token: str, expected: Expected, mend: str, **options: Any) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._ask(name, expected, mend, method, self._url, headers=headers, **options)

    def _ask(
        self, name: str, expected: Expected, mend: str, method: str, url: str, **options: Any
    ) -> urllib3.BaseHTTPResponse | None:
        answer = None
        flaws: list[str] = []
        try:
            answer = self._http.request(method, url, timeout=TIMEOUT, retries=False, redirect=False, **options)
            came, good = str(answer.status), answer.status == expected.status
            flaws = expected.flaws(answer) if good else []
        except urllib3.exceptions.HTTPError as error:
            came, good = f"no answer: {type(error).__name__}", False
        self.checks.append(
            Check(
                name=name,
                expected=", ".join([str(expected.status), *expected.headers]),
                came="; ".join([came, *flaws]),
                good=good and not flaws,
                mend=mend,
            )
        )
        return answer


def _no_token(answer: Mapping[str, Any]) -> str:
    """RFC 6749 §5.1."""
    sound = answer["access_token"] and answer["token_type"].lower() == "bearer" and answer["expires_in"] > 0
    return "" if sound else "not a bearer token"


def _other_content(answer: Mapping[str, Any]) -> str:
    changed = [name for name, value in _CONTENT.items() if answer[name] != value]
    return f"another {' and '.join(changed)} than was written" if changed else ""
