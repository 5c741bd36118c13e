"""`acknowledgements.yaml`: losses that a change means. Each names its resources and says why, and holds for one change.

An entry that the base already has is spent: it acknowledges nothing any more."""

import stat
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Final, get_args

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from stacks.registry.document import MOST_BYTES, Node, Refused
from stacks.registry.document import read as read_document
from stacks.registry.problems import Problem, listed
from tools.report.loss import Kind, Loss

FILE: Final = "acknowledgements.yaml"
UNCOMPARED: Final = "uncompared"
"""What is acknowledged of a base that cannot be synthesized; the resource is its commit."""
_KINDS: Final = (*get_args(Kind), UNCOMPARED)
_EXPECTED: Final = {
    "resources": "a list of what the report names, at least one",
    "change": listed(_KINDS),
    "reason": "a sentence of 20 to 300 characters that says why",
}


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    resources: list[Annotated[str, StringConstraints(min_length=1)]]
    change: str
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=20, max_length=300)]


@dataclass(frozen=True, kw_only=True)
class Acknowledgement:
    """One resource of one entry, and the line that names it."""

    resource: str
    change: str
    reason: str
    line: int

    @property
    def key(self) -> tuple[str, str, str]:
        return self.resource, self.change, self.reason


def read(checkout: Path) -> tuple[tuple[Acknowledgement, ...], tuple[Problem, ...]]:
    """Every acknowledgement of a checkout, and what is wrong with its file; nothing of both where there is none."""
    path = checkout / FILE
    if not path.is_symlink() and not path.exists():
        return (), ()
    if not stat.S_ISREG(path.lstat().st_mode):
        return (), (Problem(FILE, 1, "file", "not a regular file: remove it"),)
    with path.open("rb") as file:
        root, problems = read_document(FILE, file.read(MOST_BYTES + 1))
    found: list[Acknowledgement] = []
    if not isinstance(root.value, list):
        if not isinstance(root.value, Refused):
            problems.append(Problem(FILE, 1, "file", "not a list, expected entries with resources, change and reason"))
        return (), tuple(problems)
    for node in root.value:
        entry, mistakes = _entry(node)
        problems += mistakes
        if entry:
            lines = [item.line for item in node.value["resources"].value] if isinstance(node.value, dict) else []
            for resource, line in zip(entry.resources, lines, strict=True):
                found.append(Acknowledgement(resource=resource, change=entry.change, reason=entry.reason, line=line))
    return tuple(found), tuple(problems)


def _entry(node: Node) -> tuple[_Entry | None, list[Problem]]:
    try:
        entry = _Entry.model_validate(node.plain())
    except ValidationError as error:
        return None, [_problem(node, item["loc"], item["type"]) for item in error.errors(include_url=False)]
    wrong = [
        _problem(node, (field,), "value")
        for field, bad in (("resources", not entry.resources), ("change", entry.change not in _KINDS))
        if bad
    ]
    return (None, wrong) if wrong else (entry, [])


def _problem(node: Node, place: tuple[int | str, ...], kind: str) -> Problem:
    name, at = node.find(place)
    field = str(place[0]) if place else ""
    if field not in _EXPECTED:
        text = f"unknown key, expected {listed(_EXPECTED, 'and')}" if field else "expected resources, change and reason"
    else:
        said = "missing" if kind == "missing" else f"{at.plain()!r}"
        text = f"{said}, expected {_EXPECTED[field]}"
    return Problem(FILE, at.line, name, text)


def apply(
    losses: Iterable[Loss], given: Iterable[Acknowledgement], spent: Iterable[Acknowledgement]
) -> tuple[tuple[Loss, ...], tuple[Problem, ...]]:
    """The losses with the reasons that this change gives, and a problem for each entry that names none of them."""
    old = {item.key for item in spent}
    fresh = [item for item in given if item.key not in old]
    reasons = {(item.resource, item.change): item.reason for item in fresh}
    judged = tuple(replace(loss, acknowledged=reasons.get((loss.resource, loss.kind))) for loss in losses)
    lost: set[tuple[str, str]] = {(loss.resource, loss.kind) for loss in judged}
    idle = [item for item in fresh if item.change != UNCOMPARED and (item.resource, item.change) not in lost]
    return judged, tuple(
        Problem(FILE, item.line, "resources", f"{item.resource!r} is not {item.change} by this change: {_mend(lost)}")
        for item in idle
    )


def _mend(lost: set[tuple[str, str]]) -> str:
    if not lost:
        return "nothing is lost, remove the entry"
    names = sorted(f"{resource} ({kind})" for resource, kind in lost)
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"expected {', '.join(names[:5])}{more}"
