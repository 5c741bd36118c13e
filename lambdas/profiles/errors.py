"""What can go wrong with a profile, in the domain's words; `problem` alone decides what each is in HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .profile import Profile


class ProfileError(Exception):
    """Every error that the domain and the store raise on purpose. Its message never holds a profile's content."""


@dataclass(frozen=True)
class Flaw:
    """One thing wrong with what a caller sent: what, what is allowed, and the fix."""

    detail: str
    path: tuple[str | int, ...] | None = None
    """Where in the written profile, `()` its whole; None is the URI that names it."""


class InvalidError(ProfileError):
    """What the caller sent cannot be a profile or its URI; holds every flaw found."""

    def __init__(self, *flaws: Flaw) -> None:
        super().__init__(f"{len(flaws)} flaws")
        self.flaws = flaws


class NotFoundError(ProfileError):
    """There is no profile at this URI."""


class ConditionError(ProfileError):
    """The profile is not at a revision that the caller made a condition of the call."""


class ContendedError(ProfileError):
    """Other writers won every attempt that one call may make."""


class UnavailableError(ProfileError):
    """The store is throttled, out of time, or answers with rubbish: the same call may work in a moment."""


class StoreError(ProfileError):
    """The store refuses for a reason that no repetition mends: permissions, a missing table, credentials."""


class SupersededError(ProfileError):
    """A conditional write lost: another writer came first. Never leaves the domain."""

    def __init__(self, current: Profile | None) -> None:
        super().__init__("another writer came first")
        self.current = current
