"""Many callers at once, each counting one up through `If-Match`, so that a lost write makes a number wrong."""

import os
import random
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlencode
from uuid import uuid4

import psutil
import urllib3

from tests.local.platform.deployed import Answer, Platform

CALLERS = 200
ANSWERS = (200, 409, 412, 429)
"""What a caller gets from a service without a fault: it may have come too late, or there may be too many."""
READERS = 1 / 2
"""The part of the calls that only read."""


@dataclass
class Counter:
    """A profile whose `attributes.count` is counted up."""

    uri: str
    acknowledged: int = 0
    """Writes that were answered with success."""
    unknown: int = 0
    """Writes whose answer was lost: each may have been made."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A call that was not answered as it should be."""

    began: float
    ended: float
    what: str


@dataclass(frozen=True, kw_only=True)
class Kill:
    """From before a worker was told to die until it was dead: what it had been given by then failed with it."""

    began: float
    ended: float

    def explains(self, failure: Failure) -> bool:
        return failure.began <= self.ended and self.began <= failure.ended


@dataclass
class Load:
    """What 200 callers did and saw. Everything is counted under one lock."""

    platform: Platform
    counters: list[Counter]
    statuses: dict[int, int] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    """Reads that did not see a write which had been acknowledged before they began."""
    over: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.url = self.platform.parameter("profiles-api-url")
        self.token = self.platform.token()
        self.connections = urllib3.PoolManager(maxsize=CALLERS, block=True, retries=False, timeout=60)

    def run(self, seconds: float) -> None:
        threads = [threading.Thread(target=self._call_until_over, args=(number,)) for number in range(CALLERS)]
        for thread in threads:
            thread.start()
        self.over.wait(seconds)
        self.over.set()
        for thread in threads:
            thread.join()

    def _call_until_over(self, number: int) -> None:
        if sys.platform == "linux":
            # The callers give way to the service: on one machine they would starve it, and measure themselves.
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
        chance = random.Random(number)  # noqa: S311 - which counter, not a secret
        while not self.over.is_set():
            counter = chance.choice(self.counters)
            if chance.random() < READERS:
                self._read(counter)
            else:
                self._count_up(counter)

    def _read(self, counter: Counter) -> Answer | None:
        floor = counter.acknowledged
        answer = self._send("GET", counter)
        if answer is None or answer.status != 200:
            return None
        if (seen := int(answer.json()["attributes"]["count"])) < floor:
            self.stale.append(f"{counter.uri}: {seen} after {floor}")
        return answer

    def _count_up(self, counter: Counter) -> None:
        read = self._read(counter)
        if read is None:
            return
        count = int(read.json()["attributes"]["count"]) + 1
        # Of two that write the same on the same revision both are told that it was done: these differ.
        body = {"full_name": "Counted Up", "attributes": {"count": count, "write": uuid4().hex}}
        written = self._send("PUT", counter, body, {"If-Match": read.headers["ETag"]})
        with self.lock:
            if written is None:
                counter.unknown += 1
            elif written.status == 200:
                counter.acknowledged += 1

    def _send(
        self, method: str, counter: Counter, body: object = None, headers: dict[str, str] | None = None
    ) -> Answer | None:
        """The answer; None, and a failure noted, if it is none of those that a caller without a fault gets."""
        began, what = time.monotonic(), "no answer"
        answer: Answer | None = None
        try:
            answer = self.connections.request(
                method,
                f"{self.url}?{urlencode({'uri': counter.uri})}",
                json=body,
                headers={"Authorization": f"Bearer {self.token}", **(headers or {})},
            )
            what = f"{answer.status} {answer.data[:200]!r}"
        except urllib3.exceptions.HTTPError as error:
            what = repr(error)
        with self.lock:
            status = answer.status if answer is not None else 0
            self.statuses[status] = self.statuses.get(status, 0) + 1
            if status not in ANSWERS:
                self.failures.append(Failure(began=began, ended=time.monotonic(), what=f"{method} {what}"))
                return None
        if status == 429:  # the stage is full, which is no fault: a caller waits, and has written nothing
            self.over.wait(random.uniform(0, 2))  # noqa: S311 - all after the same second would meet each other again
        return answer


def workers(platform: Platform) -> list[psutil.Process]:
    """The processes that run the profiles function, and have had the time to start."""
    running = psutil.Process(platform.emulator.pid).children(recursive=True)
    return [process for process in running if _is_worker(process)]


def _is_worker(process: psutil.Process) -> bool:
    try:
        # ministack takes one that dies before it has started for a broken function, and ends all the others with it.
        old = time.time() - process.create_time() > 3
        return old and any("ministack-lambda-otto-dev-profiles" in part for part in process.cmdline())
    except psutil.Error:
        return False


def _kill(worker: psutil.Process) -> Kill:
    """Kill it, and wait until it is dead: on a busy machine it lives on for a moment, and is given requests."""
    began = time.monotonic()
    with suppress(psutil.NoSuchProcess):
        worker.kill()
        while worker.status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.001)
    return Kill(began=began, ended=time.monotonic())


@contextmanager
def killing(platform: Platform, every: float) -> Iterator[list[Kill]]:
    """Kill all of the function's workers each `every` seconds; what is said of each that was killed."""
    kills: list[Kill] = []
    over = threading.Event()

    def kill() -> None:
        while not over.wait(every):
            for worker in workers(platform):
                kills.append(_kill(worker))

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield kills
    finally:
        over.set()
        thread.join()
