"""Who gains and who loses access, as Markdown."""

from collections.abc import Iterable

from tools.report.access import AccessChange
from tools.report.table import code, codes, plain, rows

_MARK = {"removed": "🔴", "suspended": "🔴", "renamed": "🔑", "moved": "🔑", "added": "🟢"}
_CODES = ("scopes widened", "scopes narrowed", "readers added", "readers removed", "renamed", "moved", "added")


def section(title: str, changes: Iterable[AccessChange], most: int | None = None) -> Iterable[str]:
    """One table, by client, of `most` lines at the most."""
    changes = list(changes)
    if changes:
        lines = [
            [
                code(change.client),
                ", ".join(change.environments),
                _what(change),
                _detail(change),
            ]
            for change in changes
        ]
        yield f"### {title}\n\n" + rows(["client", "environments", "what", ""], lines, most)


def _what(change: AccessChange) -> str:
    mark = "⚠️" if change.widens and change.what != "added" else _MARK.get(change.what, "")
    what = f"**{change.what}**" if change.widens or mark else change.what
    return f"{mark} {what}".strip()


def _detail(change: AccessChange) -> str:
    show = codes if change.what in _CODES or change.what == "removed" else _people
    before, after = show(change.before), show(change.after)
    values = f"{before} → {after}" if before and after else after or before
    note = plain(change.note)
    return f"{values}<br>{note}" if values and note else values or note


def _people(values: Iterable[str]) -> str:
    return plain(", ".join(values))
