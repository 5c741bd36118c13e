"""Which clients have come to their end on a given day. Synth never asks; checks and reports are given a day and do."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from stacks.registry.model import AppClient, Group

WARNING_DAYS: Final = 30


def expired(groups: Iterable[Group], *, on: date) -> tuple[AppClient, ...]:
    """The clients whose last day, `expires`, is before `on`; the longest expired first."""
    return tuple(client for day, client in _ends(groups) if day < on)


def expiring(groups: Iterable[Group], *, on: date, days: int = WARNING_DAYS) -> tuple[AppClient, ...]:
    """The clients whose last day is `on` or one of the `days` after it; the first to expire first."""
    return tuple(client for day, client in _ends(groups) if on <= day <= on + timedelta(days))


def _ends(groups: Iterable[Group]) -> list[tuple[date, AppClient]]:
    ends = [(client.expires, client) for group in groups for client in group.clients if client.expires]
    return sorted(ends, key=lambda end: (end[0], end[1].path))
