"""One access token for a process: renewed ahead of its end, in the background, once for all who need it.

It knows no HTTP library. The rules that it keeps are the package's, 1 to 3 and 5 to 8.
"""

import logging
import os
import threading
import time
import weakref
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final

from otto_m2m.aws import Credentials
from otto_m2m.background import begin, is_done, is_done_async
from otto_m2m.clock import read_clock
from otto_m2m.errors import Part, TokenError
from otto_m2m.token import YOUNG, Token, draw_pause

WAIT: Final = 20
"""Seconds that a call without a token waits at most."""
PATIENCE: Final = 3
"""Seconds: a call without a token waits for a next try that is so near, and fails at once if it is later."""
LIMIT: Final = 30
"""Seconds after which a renewal is given up, as one that waits for a name server. What it brings late is still used."""
_LOG: Final = logging.getLogger("otto_m2m")
_LOG.addHandler(logging.NullHandler())


class Renewal:
    """One try: its future is done when it has ended, however it has."""

    def __init__(self, start: float) -> None:
        self.start = start
        self.part: Part = "credentials"
        self.done: Future[None] = Future()


class TokenSource:
    """`credentials` and `request` are what a renewal calls; they may raise whatever they like, and take their time."""

    def __init__(
        self,
        credentials: Callable[[], Credentials],
        request: Callable[[Credentials], tuple[str, float]],
        clock: Callable[[], float] = read_clock,
        sleep: Callable[[float], None] = time.sleep,
        begin: Callable[[Callable[[], None]], None] = begin,
    ) -> None:
        self._credentials, self._request = credentials, request
        self._clock, self._sleep, self._begin = clock, sleep, begin
        self._token: Token | None = None
        self._renewal: Renewal | None = None
        self._failure = TokenError("credentials", "not asked yet")
        self._failures = 0
        self._next = 0.0
        self._lock = threading.Lock()
        _SOURCES.add(self)

    def get(self, refused: Token | None = None) -> Token:
        """Return a good token, other than `refused` unless that is young. Raises TokenError within 20 seconds."""
        token = self._token
        if token is not None and token is not refused and self._clock() < token.due:
            return token
        deadline = self._clock() + WAIT
        while isinstance(step := self._step(refused), Renewal):
            if not is_done(step.done, deadline - self._clock()):
                raise TokenError(step.part, f"no answer within {WAIT} s")
        return step

    async def get_async(self, refused: Token | None = None) -> Token:
        """Return what `get` does, in an asyncio task."""
        token = self._token
        if token is not None and token is not refused and self._clock() < token.due:
            return token
        deadline = self._clock() + WAIT
        while isinstance(step := self._step(refused), Renewal):
            if not await is_done_async(step.done, deadline - self._clock()):
                raise TokenError(step.part, f"no answer within {WAIT} s")
        return step

    def replace(self, refused: Token) -> Token | None:
        """Return another token than the one that an API refused; None where that is young, or no other is to be had."""
        try:
            token = self.get(refused)
        except TokenError:
            return None
        return None if token is refused else token

    async def replace_async(self, refused: Token) -> Token | None:
        """Return what `replace` does, in an asyncio task."""
        try:
            token = await self.get_async(refused)
        except TokenError:
            return None
        return None if token is refused else token

    def _step(self, refused: Token | None) -> Token | Renewal:
        """Decide: a token to use, or a renewal to wait for. Raises TokenError where the next try is not near."""
        begun = None
        with self._lock:
            now, token = self._clock(), self._token
            if self._renewal is not None and now > self._renewal.start + LIMIT:
                self._fail(self._renewal, TokenError(self._renewal.part, f"no answer within {LIMIT} s"))
            if token is not None and token is refused and now < token.made + YOUNG:
                return token
            good = token is not None and token is not refused and now < token.end
            pause = max(self._next - now, 0)
            patient = not good and refused is None and not self._failure.lasting
            near = pause <= (PATIENCE if patient else 0)
            if self._renewal is None and near and (token is None or not good or now >= token.due):
                begun = self._renewal = Renewal(now + pause)
            renewal, failure = self._renewal, self._failure
        if begun is not None:
            self._start(begun, inline=not good)
        if token is not None and good:
            return token
        if renewal is not None:
            return renewal
        raise failure.again()

    def _start(self, renewal: Renewal, inline: bool) -> None:
        try:
            self._begin(lambda: self._renew(renewal))
        except RuntimeError:  # no thread can be started: at the interpreter's end, or for want of memory
            if inline:
                self._renew(renewal)
            else:
                self._end(renewal, TokenError(renewal.part, "no thread could be started"))

    def _renew(self, renewal: Renewal) -> None:
        outcome: Token | TokenError = TokenError(renewal.part, "interrupted")
        try:
            self._sleep(max(renewal.start - self._clock(), 0))
            credentials = self._credentials()
            renewal.part = "token endpoint"
            asked = self._clock()
            value, life = self._request(credentials)
            outcome = Token.issue(value, life, asked)
        except TokenError as error:
            outcome = error.again()
        except Exception as error:  # noqa: BLE001 - a renewal that ends in any other way must end for those who wait too
            outcome = TokenError(renewal.part, type(error).__name__)
        finally:
            self._end(renewal, outcome)

    def _end(self, renewal: Renewal, outcome: Token | TokenError) -> None:
        with self._lock:
            if isinstance(outcome, TokenError):
                self._fail(renewal, outcome)
            elif self._renewal is renewal or self._token is None or self._token.end < outcome.end:
                self._token, self._failures, self._next = outcome, 0, 0.0
                if self._renewal is renewal:
                    self._renewal = None
        renewal.done.set_result(None)
        if isinstance(outcome, TokenError):
            _LOG.warning("no new token: %s", outcome)

    def _fail(self, renewal: Renewal, error: TokenError) -> None:
        """Note a failure, unless the renewal was given up before."""
        if self._renewal is renewal:
            self._renewal, self._failure, self._failures = None, error, self._failures + 1
            self._next = self._clock() + draw_pause(self._failures, error.retry_after)

    def _be_forked(self) -> None:
        """Become a forked process's own: a lock or a renewal of the parent's threads would never end here."""
        self._lock, self._renewal = threading.Lock(), None
        if self._token is not None:
            self._token = self._token.redraw()


_SOURCES: "weakref.WeakSet[TokenSource]" = weakref.WeakSet()


def _be_forked() -> None:
    for source in list(_SOURCES):
        source._be_forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_be_forked)
