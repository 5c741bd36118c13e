"""`make up`, interrupted at each line that it prints: the next one goes on, and the last one ends well."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local import interruption
from local.deployment import CHECKOUT
from local.emulator import process
from local.failure import CommandError


def interrupt(up: "subprocess.Popen[str]") -> None:
    """Ctrl-C: every process of the terminal's job is told."""
    os.killpg(up.pid, signal.SIGINT)


def kill(up: "subprocess.Popen[str]") -> None:
    """What is killed alone leaves the CDK CLI that it started at work."""
    up.kill()


@pytest.fixture
def _at_a_terminal() -> Iterator[None]:
    """A shell has what it starts in the background ignore SIGINT, and every child of that as well."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def run(command: list[str], lines: int, stop: Callable[["subprocess.Popen[str]"], None]) -> tuple[int, list[str]]:
    """Run until it has printed so many lines, or to its end for 0; its status and what it printed."""
    printed: list[str] = []
    with subprocess.Popen(
        command, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    ) as up:
        assert up.stdout is not None
        for line in up.stdout:
            printed.append(line.rstrip())
            if len(printed) == lines:
                stop(up)
                break
        rest, _ = up.communicate()
        return up.returncode, [*printed, *rest.splitlines()]


@pytest.mark.usefixtures("_at_a_terminal")
def test_up_goes_on_wherever_the_one_before_was_stopped(cdk_out: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    command = [sys.executable, "-m", "local.up", "--port", str(process.free_port()), "--state", str(state)]
    command += ["--assembly", str(cdk_out)]  # each would make the same anew
    try:
        for lines in range(1, 21):
            status, printed = run(command, lines, kill if lines % 2 else interrupt)
            assert len(printed) >= lines, "\n".join(printed)
            # It came as far, and nothing but the interruption ended it.
            assert status, "\n".join(printed)
            assert lines % 2 or printed[-1] == "up: interrupted; run it again to go on", "\n".join(printed)
        status, printed = run(command, 0, interrupt)
        assert (status, printed[-1].partition(".")[0]) == (0, "The emulator goes on running"), "\n".join(printed)
    finally:
        process.stop(state)


def test_two_at_once_are_told_apart(tmp_path: Path) -> None:
    second = interruption.alone(tmp_path)
    with interruption.alone(tmp_path), pytest.raises(CommandError, match="another make up is running here"), second:
        pass
    with interruption.alone(tmp_path):
        pass
