"""What tokens cost callers, in money and time: `python -m benchmarks tokens`. Real libraries, on a clock of our own."""

import base64
import io
import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from types import SimpleNamespace
from typing import Any, Final
from unittest.mock import patch

import httpx
import requests
import urllib3
from authlib.integrations.requests_client import OAuth2Session

from benchmarks.measurement import Finding, Series, take_turns
from otto_m2m.aws import Credentials
from otto_m2m.background import begin
from otto_m2m.httpx import TokenTransport
from otto_m2m.requests import open_session
from otto_m2m.source import TokenSource
from otto_m2m.token_endpoint import request_token
from tools.report.price import USD_PER_THOUSAND_TOKENS

ABOUT = """\
10,000 calls evenly over a simulated day, tokens of one hour. Every process restarts at 08:00 and at 16:00, and the
secret rotates at noon. The least possible is counted from the calls themselves: each process asks when it first must,
and uses the token to its last second. Our callers do not: they renew at 70 to 80 % of a token's life, so that the token
endpoint may be away for 12 minutes unnoticed. The least for such a caller is counted alike, with 75 % of the life, and
is what the reach is about.

A call with a good token is measured in processor time against the HTTP library alone, with the network taken out."""

ENDPOINT: Final = "https://token.example/oauth2/token"
API: Final = "https://api.example/profiles"
CALLS, DAY, LIFE = 10_000, 86_400, 3_600
RESTARTS, ROTATION = (28_800, 57_600), 43_200
USD_PER_TOKEN: Final = USD_PER_THOUSAND_TOKENS / 1000
THREADS: Final = 64
ROWS, TIMED = 20, 100
"""Rows of calls that are timed, and the calls of each."""

Caller = Callable[["World"], requests.Session]


@dataclass
class World:
    """The token endpoint and the API. Any secret but the present one and the one before it is refused."""

    now: float = 0
    delay: float = 0
    tokens: int = 0
    ends: dict[str, float] = field(default_factory=dict)

    def credentials(self) -> dict[str, str]:
        return {"client_id": "id", "client_secret": "second" if self.now >= ROTATION else "first"}

    def send(self, request: requests.PreparedRequest) -> requests.Response:
        answer = requests.Response()
        answer.request, answer.url = request, str(request.url)
        authorization = str(request.headers.get("Authorization", ""))
        answer.status_code, body = self._token(authorization) if answer.url == ENDPOINT else self._call(authorization)
        answer.raw = io.BytesIO(json.dumps(body).encode())
        return answer

    def send_by_urllib3(self, headers: dict[str, str]) -> urllib3.HTTPResponse:
        authorization = next(text for name, text in headers.items() if name.lower() == "authorization")
        status, body = self._token(authorization)
        return urllib3.HTTPResponse(io.BytesIO(json.dumps(body).encode()), status=status, preload_content=False)

    def _token(self, authorization: str) -> tuple[int, object]:
        time.sleep(self.delay)
        sent = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        if sent not in ("id:first", "id:second"):
            return 400, {"error": "invalid_client"}
        self.tokens += 1
        self.ends[name := f"token{self.tokens}"] = self.now + LIFE
        return 200, {"access_token": name, "token_type": "Bearer", "expires_in": LIFE}

    def _call(self, authorization: str) -> tuple[int, object]:
        token = authorization.removeprefix("Bearer ")
        return (200, {}) if self.now < self.ends[token] else (401, {})


def source(world: World, at_once: bool = True) -> TokenSource:
    """Our token source; renewals run where they are begun, so that a simulated day is the same each time."""
    return TokenSource(
        lambda: Credentials(**world.credentials()), partial(request_token, ENDPOINT),
        clock=lambda: world.now, begin=(lambda work: work()) if at_once else begin,
    )  # fmt: skip


def ours(world: World, at_once: bool = True) -> requests.Session:
    return open_session(source(world, at_once), API)


def library(world: World) -> requests.Session:
    """Authlib as its documentation shows it, one session a process."""
    session = OAuth2Session(**world.credentials(), token_endpoint=ENDPOINT, grant_type="client_credentials")
    session.fetch_token()
    return session


class Uncached(requests.auth.AuthBase):
    """A token for every call, by the same library."""

    def __init__(self, world: World) -> None:
        self._world = world

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        session = OAuth2Session(**self._world.credentials())
        token = session.fetch_token(ENDPOINT, grant_type="client_credentials")
        request.headers["Authorization"] = f"Bearer {token['access_token']}"
        return request


def uncached(world: World) -> requests.Session:
    session = requests.Session()
    session.auth = Uncached(world)
    return session


def measure(rounds: int) -> Iterator[Finding]:
    for processes in (1, 50):
        mine = Series(tuple(float(_day(ours, processes)) for _ in range(rounds)), "")
        at_75, at_end = (float(_least(processes, share)) for share in (0.75, 1))
        by_default, without = (_day(caller, processes) for caller in (library, uncached))
        shown = f"{mine} tokens, ${mine.median * USD_PER_TOKEN:.2f}"
        what = f"{processes} process{'es' if processes > 1 else ''}"
        for against, count, reach in (
            ("least possible that renews at 75 %", at_75, 1.05),
            ("least possible, to the last second", at_end, None),
            ("Authlib left at its defaults", by_default, None),
            ("no cache", without, None),
        ):
            yield Finding(
                what=what,
                measured=shown,
                against=f"{against}: {count:,.0f}, ${count * USD_PER_TOKEN:.2f}",
                value=mine.each(count, "x"),
                reach=reach,
                bound=1.1 if count == at_75 else None,
            )
    herd = Series(tuple(float(_herd(partial(ours, at_once=False))) for _ in range(rounds)), "")
    others = Series(tuple(float(_herd(library)) for _ in range(rounds)), "")
    yield Finding(
        what=f"token requests of {THREADS} threads whose token has ended",
        measured=str(herd),
        against=f"Authlib left at its defaults: {others}",
        value=herd,
        reach=1,
        bound=1,
    )
    yield from _overhead(rounds)


def _overhead(rounds: int) -> Iterator[Finding]:
    """Time that a call with a good token takes beyond the HTTP library's own."""
    with _simulated(World()) as world:
        ends = world.ends["fixed"] = LIFE
        plain = requests.Session()
        plain.headers["Authorization"] = "Bearer fixed"
        carrier = httpx.MockTransport(lambda _: httpx.Response(200))
        origin = API.removesuffix("/profiles")
        subjects: dict[str, Callable[[str], object]] = {
            "requests": plain.get,
            "requests ours": ours(world).get,
            "requests Authlib": library(world).get,
            "httpx": httpx.Client(mounts={origin: carrier}, headers={"Authorization": "Bearer fixed"}).get,
            "httpx ours": httpx.Client(mounts={origin: TokenTransport(source(world), API, carrier)}).get,
        }
        world.now = ends / 2
        took = take_turns(rounds, {name: partial(_time, get) for name, get in subjects.items()})
    for library_name, peers in (("requests", ("ours", "Authlib")), ("httpx", ("ours",))):
        floor = Series(tuple(took[library_name]), "µs")
        beyond = {
            peer: Series(tuple(map(float.__sub__, took[f"{library_name} {peer}"], floor.values)), "µs")
            for peer in peers
        }
        yield Finding(
            what=f"a call with a good token, beyond {library_name}' own time".replace("x'", "x's"),
            measured=str(beyond["ours"]),
            against=f"{library_name} alone: {floor}"
            + (f"; Authlib's session beyond it: {beyond['Authlib']}" if "Authlib" in beyond else ""),
            value=beyond["ours"],
            reach=20,
            bound=60,
        )


def _time(get: Callable[[str], object]) -> float:
    """Microseconds of processor time that a call takes, in the quickest of several rows of calls."""
    return min(_time_row(get) for _ in range(ROWS)) / TIMED * 1e6


def _time_row(get: Callable[[str], object]) -> float:
    began = time.thread_time()
    for _ in range(TIMED):
        get(API)
    return time.thread_time() - began


def _schedule(processes: int, process: int) -> list[float]:
    """When one process calls, in seconds of the day."""
    return [number * DAY / CALLS for number in range(process, CALLS, processes)]


def _lives(calls: Sequence[float]) -> Iterator[list[float]]:
    """The calls of a process between its restarts."""
    bounds = (0, *RESTARTS, DAY)
    for start, end in itertools.pairwise(bounds):
        yield [call for call in calls if start <= call < end]


def _day(caller: Caller, processes: int) -> int:
    """The tokens of one day."""
    with _simulated(World()) as world:
        for process in range(processes):
            for life in _lives(_schedule(processes, process)):
                world.now = life[0]
                session = caller(world)
                for world.now in life:
                    if session.get(API).status_code != 200:
                        raise RuntimeError("a call failed")
        return world.tokens


def _least(processes: int, share: float) -> int:
    """The fewest tokens: one where a call finds none, then none for `share` of its life."""
    tokens = 0
    for process in range(processes):
        for life in _lives(_schedule(processes, process)):
            until = -1.0
            for call in life:
                if call >= until:
                    tokens, until = tokens + 1, call + LIFE * share
    return tokens


def _herd(caller: Caller) -> int:
    """Token requests when many threads of one process find their token ended at one moment."""
    with _simulated(World(delay=0.05)) as world:
        session = caller(world)
        session.get(API)
        world.now += LIFE + 1
        had, together = world.tokens, threading.Barrier(THREADS)

        def call(_: int) -> int:
            together.wait()
            return session.get(API).status_code

        with ThreadPoolExecutor(THREADS) as threads:
            if set(threads.map(call, range(THREADS))) != {200}:
                raise RuntimeError("a call failed")
        return world.tokens - had


@contextmanager
def _simulated(world: World) -> Iterator[World]:
    def send(_adapter: object, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        return world.send(request)

    def request(_pool: object, _method: str, _url: str, *, headers: dict[str, str], **_: Any) -> urllib3.HTTPResponse:
        return world.send_by_urllib3(headers)

    clock = SimpleNamespace(time=lambda: world.now)
    with (
        patch("urllib3.PoolManager.request", request),
        patch("requests.adapters.HTTPAdapter.send", send),
        patch("authlib.oauth2.rfc6749.wrappers.time", clock),
    ):
        yield world
