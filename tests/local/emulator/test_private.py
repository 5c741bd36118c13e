"""The state directory belongs to whoever runs the emulator, and nobody else sees what is in it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from local.deployment import CHECKOUT
from local.emulator import private, process
from local.emulator.private import NotPrivateError
from local.emulator.process import Emulator, EmulatorError

COMMANDS = ("up", "down", "token", "openapi", "at_emulator", "emulator")


@pytest.mark.parametrize("before", [None, 0o777, 0o755, 0o750, 0o700])
def test_it_is_closed_to_others_whatever_it_was_before(tmp_path: Path, before: int | None) -> None:
    state = tmp_path / ".local"
    if before:
        state.mkdir()
        state.chmod(before)
    private.make(state)
    assert state.stat().st_mode & 0o777 == 0o700


def test_it_is_closed_to_others_under_every_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        private.make(tmp_path / ".local")
    finally:
        os.umask(before)
    assert (tmp_path / ".local").stat().st_mode & 0o777 == 0o700


def test_a_link_and_a_file_in_its_place_are_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "file").touch()
    for name, kind in (("link", "a symbolic link"), ("file", "no directory")):
        with pytest.raises(NotPrivateError, match=f"{name} is {kind}, and would hold secrets: remove it"):
            private.require(tmp_path / name)


def test_another_users_directory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    for act in (private.require, private.make):
        with pytest.raises(
            NotPrivateError, match=r"belongs to user \d+, and would hold secrets of user \d+: remove it"
        ):
            act(tmp_path)
    with pytest.raises(NotPrivateError, match="belongs to user"):
        process.find(tmp_path)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_local_command_refuses_a_linked_one_in_one_line(tmp_path: Path, command: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    arguments = ["-m", f"local.{command}", "--state", str(tmp_path / "link")]
    arguments += ["true"] if command == "at_emulator" else []
    refused = subprocess.run([sys.executable, *arguments], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert refused.stderr.endswith(f"{tmp_path / 'link'} is a symbolic link, and would hold secrets: remove it\n")
    assert len(refused.stderr.splitlines()) == 1
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_the_key_the_signing_keys_and_the_log_are_their_owners_alone(emulator: Emulator) -> None:
    pool = emulator.client("cognito-idp").create_user_pool(PoolName="private")["UserPool"]["Id"]
    emulator.client("cognito-idp").delete_user_pool(UserPoolId=pool)
    files = [path for path in emulator.state.rglob("*") if path.is_file()]
    assert {"credentials", "emulator.log", "cognito-rsa-key.pem"} <= {path.name for path in files}
    assert [str(path) for path in files if path.stat().st_mode & 0o077] == []


def test_each_run_has_a_key_of_its_own_that_goes_with_it(tmp_path: Path) -> None:
    keys = []
    for _ in range(2):
        running = process.start(state=tmp_path, port=process.free_port())
        keys.append((running.credentials.read_text(), running.address))
        process.stop(tmp_path)
        assert not running.credentials.exists()
    assert keys[0][0] != keys[1][0]


def test_a_key_that_was_removed_is_named_with_the_fix(tmp_path: Path) -> None:
    running = process.start(state=tmp_path, port=process.free_port())
    try:
        running.credentials.unlink()
        with pytest.raises(
            EmulatorError, match=r"credentials is gone, and nothing opens the emulator but it: make down$"
        ):
            running.client("sts")
    finally:
        process.stop(tmp_path)
