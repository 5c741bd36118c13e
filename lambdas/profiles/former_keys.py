"""Profiles that were kept before their key had the form that it has now, found and removed under the present one."""

from dataclasses import replace

from .errors import SupersededError
from .profile import Profile
from .profile_uri import former
from .versions import Store


class FormerKeys:
    """A store that looks for what it does not have under the key of before; the next write is under the present one.

    What is left behind then is hidden by what was written, and goes when that is removed.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._found = ""
        """The revision that was found under a former key."""

    def get(self, uri: str) -> Profile | None:
        return self._store.get(uri) or self._left(uri)

    def put(self, profile: Profile, *, replacing: Profile | None) -> None:
        moved = replacing is not None and replacing.revision == self._found
        self._store.put(profile, replacing=None if moved else replacing)

    def delete(self, profile: Profile) -> None:
        uri = profile.content.uri
        if left := self._left(uri):
            try:
                self._store.delete(_at(left, former(uri) or uri))
            except SupersededError as superseded:
                raise SupersededError(superseded.current and _at(superseded.current, uri)) from None
            if left.revision == profile.revision:
                return
        self._store.delete(profile)

    def _left(self, uri: str) -> Profile | None:
        before = former(uri)
        found = self._store.get(before) if before else None
        if found is None:
            return None
        self._found = found.revision
        return _at(found, uri)


def _at(profile: Profile, uri: str) -> Profile:
    return replace(profile, content=replace(profile.content, uri=uri))
