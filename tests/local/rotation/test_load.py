"""Twenty services call all the time while each of their secrets is rotated three times."""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import boto3
import pytest
import requests

from examples import service
from local import cloud
from tests.local.rotation.fleet import CLIENTS, Fleet
from tests.local.waiting import wait

PROFILE = "https://www.linkedin.com/in/arjaynacion"
PAUSE = 1.0  # seconds between a service's calls: a laptop's emulator answers twenty of them with time to spare
# Tokens live an hour, and five minutes at least. So that a test of seconds has renewals, services renew after 1 to 3
# seconds of that hour; all else is theirs. Each renewal reads the credentials and uses them: that is the race that
# rotation must not lose, and it is run a thousand times as often as in an hour's life.
RENEW_AT = (0.0001, 0.0007)


@dataclass
class Caller:
    """One service: its session, and what it met."""

    session: requests.Session
    url: str
    met: Counter[str] = field(default_factory=Counter)
    tokens: set[str] = field(default_factory=set)

    def call(self) -> None:
        try:
            answer = self.session.get(self.url, params={"uri": PROFILE}, timeout=service.TIMEOUT)
        except Exception as error:  # noqa: BLE001 - whatever a service would meet is a failed call
            self.met[type(error).__name__] += 1
            return
        self.met[" after ".join(str(each.status_code) for each in (answer, *answer.history))] += 1
        self.tokens.add(str(answer.request.headers["Authorization"]))

    def call_until(self, over: threading.Event) -> None:
        while not over.wait(PAUSE):
            self.call()


@pytest.fixture
def callers(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> dict[str, Caller]:
    for name, value in cloud.environment(fleet.platform.emulator.endpoint).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    monkeypatch.setattr(service, "RENEW_AT", RENEW_AT)
    return {client: Caller(*service.connect("dev", client)) for client in CLIENTS}


@contextmanager
def calling(callers: dict[str, Caller]) -> Iterator[None]:
    over = threading.Event()
    with ThreadPoolExecutor(len(callers)) as threads:
        running = [threads.submit(caller.call_until, over) for caller in callers.values()]
        try:
            yield
        finally:
            over.set()
    for each in running:
        each.result()


def renew(callers: dict[str, Caller]) -> None:
    before = {client: len(caller.tokens) for client, caller in callers.items()}
    wait(lambda: all(len(caller.tokens) > before[client] for client, caller in callers.items()))


def test_three_rotations_of_every_secret_fail_no_call(fleet: Fleet, callers: dict[str, Caller]) -> None:
    generations = [{client: fleet.held(client, label) for client in CLIENTS} for label in ("AWSPREVIOUS", "AWSCURRENT")]
    with calling(callers):
        renew(callers)
        for caller in callers.values():
            caller.met.clear()  # the API's function has started by now
        for _ in range(3):
            fleet.rotate(CLIENTS)
            generations.append({client: fleet.held(client) for client in CLIENTS})
            twice, once, current = (
                {fleet.refusal(credentials) for credentials in generation.values()} for generation in generations[-3:]
            )
            assert (twice, once, current) == ({"invalid_client"}, {None}, {None})
            # Nobody is left on an old token: each has renewed with what was just made.
            renew(callers)
    assert {status for caller in callers.values() for status in caller.met} == {"200"}
    assert all(len(caller.tokens) > 3 for caller in callers.values())


def test_a_service_that_keeps_its_credentials_is_what_such_a_load_notices(
    fleet: Fleet, callers: dict[str, Caller]
) -> None:
    kept = fleet.held(CLIENTS[0])
    caller = callers[CLIENTS[0]]
    caller.session.auth = service.AccessToken(fleet.platform.parameter("token-endpoint"), lambda: kept)
    for _ in range(2):
        fleet.rotate([CLIENTS[0]])
    with calling({CLIENTS[0]: caller}):
        wait(lambda: caller.met.total() > 1)
    assert set(caller.met) == {"OAuthError"}
