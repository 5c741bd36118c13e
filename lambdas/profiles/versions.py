"""Reading and writing profiles so that no write is lost: each is made on a state that was seen, or not at all."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Final, Literal, Protocol, TypeVar
from uuid import uuid4

from .errors import ConditionError, ContendedError, NotFoundError, SupersededError, UnavailableError
from .profile import Content, Profile

ATTEMPTS: Final = 5
"""Writes one call tries while others win: every lost attempt is another writer's success."""
SECONDS: Final = 3.0
"""No write begins later than this after its call began. A read and a write take at most 4 s each (see `store`), so a
call ends within 7 s, before the function's 10 s do."""

T = TypeVar("T")


class Store(Protocol):
    """Where profiles are kept: what the domain needs of it, and no more."""

    def get(self, uri: str) -> Profile | None:
        """The profile as the last finished write left it."""

    def put(self, profile: Profile, *, replacing: Profile | None) -> None:
        """Write, if what is there is still `replacing` (None: nothing). Raises SupersededError otherwise."""

    def delete(self, profile: Profile) -> None:
        """Remove, if this revision is still what is there. Raises SupersededError otherwise."""


@dataclass(frozen=True)
class Revisions:
    """The revisions that a condition names: some, or any at all."""

    named: frozenset[str] = frozenset()
    any: bool = False

    def include(self, profile: Profile | None) -> bool:
        return profile is not None and (self.any or profile.revision in self.named)


@dataclass(frozen=True, kw_only=True)
class Condition:
    """What the caller requires of the present state before anything is done."""

    only_if: Revisions | None = None
    unless: Revisions | None = None

    def unmet(self, current: Profile | None) -> Literal["only_if", "unless"] | None:
        """Name the half that the present state does not meet. A profile that is not there is at no revision."""
        if self.only_if and not self.only_if.include(current):
            return "only_if"
        return "unless" if self.unless and self.unless.include(current) else None

    def met_before(self, current: Profile, author: str) -> bool:
        """Tell whether what `author` took the place of met it: a call that was carried out, and is made again.

        `only_if` alone (RFC 9110 §13.1.1): of two that would be the first, `unless` must tell which one was (§13.1.2).
        """
        if self.only_if is None or self.unless is not None:
            return False
        return current.updated_by == author and current.replaced in self.only_if.named


def read(store: Store, uri: str) -> Profile:
    """The profile at a canonical URI. Raises NotFoundError."""
    profile = store.get(uri)
    if profile is None:
        raise NotFoundError
    return profile


def write(store: Store, content: Content, condition: Condition, *, author: str) -> tuple[Profile, bool]:
    """Make `content` what the profile is; True if that created it. Content that is there already makes no new version.

    Raises ConditionError, ContendedError.
    """

    def attempt(current: Profile | None) -> tuple[Profile, bool]:
        unmet = condition.unmet(current)
        if current and current.content == content and (unmet is None or condition.met_before(current, author)):
            return current, False
        if unmet:
            raise ConditionError
        profile = Profile(
            content=content,
            version=current.version + 1 if current else 1,
            revision=uuid4().hex,
            updated_at=datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            updated_by=author,
            replaced=current.revision if current else "",
        )
        store.put(profile, replacing=current)
        return profile, current is None

    return _until_won(store, content.uri, attempt)


def remove(store: Store, uri: str, condition: Condition) -> None:
    """Remove the profile at a canonical URI. Raises ConditionError, NotFoundError, ContendedError.

    A condition says nothing of what is not there: without it the answer would be the same (RFC 9110 §13.2.1).
    """

    def attempt(current: Profile | None) -> None:
        if current is None:
            raise NotFoundError
        if condition.unmet(current):
            raise ConditionError
        store.delete(current)

    _until_won(store, uri, attempt)


def _until_won(store: Store, uri: str, attempt: Callable[[Profile | None], T]) -> T:
    began = monotonic()
    current = store.get(uri)
    for _ in range(ATTEMPTS):
        if monotonic() - began > SECONDS:
            raise UnavailableError(f"no attempt may begin more than {SECONDS} s after the call began")
        try:
            return attempt(current)
        except SupersededError as superseded:
            current = superseded.current
    raise ContendedError
