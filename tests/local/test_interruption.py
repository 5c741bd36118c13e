"""`make up`, interrupted at each line that it prints: the next one goes on, and the last one ends well."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
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


def test_up_goes_on_wherever_the_one_before_was_stopped(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "local.up", "--port", str(process.free_port()), "--state", str(tmp_path)]
    try:
        for lines in range(1, 21):
            status, printed = run(command, lines, kill if lines % 2 else interrupt)
            # It came as far, and nothing but the interruption ended it.
            assert status, printed
            assert len(printed) >= lines, printed
            assert lines % 2 or printed[-1] == "up: interrupted; run it again to go on", printed
        status, printed = run(command, 0, interrupt)
        assert (status, printed[-1].partition(".")[0]) == (0, "The emulator goes on running"), printed
    finally:
        process.stop(tmp_path)


def test_two_at_once_are_told_apart(tmp_path: Path) -> None:
    second = interruption.alone(tmp_path)
    with interruption.alone(tmp_path), pytest.raises(CommandError, match="another make up is running here"), second:
        pass
    with interruption.alone(tmp_path):
        pass
