"""The emulator as a process: loopback only, nothing of the caller's AWS settings, clear errors."""

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from local import guide
from local.emulator import process
from local.emulator.process import Emulator, EmulatorError
from local.failure import CommandError, reported
from tests.local.emulator.rotation_function import RotationFunction
from tests.local.waiting import wait


def test_it_listens_on_one_loopback_port_and_nowhere_else(emulator: Emulator) -> None:
    running = psutil.Process(emulator.pid)
    listening = {
        tuple(connection.laddr)
        for each in (running, *running.children(recursive=True))
        for connection in each.net_connections("inet")
        if connection.status in (psutil.CONN_LISTEN, psutil.CONN_NONE)
    }
    assert listening == {("127.0.0.1", emulator.port)}


def test_its_environment_holds_none_of_the_callers_aws_settings() -> None:
    caller = {
        "PATH": "/bin",
        "AWS_PROFILE": "prod",
        "AWS_ACCESS_KEY_ID": "AKIA",
        "AWS_ENDPOINT_URL": "https://x",
        "X": "y",
    }
    given = process.environment(port=1, state=Path("/s"), caller=caller)
    assert given["PATH"] == "/bin"
    assert not set(caller.values()) & {value for name, value in given.items() if name != "PATH"}


def test_a_taken_port_is_named_with_the_program_that_holds_it(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind((process.HOST, 0))
        holder.listen()
        port = holder.getsockname()[1]
        with pytest.raises(
            EmulatorError, match=rf"^port {port} is taken by .*\(pid \d+\): stop it, or choose another port$"
        ):
            process.start(state=tmp_path, port=port)


def test_a_second_start_in_the_same_directory_names_the_first(emulator: Emulator) -> None:
    with pytest.raises(EmulatorError, match=rf"runs already: pid {emulator.pid}, port {emulator.port}$"):
        process.start(state=Path(emulator.log).parent, port=process.free_port())


def test_one_in_the_foreground_takes_nothing_from_the_one_that_runs(emulator: Emulator) -> None:
    command = [sys.executable, "-m", process.MODULE, "--port", str(process.free_port()), "--state", str(emulator.state)]
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert refused.stderr.endswith(f"runs already: pid {emulator.pid}, port {emulator.port}\n")
    assert emulator.client("sts").get_caller_identity()["Account"] == "000000000000"


def test_an_emulator_that_cannot_start_shows_the_end_of_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "MODULE", "local.emulator.nothing")
    with pytest.raises(
        EmulatorError, match=r"ended at once with status 1; .*emulator\.log ends with:\n.*No module named"
    ):
        process.start(state=tmp_path, port=process.free_port())
    assert process.find(tmp_path) is None


def test_stop_leaves_a_stranger_alone_that_got_the_same_process_id(tmp_path: Path) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", "input()", process.MODULE], stdin=subprocess.PIPE)
    try:
        record = {"pid": stranger.pid, "port": 1, "log": "", "started": psutil.Process(stranger.pid).create_time() - 60}
        (tmp_path / "emulator.json").write_text(json.dumps(record))
        assert not process.stop(tmp_path)
        assert stranger.poll() is None
    finally:
        stranger.communicate(b"\n")


def test_an_emulator_that_has_no_command_line_yet_is_found(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil.Process, "cmdline", lambda _: [])
    assert process.find(Path(emulator.log).parent) == emulator


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Emulator]:
    yield process.start(state=tmp_path, port=process.free_port())
    process.stop(tmp_path)


@pytest.mark.parametrize("step", [lambda _: _raise(), lambda emulator: guide.discover(emulator, "issuer")])
def test_whatever_fails_after_the_emulator_died_shows_the_end_of_its_log(
    started: Emulator, tmp_path: Path, step: Callable[[Emulator], object]
) -> None:
    def said() -> str:
        with pytest.raises(SystemExit) as ended, reported("up", tmp_path):
            step(started)
        return str(ended.value)

    assert said().startswith("up: ")
    assert "emulator has ended" not in said()
    log = Path(started.log)
    psutil.Process(started.pid).kill()
    wait(lambda: process.find(tmp_path) is None)
    log.write_text("\n".join(map(str, range(1, 101))))
    first, *last = said().splitlines()[-16:]
    assert first == f"  the emulator has ended; {log} ends with:"
    assert last == [str(number) for number in range(86, 101)]


def _raise() -> None:
    raise CommandError("cdk deploy failed: connect ECONNREFUSED")


def test_stop_ends_the_emulator_and_its_lambda_functions(started: Emulator, tmp_path: Path) -> None:
    function = RotationFunction(started, "running")
    started.client("secretsmanager").create_secret(Name="a", SecretString="first")
    event = {"Step": "setSecret", "SecretId": "a", "ClientRequestToken": "token"}
    started.client("lambda").invoke(FunctionName=function.name, Payload=json.dumps(event))
    family = [psutil.Process(started.pid), *psutil.Process(started.pid).children(recursive=True)]
    assert len(family) == 2
    assert process.find(tmp_path) == started
    assert process.stop(tmp_path)
    wait(lambda: not [each for each in family if each.is_running() and each.status() != psutil.STATUS_ZOMBIE])
    assert process.find(tmp_path) is None
