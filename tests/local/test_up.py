"""What `make up` says when it cannot go on."""

from datetime import date
from pathlib import Path
from typing import Literal

import pytest

from local import deployment, guide, up
from local.emulator.process import Emulator
from local.failure import CommandError
from stacks.registry import AppClient, Grant, Group

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


def client(
    name: str, *granted: str, kind: Literal["service", "testing"] = "service", suspended: bool = False
) -> AppClient:
    return AppClient(
        owner="growth",
        contact="#otto-growth",
        purpose="Looks up the public profile of each new lead.",
        kind=kind,
        expires=date(2027, 6, 30),
        environments={"dev": Grant(scopes=granted, suspended=suspended)},
        name=name,
        group="internal",
        path=f"clients/internal/{name}.yaml",
    )


READER, WRITER = client("a-lead-reading", "api.read"), client("writer", "api.read", "api.write")
TESTING = client("zz-testing", "api.read", "api.write", kind="testing")
SUSPENDED = client("a-suspended", "api.read", "api.write", kind="testing", suspended=True)


@pytest.mark.parametrize(
    ("clients", "chosen"),
    [
        ((READER, WRITER, TESTING, SUSPENDED), TESTING),
        ((READER, WRITER, SUSPENDED), WRITER),
        ((READER, SUSPENDED), READER),
        ((client("writes-alone", "api.write"), SUSPENDED), None),
        ((), None),
    ],
)
def test_the_guide_is_shown_with_whichever_client_there_is(
    clients: tuple[AppClient, ...], chosen: AppClient | None
) -> None:
    group = Group(
        name="internal", approvers="@sellwithotto/platform", purpose="Services that call all the time.", clients=clients
    )
    assert guide.choose([group]) == chosen
