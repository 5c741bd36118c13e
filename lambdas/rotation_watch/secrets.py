"""How long ago each app client's secret was rotated, which should have been since, and which to set going again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

GRACE: Final = timedelta(days=2)
"""Secrets Manager rotates by the end of the day (UTC) on which a rotation is due, and retries one that failed."""

REGISTERED: Final = "registered-beside:"
"""How a label begins that the rotation puts on each version whose value it registers with Cognito."""

FIRST: Final = timedelta(minutes=30)
"""How long a first rotation may take with all its retries. Until it has ended, the client can get no token."""


@dataclass(frozen=True, kw_only=True)
class State:
    """All secrets of an environment at one moment."""

    names: tuple[str, ...]
    """Of all that are not scheduled for deletion."""
    count: int
    oldest: timedelta
    """Since the least recent rotation; zero when there is no secret."""
    overdue: tuple[str, ...]
    """The names of those that are not rotated, were not when they should have been, or are scheduled for deletion."""
    given_up: tuple[str, ...]
    """The names of those with a schedule that need a rotation now: Secrets Manager has given it up, or nobody told it
    that CloudFormation or a person wrote a value that Cognito does not know."""


def judge(secrets: Iterable[Mapping[str, Any]], now: datetime) -> State:
    """From ListSecrets: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_SecretListEntry.html"""
    ages: list[timedelta] = []
    overdue: list[str] = []
    given_up: list[str] = []
    names: list[str] = []
    for secret in secrets:
        age = now - (secret.get("LastRotatedDate") or secret["CreatedDate"])
        days = (secret.get("RotationRules") or {}).get("AutomaticallyAfterDays")
        scheduled = bool(secret.get("RotationEnabled") and days and not secret.get("DeletedDate"))
        late = scheduled and age > timedelta(days=days or 0) + GRACE
        ages.append(age)
        if not secret.get("DeletedDate"):
            names.append(secret["Name"])
        if late or not scheduled:
            overdue.append(secret["Name"])
        missed = not _registered(secret) if secret.get("LastRotatedDate") else age > FIRST
        if late or (scheduled and missed):
            given_up.append(secret["Name"])
    return State(
        names=tuple(sorted(names)),
        count=len(ages),
        oldest=max(ages, default=timedelta()),
        overdue=tuple(sorted(overdue)),
        given_up=tuple(sorted(given_up)),
    )


def _registered(secret: Mapping[str, Any]) -> bool:
    """Whether a rotation registered the current value. One is written without it when an app client is replaced, for
    the schedule's own properties do not change then, so that CloudFormation starts no rotation."""
    labelled = (secret.get("SecretVersionsToStages") or {}).values()
    return any("AWSCURRENT" in labels and any(each.startswith(REGISTERED) for each in labels) for labels in labelled)
