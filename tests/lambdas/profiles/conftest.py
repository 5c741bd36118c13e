"""A store in memory, and API Gateway's event for a request, for the tests of the profiles service."""

import copy
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from lambdas.profiles.errors import SupersededError
from lambdas.profiles.profile import Profile

EVENT = Path(__file__).with_name("event.json")


class Memory:
    """Keeps the store's protocol, with a hook that runs before each write, where another writer can come first."""

    def __init__(self) -> None:
        self.profiles: dict[str, Profile] = {}
        self.before_write: Callable[[], None] = lambda: None

    def get(self, uri: str) -> Profile | None:
        return self.profiles.get(uri)

    def put(self, profile: Profile, *, replacing: Profile | None) -> None:
        self.before_write()
        self._require(profile.content.uri, replacing)
        self.profiles[profile.content.uri] = profile

    def delete(self, profile: Profile) -> None:
        self.before_write()
        self._require(profile.content.uri, profile)
        del self.profiles[profile.content.uri]

    def _require(self, uri: str, expected: Profile | None) -> None:
        current = self.profiles.get(uri)
        if (current and current.revision) != (expected and expected.revision):
            raise SupersededError(current)


@pytest.fixture
def memory() -> Memory:
    return Memory()


Event = dict[str, Any]
EventOf = Callable[..., Event]


@pytest.fixture(scope="session")
def event_of() -> EventOf:
    """Makes a request's event out of a whole one as API Gateway's REST proxy integration sends it."""
    whole = json.loads(EVENT.read_text())

    def build(
        method: str = "GET",
        uri: str | list[str] | None = "https://www.linkedin.com/in/arjaynacion",
        *,
        headers: Mapping[str, str] | None = None,
        body: str | None = None,
    ) -> Event:
        event: Event = copy.deepcopy(whole)
        event["httpMethod"] = event["requestContext"]["httpMethod"] = method
        uris = [uri] if isinstance(uri, str) else uri
        event["multiValueQueryStringParameters"] = {"uri": uris} if uris else None
        event["queryStringParameters"] = {"uri": uris[-1]} if uris else None
        sent = {**({"Content-Type": "application/json"} if body is not None else {}), **(headers or {})}
        event["headers"].update(sent)
        event["multiValueHeaders"].update({name: [value] for name, value in sent.items()})
        event["body"] = body
        return event

    return build
