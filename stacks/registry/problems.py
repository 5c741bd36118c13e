"""What is wrong with the registry, in words: one line for each problem, all of them together."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stacks.registry.model import Group


@dataclass(frozen=True, order=True)
class Problem:
    """One thing to mend, where it is: `file:line: field: what is wrong, what is allowed`."""

    path: str
    line: int
    field: str
    text: str

    def __str__(self) -> str:
        return _printable(f"{self.path}:{self.line}: {short(self.field)}: {self.text}")


class RegistryError(Exception):
    """Every problem of the registry, one line each, sorted by file and line; and what is valid all the same."""

    def __init__(self, problems: list[str], groups: "tuple[Group, ...]" = ()) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
        self.groups = groups


def short(text: str) -> str:
    """The start of a text that may be long."""
    return text if len(text) <= 60 else f"{text[:57]}..."


def _printable(text: str) -> str:
    """The text on one line, without what a terminal would act on or hide."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def listed(values: Iterable[str], last: str = "or") -> str:
    """`a, b or c`."""
    *first, end = values
    return f"{', '.join(first)} {last} {end}" if first else end


def nearest(value: str, allowed: Iterable[str]) -> str:
    """` (did you mean 'b'?)`, or nothing when no allowed value is near."""
    spellings = {name.casefold(): name for name in allowed}
    sought = value.casefold()
    near = difflib.get_close_matches(sought, spellings, n=1, cutoff=0.7)
    near = near or [name for name in spellings if len(sought) > 2 and (name in sought or sought in name)]
    return f" (did you mean {spellings[near[0]]!r}?)" if near else ""
