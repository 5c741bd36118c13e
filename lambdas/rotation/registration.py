"""Which single act brings an app client closer to having the pending secret registered, decided from what is seen.

Cognito holds at most two secrets of a client and shows ids and dates, never values. So that it is always known which id
is which version's, a version is marked, before its value is registered, with the id of the secret that was there alone:
`registered-beside:<id>`. Whatever appears next to that id is this version's. Nothing has to be written after the
registration, so there is no moment at which losing a reply loses the knowledge. Dates decide nothing while the current
secret works. See docs/decisions/which-secret-is-current.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from .ports import ClientSecret, Secret, Verdict

BESIDE = "registered-beside:"


@dataclass(frozen=True)
class Test:
    """Ask the token endpoint about a version's credentials, then decide again."""

    version: str


@dataclass(frozen=True)
class Delete:
    secret_id: str


@dataclass(frozen=True)
class Mark:
    """Attach a mark to the pending version, taking it off the version `off`."""

    label: str
    off: str | None


@dataclass(frozen=True)
class Unmark:
    """Take off a mark that names a secret which is gone; a version has room for 20 labels."""

    label: str
    off: str


@dataclass(frozen=True)
class Add:
    """Register the pending value. It is the last act."""


@dataclass(frozen=True)
class Done:
    """The pending value is registered."""


@dataclass(frozen=True)
class Refuse:
    """Every act could take the current secret away."""

    why: str


Act = Test | Delete | Mark | Unmark | Add | Done | Refuse


def decide(secret: Secret, registered: tuple[ClientSecret, ...], pending: str, verdicts: Mapping[str, Verdict]) -> Act:
    """The next act for the version `pending`. `verdicts` holds what has been asked so far, by version."""
    ids = [each.id for each in registered]
    if len(ids) == 1:
        return _register(secret, ids[0], pending, verdicts.get(pending))
    if len(ids) == 2:
        return _make_room(secret, ids, pending, verdicts)
    return Refuse(f"Cognito lists {len(ids)} secrets of its app client, expected 1 or 2: was it made without a secret?")


def _register(secret: Secret, alone: str, pending: str, verdict: Verdict | None) -> Act:
    mark = BESIDE + alone
    if mark in secret.versions[pending]:
        return Add()
    # What it was registered beside is gone, as after a first rotation that was killed: so the one left is its own.
    if any(label.startswith(BESIDE) for label in secret.versions[pending]) and verdict is not Verdict.REJECTED:
        return Done() if verdict else Test(pending)
    for version, labels in secret.versions.items():
        for label in sorted(labels):
            if label.startswith(BESIDE) and label != mark:
                return Unmark(label, version)
    return Mark(mark, secret.holder(mark))


def _make_room(secret: Secret, ids: list[str], pending: str, verdicts: Mapping[str, Verdict]) -> Act:
    other = dict(zip(ids, reversed(ids), strict=True))
    owned = {version: other[each] for each in ids if (version := secret.holder(BESIDE + each))}
    current = secret.holder("AWSCURRENT")

    if pending in owned:
        verdict = verdicts.get(pending)
        if verdict is None:
            return Test(pending)
        # Untestable: the mark alone says that it is registered. Rejected: something else stands in its place.
        return Delete(owned[pending]) if verdict is Verdict.REJECTED else Done()
    if current in owned:
        return Delete(other[owned[current]])
    if current and current not in verdicts:
        return Test(current)
    # The current version was edited or restored by hand, or was never registered, or a rotation was abandoned.
    if not current or verdicts[current] is Verdict.REJECTED:
        return _spare_previous(secret, ids, owned, verdicts)
    return _spare_current(ids, owned, verdicts[current])


def _spare_current(ids: list[str], owned: Mapping[str, str], verdict: Verdict) -> Act:
    if verdict is not Verdict.UNTESTABLE and owned:
        return Delete(next(iter(owned.values())))
    return _ask(ids, verdict, "current")


def _spare_previous(secret: Secret, ids: list[str], owned: Mapping[str, str], verdicts: Mapping[str, Verdict]) -> Act:
    """Where no current secret works, keep what services may still hold: the previous one, else the newer."""
    previous = secret.holder("AWSPREVIOUS")
    if previous and previous not in owned and previous not in verdicts:
        return Test(previous)
    verdict = verdicts.get(previous or "", Verdict.REJECTED)
    if not owned:
        return Delete(ids[0]) if verdict is Verdict.REJECTED else _ask(ids, verdict, "previous")
    newer = next(iter(owned.values()))
    if previous not in owned and verdict is Verdict.ACCEPTED:
        return Delete(newer)
    return Delete(next(each for each in ids if each != newer))


def _ask(ids: list[str], verdict: Verdict, which: str) -> Refuse:
    """Leave to a person what no mark tells: one of two secrets is in use."""
    if verdict is Verdict.UNTESTABLE:
        return Refuse(
            f"its app client is suspended, so nothing tells which of its two secrets is {which}: lift that first"
        )
    return Refuse(
        f"its app client has the two secrets {' and '.join(ids)}, one of them {which}, and nothing tells which: "
        "delete the one that was added by hand (DeleteUserPoolClientSecret)"
    )
