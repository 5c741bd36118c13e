"""Twenty services call all the time while each of their secrets is rotated three times."""

import itertools
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
import requests
import urllib3

import otto_m2m
from local import cloud
from otto_m2m import token
from otto_m2m.aws import Credentials
from otto_m2m.requests import TokenAdapter, open_session
from otto_m2m.source import TokenSource
from otto_m2m.token_endpoint import request_token
from tests.callers.faults import FAULTS
from tests.callers.world import Reply, Sent, World, serve
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
            answer = self.session.get(self.url, params={"uri": PROFILE})
        except Exception as error:  # noqa: BLE001 - whatever a service would meet is a failed call
            self.met[type(error).__name__] += 1
            return
        self.met[" after ".join(str(each.status_code) for each in (answer, *answer.history))] += 1
        adapter = self.session.get_adapter(self.url)
        assert isinstance(adapter, TokenAdapter)
        self.tokens.add(adapter.source.get().value)

    def call_until(self, over: threading.Event) -> None:
        while not over.wait(PAUSE):
            self.call()


@pytest.fixture(autouse=True)
def _at_emulator(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in cloud.environment(fleet.platform.emulator).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(token, "RENEW_AT", RENEW_AT)


@pytest.fixture
def callers() -> dict[str, Caller]:
    return {client: Caller(*otto_m2m.connect("dev", client)) for client in CLIENTS}


@pytest.fixture
def faults() -> Iterator[dict[str, Reply]]:
    """One of each kind of fault, by what is said of it, and a token endpoint that never answers."""
    never = threading.Event()
    yield dict(reversed(FAULTS.values())) | {"no answer (ReadTimeoutError)": Reply(wait=never)}
    never.set()


@pytest.fixture
def faulty(fleet: Fleet, faults: dict[str, Reply]) -> Iterator[tuple[Counter[str], dict[str, Caller]]]:
    """A token endpoint that fails one request in five: what it has answered, and callers who have found it by name."""
    parameters, name = fleet.platform.emulator.client("ssm"), "/otto/dev/m2m/token-endpoint"
    token_endpoint, world, answered = fleet.platform.parameter("token-endpoint"), World(), Counter[str]()
    numbers, kinds, pool = itertools.count(1), itertools.cycle(faults), urllib3.PoolManager(maxsize=20)

    def answer(sent: Sent) -> Reply:
        if next(numbers) % 5:
            headers = {each: text for each, text in sent.headers.items() if each != "host"}
            came = pool.request("POST", token_endpoint, body=sent.body, headers=headers)
            answered["passed on"] += 1
            return Reply(came.status, came.data)
        answered[kind := next(kinds)] += 1
        return faults[kind]

    world.token_endpoint = answer
    with serve(world) as address:
        parameters.put_parameter(Name=name, Value=f"http://{address}/oauth2/token", Type="String", Overwrite=True)
        try:
            found = {client: Caller(*otto_m2m.connect("dev", client)) for client in CLIENTS}
        finally:
            parameters.put_parameter(Name=name, Value=token_endpoint, Type="String", Overwrite=True)
        yield answered, found


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
    rotate_three_times(fleet, callers)


def test_three_rotations_fail_no_call_while_the_token_endpoint_fails_one_request_in_five_in_every_way(
    fleet: Fleet, faults: dict[str, Reply], faulty: tuple[Counter[str], dict[str, Caller]]
) -> None:
    answered, callers = faulty
    rotate_three_times(fleet, callers)
    with calling(callers):
        wait(lambda: answered.keys() >= faults.keys())
    assert {status for caller in callers.values() for status in caller.met} == {"200"}
    assert answered.total() - answered["passed on"] >= answered.total() // 6


def rotate_three_times(fleet: Fleet, callers: dict[str, Caller]) -> None:
    """Rotate every secret three times under load, and see that no call fails and nobody is left on an old secret."""
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
    token_endpoint = fleet.platform.parameter("token-endpoint")
    source = TokenSource(lambda: Credentials(**kept), lambda credentials: request_token(token_endpoint, credentials))
    caller.session = open_session(source, caller.url)
    for _ in range(2):
        fleet.rotate([CLIENTS[0]])
    with calling({CLIENTS[0]: caller}):
        wait(lambda: caller.met.total() > 1)
    assert set(caller.met) == {"TokenError"}
