"""One row of what `make preflight` and `make verify` look at: a fact of an environment, and what it should be."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any, Final

from tools.table import columns

_COLUMNS: Final = ("", "what", "found", "expected")


class State(Enum):
    """Outcome of a row. `BAD` alone makes a command fail."""

    GOOD = "ok"
    BAD = "FAIL"
    UNREAD = "?"
    """AWS did not say: a permission is missing, or the call failed."""
    ELSEWHERE = "-"
    """Nothing here can say it: the emulator lacks the service, or the command was told to change nothing."""


_COUNTED: Final = {
    State.GOOD: "ok",
    State.BAD: "wrong",
    State.UNREAD: "could not be read",
    State.ELSEWHERE: "not looked at",
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """Never holds a secret or a token: it is printed, and may be kept as JSON."""

    name: str
    found: str
    expected: str
    fix: str = ""
    """A command to paste, or the section of a document."""
    state: State

    def plain(self) -> dict[str, str]:
        """The row as JSON holds it."""
        return {key: value.name.lower() if isinstance(value, State) else value for key, value in asdict(self).items()}


def judge(name: str, *, found: str, expected: str, good: bool, fix: str) -> Row:
    """Make a row of a fact that was read. `fix` is dropped where there is nothing to fix."""
    return Row(
        name=name, found=found, expected=expected, fix="" if good else fix, state=State.GOOD if good else State.BAD
    )


def table(rows: Sequence[Row]) -> str:
    """Aligned columns; below, how to fix what is wrong, unbroken, so that it can be pasted."""
    fixes = [f"to fix {row.name}: {row.fix}" for row in rows if row.fix]
    cells = [(row.state.value, row.name, row.found, row.expected) for row in rows]
    return "\n".join([*columns([_COLUMNS, *cells]), *fixes])


def count(rows: Iterable[Row]) -> str:
    """How many rows are in each state, those that are in none left out."""
    states = [row.state for row in rows]
    return ", ".join(f"{states.count(state)} {word}" for state, word in _COUNTED.items() if state in states)


def as_json(rows: Iterable[Row]) -> list[dict[str, Any]]:
    return [row.plain() for row in rows]
