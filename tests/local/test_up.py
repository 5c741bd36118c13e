"""What `make up` says when it cannot go on."""

from pathlib import Path

import pytest

from local import deployment, up
from local.emulator.process import Emulator
from local.failure import CommandError

SAID = "credentials: 1 of 4 app clients are not ready:\nsmoke: otto/dev/clients/smoke: its rotation has not ended"


def test_a_client_whose_first_rotation_does_not_end_stops_it_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = tmp_path / "tools" / "credentials.py"
    command.parent.mkdir()
    command.write_text(
        "import sys\nassert sys.argv[1:] == ['dev']\n"
        f"print('waiting: smoke: why', file=sys.stderr)\nsys.exit({SAID!r})\n"
    )
    monkeypatch.setattr(deployment, "CHECKOUT", tmp_path)
    with pytest.raises(CommandError) as stopped:
        up.wait_for_credentials(Emulator(pid=1, port=1, log=str(tmp_path / "log"), started=0.0))
    assert str(stopped.value) == SAID
    assert capsys.readouterr().out == "    waiting: smoke: why\n"
