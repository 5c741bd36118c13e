"""Which methods and IAM statements of a change give somebody more than before, and which methods ask for no scope."""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from tools.report.facts import Report, RouteChange
from tools.report.statements import Statement
from tools.routes import OPEN, Route


def unscoped(route: Route | None) -> bool:
    """Nothing is asked of who calls it, or no scope: then every user of the pool has what it asks for."""
    return route is not None and (route.authorizer == OPEN or not route.scopes)


def opened(change: RouteChange) -> bool:
    """The method needs no scope from now on."""
    return unscoped(change.after) and (change.before is None or not unscoped(change.before))


def methods(report: Report) -> int:
    """How many methods are new, or are opened by something that did not open them; the same one everywhere is one."""
    found = (change.after for change in report.routes if widens(change) and change.after)
    return len({replace(route, environment="") for route in found})


def widens(change: RouteChange) -> bool:
    """Scopes are alternatives (any of them opens the method), so one more is one more way in."""
    before, after = change.before, change.after
    if before is None or after is None:
        return before is None
    gained = set(after.scopes) - set(before.scopes)
    return opened(change) or bool(gained) or (after.authorizer != before.authorizer and not unscoped(before))


def statements(report: Report) -> tuple[Statement, ...]:
    """Statements that are new and allow something, or are gone and denied something; once for each environment."""
    allowed = [
        new
        for new in report.statements_added
        if new.effect == "Allow" and not any(_within(new, old) for old in report.statements_removed)
    ]
    # What is removed with its policies is out of anybody's reach.
    gone = {
        (change.environment, f"${{{change.resource.removeprefix(f'{change.environment}/')}}}")
        for change in report.resources
        if change.action == "removed"
    }
    undenied = [
        old
        for old in report.statements_removed
        if old.effect == "Deny"
        and (old.environment, old.holder) not in gone
        and not any(_within(old, new) or _excepts_fewer(new, old) for new in report.statements_added)
    ]
    return (*allowed, *undenied)


def _within(narrow: Statement, wide: Statement) -> bool:
    """Everything that `narrow` says is said by `wide`, as far as that can be told without reading patterns."""
    same = (narrow.environment, narrow.holder, narrow.effect) == (wide.environment, wide.holder, wide.effect)
    return (
        same
        and wide.condition in {"", narrow.condition}
        and all(_part(getattr(narrow, field), getattr(wide, field)) for field in ("actions", "resources", "principals"))
    )


def _part(narrow: tuple[str, ...], wide: tuple[str, ...]) -> bool:
    if any(item.startswith("not ") for item in (*narrow, *wide)):
        return narrow == wide
    return set(narrow) <= set(wide) and bool(narrow) == bool(wide)


def _excepts_fewer(new: Statement, old: Statement) -> bool:
    """A denial of everybody but some, with fewer of them than before."""
    if replace(new, condition="") != replace(old, condition="") or not (new.condition and old.condition):
        return False
    (after, fewer), (before, more) = _exceptions(new.condition), _exceptions(old.condition)
    return after == before != "" and fewer <= more


def _exceptions(condition: str) -> tuple[str, frozenset[str]]:
    """The operator and key of a condition that is one list of exceptions, and the list; otherwise nothing."""
    try:
        parsed: dict[str, Any] = json.loads(condition)
        [(operator, keys)] = parsed.items()
        [(key, values)] = keys.items()
    except (ValueError, AttributeError):
        return "", frozenset()
    listed: Iterable[str] = [values] if isinstance(values, str) else values
    return (f"{operator} {key}", frozenset(listed)) if "Not" in operator else ("", frozenset())
