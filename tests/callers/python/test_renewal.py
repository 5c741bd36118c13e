"""Rules 1, 2, 3 and 7: a good token outlives whatever a renewal meets; without one, calls end soon and say why."""

import asyncio
import itertools
import socket
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from functools import partial
from typing import Any, Never

import pytest
import urllib3

from otto_m2m import source as source_module
from otto_m2m import token_endpoint
from otto_m2m.aws import Credentials
from otto_m2m.errors import TokenError
from otto_m2m.source import TokenSource
from tests.callers.faults import FAULTS
from tests.callers.python.conftest import Call
from tests.callers.world import SECRET, TOKEN, Reply, World, grant, serve, to_json
from tests.local.waiting import wait


@pytest.fixture
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_endpoint, "TIMEOUT", urllib3.Timeout(connect=0.5, read=0.5))


@pytest.fixture
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the server hold an answer back for longer than a test takes: whoever waits for it is seen."""
    monkeypatch.setattr(token_endpoint, "TIMEOUT", urllib3.Timeout(connect=60, read=60))


@pytest.mark.parametrize("name", FAULTS)
def test_a_good_token_is_used_whatever_the_token_endpoint_answers(world: World, name: str) -> None:
    reason, reply = FAULTS[name]
    source = world.open_source()
    first = source.get()
    world.pass_time(0.81)
    world.token_endpoint = lambda _: reply
    for _ in range(3):
        assert source.get() is first
    assert len(world.token_requests) == 2, "not asked again for each call"
    world.pass_time(0.19)
    with pytest.raises(TokenError) as raised:
        source.get()
    assert raised.value.reason.startswith(reason)
    assert raised.value.part == ("refused" if reason.endswith(": ") else "token endpoint")
    assert "CANARY" not in f"{raised.value} {raised.value!r}"
    world.token_endpoint = world.issue
    world.now += 61
    assert source.get().value == f"{TOKEN}2"


def refuse_connection(world: World, _: pytest.MonkeyPatch) -> str:
    world.url = "http://127.0.0.1:9"
    return "NewConnectionError"


def answer_late(world: World, _: pytest.MonkeyPatch) -> str:
    world.token_endpoint = lambda _: Reply(wait=threading.Event())
    return "ReadTimeoutError"


def lose_the_name(_world: World, patch: pytest.MonkeyPatch) -> str:
    def fail(*_: object, **__: object) -> Never:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    patch.setattr(socket, "getaddrinfo", fail)
    return "NameResolutionError"


def speak_no_tls(world: World, _: pytest.MonkeyPatch) -> str:
    world.url = world.url.replace("http:", "https:")
    return "SSLError"


@pytest.mark.usefixtures("_short")
@pytest.mark.parametrize("break_it", [refuse_connection, answer_late, lose_the_name, speak_no_tls])
def test_a_good_token_is_used_whatever_the_network_does(
    world: World, monkeypatch: pytest.MonkeyPatch, break_it: Any
) -> None:
    source = world.open_source()
    first = source.get()
    world.pass_time(0.81)
    with monkeypatch.context() as patch:
        error = break_it(world, patch)
        assert source.get() is first
        world.pass_time(0.19)
        world.now += 61
        with pytest.raises(TokenError, match=rf"^token endpoint: no answer \({error}\)$"):
            source.get()


def test_a_certificate_that_nobody_vouches_for_is_no_answer(world: World, certificate: Any) -> None:
    with serve(World(), lambda plain: certificate.wrap_socket(plain, server_side=True)) as address:
        world.url = f"https://{address}"
        with pytest.raises(TokenError, match=r"^token endpoint: no answer \(SSLError\)$"):
            world.open_source().get()


def test_a_redirect_is_not_followed_with_the_secret(world: World, stranger: World) -> None:
    for status in (301, 302, 303, 307, 308):
        reply = to_json(status, {}, Location=f"{stranger.url}/oauth2/token")
        world.token_endpoint = partial(_reply, reply)
        with pytest.raises(TokenError, match=f"^token endpoint: status {status}$"):
            world.open_source().get()
    assert stranger.sent == []


@pytest.mark.parametrize(
    "raised", [RuntimeError(SECRET), KeyError(SECRET), TokenError("credentials", "why"), MemoryError()]
)
def test_a_good_token_is_used_whatever_reading_the_credentials_raises(world: World, raised: Exception) -> None:
    broken = False

    def read() -> Credentials:
        if broken:
            raise raised
        return Credentials("id", SECRET)

    source = TokenSource(
        read, lambda _: (TOKEN, 3600), clock=lambda: world.now, sleep=world.sleep, begin=lambda work: work()
    )
    first, broken = source.get(), True
    world.pass_time(0.81)
    assert source.get() is first
    world.pass_time(0.2)
    with pytest.raises(TokenError, match=f"^credentials: (why|{type(raised).__name__})$"):
        source.get()


@pytest.mark.parametrize(
    ("sent", "life"),
    [(3600, 3600), (3600.5, 3600.5), ("3600", 3600), (" 3600.5 ", 3600.5), (None, 300), (10**20, 86_400), (1, 1)],
)
def test_a_life_in_any_form_is_understood(world: World, sent: object, life: float) -> None:
    world.token_endpoint = lambda _: to_json(200, grant(expires_in=sent, token_type="bearer"))
    token = world.open_source().get()
    assert (token.life, token.made) == (life, world.now)
    assert token.made + 0.7 * life <= token.due <= token.made + 0.8 * life <= token.end < token.made + life


@pytest.mark.usefixtures("_patient")
def test_no_call_waits_for_a_renewal_while_there_is_a_good_token(world: World, call_at_once: Call) -> None:
    """Ten callers, and a token endpoint that takes its time to say 503."""
    call_at_once("GET", world.profiles)
    world.pass_time(0.81)
    world.token_endpoint = lambda _: Reply(503, wait=late)
    late = threading.Event()
    with ThreadPoolExecutor(10) as threads:
        answers = [each.status for each in threads.map(lambda _: call_at_once("GET", world.profiles), range(50))]
    assert world.waited == [], "all are answered, and the token request is not"
    assert answers == [200] * 50
    assert len(world.token_requests) == 2
    late.set()


@pytest.mark.usefixtures("_patient")
def test_all_who_wait_share_one_token(world: World) -> None:
    source, late = world.open_source(at_once=False), threading.Event()
    world.token_endpoint = lambda sent: Reply(*_parts(world.issue(sent)), wait=late)
    with ThreadPoolExecutor(20) as threads:
        waiting = [threads.submit(source.get) for _ in range(20)]
        wait(lambda: world.token_requests)
        late.set()
        assert len({each.result() for each in waiting}) == 1

    async def get_together() -> set[Any]:
        return set(await asyncio.gather(*(source.get_async() for _ in range(20))))

    world.pass_time(1)
    assert len(asyncio.run(get_together())) == 1
    assert world.waited == [True, True]


def _reply(reply: Reply, _: object) -> Reply:
    return reply


def _parts(reply: Reply) -> tuple[int, bytes, dict[str, str]]:
    return reply.status, reply.body, reply.headers


@pytest.mark.usefixtures("_patient")
def test_all_who_wait_share_one_failure(world: World) -> None:
    source, late = world.open_source(at_once=False), threading.Event()
    world.token_endpoint = lambda _: Reply(400, b'{"error": "invalid_client"}', wait=late)

    def fail() -> TokenError:
        with pytest.raises(TokenError) as raised:
            source.get()
        return raised.value

    with ThreadPoolExecutor(20) as threads:
        waiting = [threads.submit(fail) for _ in range(20)]
        wait(lambda: world.token_requests)
        late.set()
        errors = [each.result() for each in waiting]
    assert {str(error) for error in errors} == {f"refused: invalid_client: {token_endpoint.REFUSALS['invalid_client']}"}
    assert len({id(error) for error in errors}) == 20, "each has its own: a shared one collects everybody's traceback"
    assert world.waited == [True]


@pytest.mark.usefixtures("_patient")
def test_a_task_that_is_cancelled_while_it_waits_cancels_nothing_for_others(world: World) -> None:
    source, late = world.open_source(at_once=False), threading.Event()
    world.token_endpoint = lambda sent: Reply(*_parts(world.issue(sent)), wait=late)

    async def cancel_one() -> str:
        gone, stays = (asyncio.create_task(source.get_async()) for _ in range(2))
        while not world.token_requests:
            await asyncio.sleep(0.01)
        gone.cancel()
        await asyncio.wait([gone])
        late.set()
        return (await stays).value

    assert asyncio.run(cancel_one()) == f"{TOKEN}1"
    assert world.waited == [True]


@pytest.mark.usefixtures("_patient")
def test_the_event_loop_runs_on_while_a_task_waits_for_a_token(world: World) -> None:
    source, late = world.open_source(at_once=False), threading.Event()
    world.token_endpoint = lambda sent: Reply(*_parts(world.issue(sent)), wait=late)

    async def set_it_from_the_loop() -> str:
        task = asyncio.create_task(source.get_async())
        while not world.token_requests:
            await asyncio.sleep(0.01)
        late.set()  # a blocked loop would not come here before the server's time is over
        return (await task).value

    assert asyncio.run(set_it_from_the_loop()) == f"{TOKEN}1"
    assert world.waited == [True]


def pauses(world: World, reply: Reply, tries: int, good: bool = True) -> list[float]:
    """The seconds between the tries of a caller who calls every tenth of a second."""
    source, moments = world.open_source(), []
    if good:
        world.life = 1_000_000
        world.token_endpoint = lambda _: to_json(200, grant(expires_in=86_400))
        source.get()
        world.now += 70_000

    def answer(_: object) -> Reply:
        moments.append(world.now)
        return reply

    world.token_endpoint = answer
    while len(moments) < tries:
        try:
            source.get()
        except TokenError:
            assert not good
        world.now += 0.1
    return [round(after - before, 1) for before, after in itertools.pairwise(moments)]


@pytest.mark.parametrize("good", [True, False])
def test_after_each_failure_the_next_try_comes_later_up_to_a_minute_with_some_chance_in_it(
    world: World, good: bool
) -> None:
    waited = pauses(world, Reply(503), 10, good)
    for number, seconds in enumerate(waited):
        most = min(60, 2**number)
        assert most / 2 <= seconds <= most + 0.2
    assert waited != pauses(world, Reply(503), 10, good)


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [("7", 7, 8), ("120", 120, 133), (formatdate(2**31 - 1, usegmt=True), 600, 661), ("99999999999", 600, 661)],
)
def test_a_server_that_asks_to_wait_is_left_alone_so_long_but_no_more_than_ten_minutes(
    world: World, header: str, least: float, most: float
) -> None:
    [waited] = pauses(world, Reply(429, headers={"Retry-After": header}), 2)
    assert least <= waited <= most


@pytest.mark.parametrize("header", ["", "soon", "-1", "1.5", "²", "Wed, 99 Nov 2026 00:00:00 GMT", formatdate(0)])
def test_a_retry_after_that_says_nothing_changes_nothing(world: World, header: str) -> None:
    [waited] = pauses(world, Reply(429, headers={"Retry-After": header}), 2)
    assert 0.5 <= waited <= 1.2


def test_a_call_without_a_token_survives_a_fault_that_passes(world: World, call: Call) -> None:
    faults = iter([Reply(503), Reply(raw=b"")])
    world.token_endpoint = lambda sent: next(faults, None) or world.issue(sent)
    assert call("GET", world.profiles).status == 200
    assert len(world.token_requests) == 3


def test_a_call_without_a_token_fails_within_its_time_in_one_type_that_says_which_part(
    world: World, call: Call
) -> None:
    for script, shown in (
        (lambda _: Reply(503), "token endpoint: status 503"),
        (lambda _: to_json(400, {"error": "invalid_grant"}), "refused: invalid_grant: the client is suspended"),
    ):
        world.token_endpoint = script
        world.now += 61
        began = world.now
        for _ in range(3):
            with pytest.raises(TokenError) as raised:
                call("GET", world.profiles)
            assert str(raised.value) == shown
        assert world.now - began <= source_module.WAIT
    assert world.calls == []


def test_whatever_never_ends_is_waited_for_no_longer_than_said_and_what_it_brings_late_is_used(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a name server may, whose library knows no timeout. The token itself has been billed by then."""
    monkeypatch.setattr(source_module, "WAIT", 0.05)
    late = threading.Event()

    def hang(_: object) -> tuple[str, float]:
        late.wait(10)
        return TOKEN, 3600

    source = TokenSource(lambda: Credentials("id", SECRET), hang, clock=lambda: world.now)
    for _ in range(2):
        with pytest.raises(TokenError, match=r"^token endpoint: no answer within 0\.05 s$"):
            source.get()
    with pytest.raises(TokenError, match=r"^token endpoint: no answer"):
        asyncio.run(source.get_async())
    late.set()
    wait(lambda: _has_token(source))


def test_a_renewal_that_was_given_up_and_ends_at_last_helps_those_who_have_no_token(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_module, "WAIT", 0.05)
    late, tries = threading.Event(), Counter[str]()

    def hang_once(_: object) -> tuple[str, float]:
        tries.update(["try"])
        if tries["try"] == 1:
            late.wait(10)
            return TOKEN, 3600
        raise TokenError("token endpoint", "status 503", retry_after=600)

    source = TokenSource(lambda: Credentials("id", SECRET), hang_once, clock=lambda: world.now, sleep=world.sleep)
    assert not _has_token(source)
    world.now += source_module.LIMIT + 1
    assert not _has_token(source)
    wait(lambda: tries["try"] == 2)
    late.set()
    wait(lambda: _has_token(source))
    assert tries["try"] == 2, "the server asks to wait: only the first can have brought it"


def _has_token(source: TokenSource) -> bool:
    try:
        return bool(source.get())
    except TokenError:
        return False


def test_a_renewal_that_never_ends_is_given_up_for_another(world: World) -> None:
    source, late, asked = world.open_source(at_once=False), threading.Event(), Counter[str]()
    first = source.get()
    world.pass_time(0.81)
    world.token_endpoint = lambda _: asked.update(["hangs"]) or Reply(wait=late)
    assert source.get() is first
    wait(lambda: asked["hangs"])
    world.token_endpoint = world.issue
    world.now += source_module.LIMIT + 1
    assert source.get() is first, "given up"
    world.now += 2
    wait(lambda: source.get() is not first)
    late.set()


def test_a_rotated_secret_is_used_from_the_next_token_on_without_a_failed_call(world: World, call: Call) -> None:
    for rotation in range(3):
        assert call("GET", world.profiles).status == 200
        world.secret = f"{SECRET}{rotation}"
        world.accepted = {world.secret}
        world.pass_time(0.81)
    assert call("GET", world.profiles).status == 200
    assert call("GET", world.profiles).status == 200
    assert len(world.token_requests) == 4


@pytest.mark.parametrize(
    ("calls", "life", "fewest", "most"), [(10_000, 3600, 30, 34), (5_000, 300, 360, 412), (1_000, 86400, 1, 2)]
)
def test_a_day_of_calls_costs_a_token_every_three_quarters_of_its_life(
    world: World, calls: int, life: int, fewest: int, most: int
) -> None:
    world.life = life
    source = world.open_source()
    for _ in range(calls):
        source.get()
        world.now += 86_400 / calls
    assert fewest <= len(world.token_requests) <= most
