"""What `make up` says when it cannot go on."""

import subprocess
from pathlib import Path

import pytest

from local import up
from local.emulator.process import Emulator
from local.failure import CommandError

SAID = "credentials: 1 of 4 app clients are not ready:\nsmoke: otto/dev/clients/smoke: its rotation has not ended"


def test_a_client_whose_first_rotation_does_not_end_stops_it_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        assert command[1:] == ["-m", "tools.credentials", "dev"]
        return subprocess.CompletedProcess(command, 1, stdout="", stderr=f"{SAID}\n")

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(CommandError) as stopped:
        up.wait_for_credentials(Emulator(pid=1, port=1, log=str(tmp_path / "log"), started=0.0))
    assert str(stopped.value) == SAID
