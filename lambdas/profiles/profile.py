"""A profile: what a caller may write, what the service stamps on it, and what makes two of them the same."""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeAlias

from . import profile_uri
from .errors import Flaw, InvalidError

Value: TypeAlias = "bool | int | Decimal | str | list[Value] | dict[str, Value] | None"
Path: TypeAlias = tuple[str | int, ...]

TEXTS: Final = {"full_name": 200, "headline": 500, "company": 200, "location": 200}
"""The text fields and the most characters each may hold."""
REQUIRED: Final = "full_name"
STAMPED: Final = ("version", "updated_at", "updated_by")
"""Set by the service. What a caller sends in them is ignored (AIP-203, output only), so that what was read can be
changed and written back as it is."""
FIELDS: Final = ("uri", *TEXTS, "attributes", *STAMPED)
DEEPEST: Final = 8
"""Levels of lists and objects in `attributes`, itself the first."""
LONGEST_KEY: Final = 200
"""Characters of a key at any level of `attributes`."""
MOST_FLAWS: Final = 50
"""Flaws shown at once: a body can hold thousands."""


@dataclass(frozen=True, kw_only=True)
class Content:
    """What a caller writes."""

    uri: str
    """Canonical: from `profile_uri.canonicalise` only."""
    full_name: str
    headline: str | None = None
    company: str | None = None
    location: str | None = None
    attributes: Mapping[str, Value]


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What is kept: the content, and the service's stamp."""

    content: Content
    version: int
    """Counts the changes since the profile was created, from 1."""
    revision: str
    """Names this state of this profile alone: unlike the version it does not come back after a deletion."""
    updated_at: str
    """RFC 3339, UTC."""
    updated_by: str
    """The app client that wrote this version."""


def draft(uri: str, document: Value) -> Content:
    """Check what a caller wants written at `uri`. Raises InvalidError with every flaw of both."""
    flaws: list[Flaw] = []
    key = ""
    try:
        key = profile_uri.canonicalise(uri)
    except InvalidError as error:
        flaws += error.flaws
    if not isinstance(document, dict):
        raise InvalidError(*flaws, Flaw("a profile is an object of fields", ()))
    for name in document.keys() - set(FIELDS):
        flaws.append(Flaw(f"is no field of a profile: allowed are {', '.join(FIELDS)}", (name[:LONGEST_KEY],)))
    flaws += [flaw for name in TEXTS for flaw in _text_flaws(name, document.get(name))]
    if "uri" in document:
        flaws += _uri_flaws(document["uri"], key)
    attributes = document.get("attributes", {})
    if isinstance(attributes, dict):
        flaws += _value_flaws(attributes, ("attributes",))
    else:
        flaws.append(Flaw("is not an object: write {} for none, or leave it out", ("attributes",)))
    if flaws:
        raise InvalidError(*sorted(flaws, key=lambda flaw: [str(step) for step in flaw.path or ()])[:MOST_FLAWS])
    texts = {name: document.get(name) for name in TEXTS}
    return Content(uri=key, attributes=attributes, **texts)  # type: ignore[arg-type]  # checked above


def same(one: Content, other: Content) -> bool:
    """Whether two contents are equal as a caller sees them: `true` is not `1`, and `1.0` is."""
    texts = ("uri", *TEXTS)
    return all(getattr(one, name) == getattr(other, name) for name in texts) and _same(
        dict(one.attributes), dict(other.attributes)
    )


def _same(one: Value, other: Value) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return isinstance(one, bool) is isinstance(other, bool) and one == other  # in Python, True == 1


def _text_flaws(name: str, value: Value) -> Iterator[Flaw]:
    if value is None:
        if name == REQUIRED:
            yield Flaw(f"is required: 1 to {TEXTS[name]} characters", (name,))
    elif not isinstance(value, str):
        yield Flaw("is not a string", (name,))
    elif not value.strip():
        yield Flaw("is blank: write something" + ("" if name == REQUIRED else ", or leave it out"), (name,))
    elif len(value) > TEXTS[name]:
        yield Flaw(f"is {len(value)} characters long: at most {TEXTS[name]} are allowed", (name,))
    elif not value.isprintable() and any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in value):
        yield Flaw("holds a control character or a line break: write it on one line", (name,))
    else:
        yield from _value_flaws(value, (name,))


def _uri_flaws(value: Value, key: str) -> Iterator[Flaw]:
    try:
        named = profile_uri.canonicalise(value) if isinstance(value, str) else None
    except InvalidError:
        named = None
    if named is None or named != (key or named):
        yield Flaw("is not the profile being written: leave it out, or write the URI of the request", ("uri",))


def _value_flaws(value: Value, path: Path) -> Iterator[Flaw]:
    if isinstance(value, str) and not value.isprintable() and any("\ud800" <= each <= "\udfff" for each in value):
        yield Flaw("holds half of a surrogate pair: no Unicode character", path)
    if not isinstance(value, dict | list):
        return
    if len(path) > DEEPEST:
        yield Flaw(f"is nested deeper than {DEEPEST} levels: flatten it", path)
        return
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(key, str) and len(key) > LONGEST_KEY:
            yield Flaw(f"has a key of {len(key)} characters: at most {LONGEST_KEY} are allowed", path)
            continue
        if isinstance(key, str):
            yield from _value_flaws(key, (*path, key))
        yield from _value_flaws(item, (*path, key))
