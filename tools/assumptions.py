"""`make assumptions`: docs/assumptions.md from docs/assumptions.yaml: what we take AWS to do, and what verifies it."""

import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError

DOCS: Final = Path(__file__).parents[1] / "docs"
FILE, PAGE = DOCS / "assumptions.yaml", DOCS / "assumptions.md"
_Text = Annotated[str, StringConstraints(min_length=10)]
_HEAD: Final = """\
# What we assume of AWS

Nothing here was seen at AWS by a test: each row says what we take it to do, what rests on it, and what settles it.
`make verify ENV=…` asks a deployed environment all that it can; run it after the first deploy to an account, and after
AWS or we change something below. The rows are `docs/assumptions.yaml`, and `make assumptions` makes this page of them.

*documented*: AWS says it, in the source. *reported*: others saw it. *believed*: it follows, and nobody showed it.

| assumption | what rests on it | source | verified by |
|---|---|---|---|
"""


class Assumption(BaseModel):
    """One row."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, StringConstraints(pattern=r"^[a-z]+(-[a-z]+)*$")]
    what: _Text
    rests: _Text
    kind: Literal["documented", "reported", "believed"]
    source: _Text
    date: date
    verified_by: list[str] = []
    """`verify: <check>`, `preflight: <row>`, or a file of tests."""
    fixtures: list[str] = []
    """Files of tests and of the emulator that stand for AWS's words."""


def read(text: str) -> list[Assumption]:
    """Raises ValidationError with every problem, and ValueError for an id that two rows have."""
    rows = TypeAdapter(list[Assumption]).validate_python(yaml.safe_load(text))
    ids = [row.id for row in rows]
    if twice := sorted({each for each in ids if ids.count(each) > 1}):
        raise ValueError(f"two rows of one id: {', '.join(twice)}")
    return rows


def page(rows: list[Assumption]) -> str:
    return _HEAD + "".join(map(_line, rows))


def _line(row: Assumption) -> str:
    """One line of the table, which other pages point to by its id."""
    told = f'<a id="{row.id}"></a>**{row.id}** {_cell(row.what)}'
    source = f"*{row.kind}*, {row.date}: {_cell(row.source)}"
    return f"| {told} | {_cell(row.rests)} | {source} | {'<br>'.join(map(_way, row.verified_by))} |\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _way(way: str) -> str:
    command, _, name = way.partition(": ")
    return f"`make {command}`: {name}" if name else f"`{way}`"


def main() -> None:
    try:
        PAGE.write_text(page(read(FILE.read_text())))
    except (ValueError, ValidationError, yaml.YAMLError) as error:
        sys.exit(f"assumptions: docs/assumptions.yaml: {error}")


if __name__ == "__main__":
    main()
