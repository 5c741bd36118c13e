"""Rule 6, in processes of their own: forks in the middle of a renewal, and the interpreter's end."""

import random
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from otto_m2m.token import Token
from tests.callers.world import TOKEN, Reply, World

SOURCE = """
import atexit, os, sys, threading, time, warnings
from otto_m2m.aws import Credentials
from otto_m2m.requests import open_session
from otto_m2m.source import TokenSource
from otto_m2m.token_endpoint import request_token
warnings.simplefilter("ignore", DeprecationWarning)  # of forks in a process with threads, which this is about
url = sys.argv[1]
now = 1000.0
source = TokenSource(
    lambda: Credentials("id", "CANARYsecret"), lambda held: request_token(f"{url}/oauth2/token", held),
    clock=lambda: now + time.monotonic(),
)
session = open_session(source, f"{url}/dev/profiles")
call = lambda: session.get(f"{url}/dev/profiles").status_code
"""
FORK_IN_THE_MIDDLE = """
assert call() == 200
now += 3000
assert call() == 200  # and a renewal is under way, which the server holds
while not source._renewal: pass
source._lock.acquire()  # as another thread may
children = []
for _ in range(8):
    child = os.fork()
    if not child:
        assert call() == 200
        print(source._token.due, flush=True)
        now += 3000
        assert call() == 200, "a token of its own"
        os._exit(0)
    children.append(child)
source._lock.release()
print(source._token.due)
assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * 8
"""
END_IN_THE_MIDDLE = """
threading.Thread(target=call, daemon=True).start()
while not source._renewal: pass
"""
CALL_AT_THE_END = """
@atexit.register
def last():
    print(call())
    global now
    now += 3000
    print(call())
"""
NO_THREADS = """
def refuse(_self): raise RuntimeError("can't start new thread")
threading.Thread.start = refuse
print(call())
now += 2900
print(call())
now += 1000
print(call())
"""


def run(world: World, script: str) -> "subprocess.CompletedProcess[str]":
    package = Path(__file__).parents[3] / "callers" / "python"
    return subprocess.run(
        [sys.executable, "-c", SOURCE + script, world.url],
        env={"PYTHONPATH": str(package)}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_processes_forked_in_the_middle_of_a_renewal_go_on_and_draw_their_own_moments(world: World) -> None:
    held = threading.Event()

    def issue(sent: object) -> Reply:
        reply = world.issue(sent)  # type: ignore[arg-type]
        return Reply(reply.status, reply.body, wait=held) if world.issued == 2 else reply

    world.token_endpoint = issue
    forked = run(world, FORK_IN_THE_MIDDLE)
    held.set()
    assert (forked.returncode, forked.stderr) == (0, "")
    assert len(set(forked.stdout.split())) == 9, "each drew its own"
    own = [sent for sent in world.calls if sent.token != f"{TOKEN}1"]
    assert len({sent.token for sent in own}) == 8
    assert len({sent.port for sent in own}) == 8, "on a connection of its own: the parent's would mix up answers"


def test_a_service_that_seeds_its_chance_alike_everywhere_still_renews_at_moments_of_its_own() -> None:
    drawn = set()
    for _ in range(5):
        random.seed(0)
        drawn.add(Token.issue("x", 3600, 0).due)
    assert len(drawn) == 5


def test_a_program_that_ends_in_the_middle_of_a_renewal_just_ends(world: World) -> None:
    held = threading.Event()
    world.token_endpoint = lambda _: Reply(wait=held)
    ended = run(world, END_IN_THE_MIDDLE)
    held.set()
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


@pytest.mark.parametrize(("script", "printed"), [(CALL_AT_THE_END, "200\n" * 2), (NO_THREADS, "200\n" * 3)])
def test_a_call_where_no_thread_can_be_started_any_more_is_made_all_the_same(
    world: World, script: str, printed: str
) -> None:
    ended = run(world, script)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, printed, "")
