"""What rotation needs of the world, as protocols, and the ways in which the world fails."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol

from .credentials import Credentials


class RotationFailed(Exception):  # noqa: N818 - it is what the person who is paged reads, and reads well
    """This invocation cannot go on. The message says why and the mend, and never holds a value."""


class Busy(Exception):  # noqa: N818 - a state of the other side, not a mistake
    """Throttled, unreachable, or overtaken by another caller: look again after a pause."""


class Missing(Exception):  # noqa: N818
    """What was named does not exist."""


class Verdict(Enum):
    """What the token endpoint thinks of a pair of credentials."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNTESTABLE = "untestable"
    """The client may not get tokens now, as when it is suspended: this says nothing of its secret."""


@dataclass(frozen=True)
class Secret:
    """A Secrets Manager secret without its value; `versions` maps a version's id to its staging labels."""

    name: str
    """The client's: its own name below the environment's prefix, or the whole of it when it is elsewhere."""
    client_id: str | None
    """The app client that its tag names; believed only where the pool says the same."""
    rotates: bool
    deleted: bool
    versions: Mapping[str, frozenset[str]]

    def holder(self, label: str) -> str | None:
        """The version that a staging label is attached to; it is at most one."""
        return next((version for version, labels in self.versions.items() if label in labels), None)


@dataclass(frozen=True)
class ClientSecret:
    """One of the at most two secrets that Cognito holds for an app client; the value cannot be read back."""

    id: str
    created: datetime


class Secrets(Protocol):
    """Secrets Manager. Every method may raise Busy or RotationFailed."""

    def describe(self, secret: str) -> Secret:
        """Raises Missing if there is no such secret."""

    def read(self, secret: str, version: str) -> str | None:
        """A version's value, or None while it has none."""

    def written(self, secret: str, version: str) -> datetime | None:
        """When a version got its value, or None while it has none."""

    def write_pending(self, secret: str, version: str, text: str) -> None:
        """Give the version its value, staged AWSPENDING. A version's value never changes again."""

    def move(self, secret: str, label: str, *, to: str | None, off: str | None) -> None:
        """Attach a staging label to the version `to`, taking it off the version `off`."""

    def generate(self) -> str:
        """A new random value that Cognito accepts."""


class AppClients(Protocol):
    """Cognito's app clients. Every method may raise Busy or RotationFailed."""

    def names(self) -> Mapping[str, str] | None:
        """The names of all by their ids, told within the last minute; None where more pages follow: ask again."""

    def forget(self) -> None:
        """Have the names told anew."""

    def managed(self, client_id: str) -> str | None:
        """The ARN of the secret that Cognito itself keeps and rotates for an app client; None for every other."""

    def secrets(self, client_id: str) -> tuple[ClientSecret, ...]:
        """Oldest first."""

    def add(self, credentials: Credentials) -> None:
        """Register a secret of our choosing beside the one that there is."""

    def delete(self, client_id: str, secret_id: str) -> None:
        """Remove one of two; the last cannot go. One that is gone already is no error."""


class TokenEndpoint(Protocol):
    def verdict(self, credentials: Credentials) -> Verdict:
        """Ask for a real token. Raises Busy while the endpoint gives no answer."""
