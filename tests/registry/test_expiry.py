"""A client's end: refused after its last day, warned of in the days before, and never asked about by synth."""
# ruff: noqa: E501 - the messages are long, and shown as a person sees them

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from stacks import registry
from tests.registry.sample import CLIENT, write
from tools import expiry

PLACE = "clients/internal/x1.yaml:6: expires: "
OWNER = "with its owner (growth, #otto-growth)"


@pytest.fixture
def check(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[str], tuple[int, str, str]]:
    """Runs the command on a day: its exit code, output and errors."""
    load = registry.load
    monkeypatch.setattr(registry, "load", lambda: load(root))

    def run(day: str) -> tuple[int, str, str]:
        code = expiry.main(["--on", day])
        return code, *capsys.readouterr()

    return run


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2027-05-30", (0, "", "")),
        (
            "2027-05-31",
            (
                0,
                f"warning: {PLACE}ends in 30 days, on 2027-06-30: remove the file by then, or agree a later day {OWNER}\n",
                "",
            ),
        ),
        (
            "2027-06-30",
            (
                0,
                f"warning: {PLACE}ends in 0 days, on 2027-06-30: remove the file by then, or agree a later day {OWNER}\n",
                "",
            ),
        ),
        (
            "2027-07-01",
            (
                1,
                "",
                f"{PLACE}2027-06-30 is past, expected a day from 2027-07-01 on: remove the file, or agree a later day {OWNER}\n",
            ),
        ),
    ],
)
def test_the_check_decides_by_the_day_it_is_given(check: Callable[[str], object], day: str, said: object) -> None:
    assert check(day) == said


def test_the_check_tells_the_problems_of_the_registry(root: Path, check: Callable[[str], object]) -> None:
    write(root, {"internal/x1.yaml": CLIENT.replace("kind: service", "kind: servce")})
    text = "unknown kind 'servce', expected service or testing (did you mean 'service'?)"
    assert check("2027-01-01") == (1, "", f"clients/internal/x1.yaml:5: kind: {text}\n")


def test_a_mistake_in_one_file_hides_no_other_client_that_has_expired(
    root: Path, check: Callable[[str], tuple[int, str, str]]
) -> None:
    write(root, {"internal/x2.yaml": CLIENT.replace("kind: service", "kind: servce")})
    write(root, {"internal/x3.yaml": CLIENT.replace("2027-06-30", "2027-07-20")})
    code, said, errors = check("2027-07-01")
    assert (code, [line.split(": ")[0] for line in errors.splitlines()]) == (
        1,
        ["clients/internal/x2.yaml:5", "clients/internal/x1.yaml:6"],
    )
    assert said.startswith("warning: clients/internal/x3.yaml:6: expires: ends in 19 days")


def test_a_day_that_is_none_is_refused(check: Callable[[str], object], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        check("tomorrow")
    assert "argument --on: 'tomorrow' is not a date such as 2027-06-30" in capsys.readouterr().err


def test_a_report_can_ask_for_both(root: Path) -> None:
    write(
        root,
        {
            "internal/x2.yaml": CLIENT.replace("2027-06-30", "2027-06-20"),
            "internal/x3.yaml": CLIENT.replace("2027-06-30", "2027-06-01"),
        },
    )
    write(root, {"internal/x4.yaml": CLIENT.replace("expires: 2027-06-30\n", "")})
    groups, on = registry.load(root), date(2027, 6, 10)
    assert [client.name for client in registry.expired(groups, on=on)] == ["x3"]
    assert [client.name for client in registry.expiring(groups, on=on)] == ["x2", "x1"]
    assert [client.name for client in registry.expiring(groups, on=on, days=10)] == ["x2"]
