"""How long ago each app client's secret was rotated, and which of them should have been since."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

GRACE: Final = timedelta(days=2)
"""Secrets Manager rotates by the end of the day (UTC) on which a rotation is due, and retries one that failed."""


@dataclass(frozen=True, kw_only=True)
class State:
    """All secrets of an environment at one moment."""

    count: int
    oldest: timedelta
    """Since the least recent rotation; zero when there is no secret."""
    overdue: tuple[str, ...]
    """The names of those that are not rotated, or were not when they should have been."""


def judge(secrets: Iterable[Mapping[str, Any]], now: datetime) -> State:
    """From ListSecrets: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_SecretListEntry.html"""
    ages: list[timedelta] = []
    overdue: list[str] = []
    for secret in secrets:
        age = now - (secret.get("LastRotatedDate") or secret["CreatedDate"])
        days = (secret.get("RotationRules") or {}).get("AutomaticallyAfterDays")
        ages.append(age)
        if not secret.get("RotationEnabled") or not days or age > timedelta(days=days) + GRACE:
            overdue.append(secret["Name"])
    return State(count=len(ages), oldest=max(ages, default=timedelta()), overdue=tuple(sorted(overdue)))
