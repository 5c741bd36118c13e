"""A profile: what a caller may write, what the service stamps on it, and what makes two of them the same."""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

from . import profile_uri
from .errors import Flaw, InvalidError
from .text import LOST, shows


class Number(NamedTuple):
    """A number as it was written: 1.10 is not 1.1, and comes back as 1.10."""

    text: str


Value: TypeAlias = "bool | int | Number | str | list[Value] | dict[str, Value] | None"
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


FLAWS: Final[Mapping[str, str]] = {
    "object": "a profile is an object of fields",
    "field": "is no field of a profile: allowed are {fields}",
    "required": "is required: 1 to {most} characters",
    "string": "is not a string",
    "blank": "is blank: write something that shows",
    "optional blank": "is blank: write something that shows, or leave it out",
    "long": "is {length} characters long: at most {most} are allowed",
    "line": "holds a control character or a line break: write it on one line",
    "lost": "holds U+FFFD, which a decoder leaves where something was not UTF-8: send what was meant, in UTF-8",
    "surrogate": "holds half of a surrogate pair: no Unicode character",
    "uri": "is not the profile being written: leave it out, or write the URI of the request",
    "attributes": "is not an object: write {{}} for none, or leave it out",
    "deep": "is nested deeper than {most} levels: flatten it",
    "key": "has a key of {length} characters: at most {most} are allowed",
}
"""Every reason for which a document is no profile."""


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
    replaced: str = ""
    """The revision that this one took the place of; empty for the first."""


def draft(uri: str, document: Value) -> Content:
    """Check what a caller wants written at `uri`. Raises InvalidError with every flaw of both."""
    flaws: list[Flaw] = []
    key = ""
    try:
        key = profile_uri.canonicalise(uri)
    except InvalidError as error:
        flaws += error.flaws
    if not isinstance(document, dict):
        raise InvalidError(*flaws, _flaw("object", ()))
    for name in document.keys() - set(FIELDS):
        flaws.append(_flaw("field", (name[:LONGEST_KEY],), fields=", ".join(FIELDS)))
    flaws += [flaw for name in TEXTS for flaw in _text_flaws(name, document.get(name))]
    if "uri" in document:
        flaws += _uri_flaws(document["uri"], key)
    attributes = document.get("attributes", {})
    if isinstance(attributes, dict):
        flaws += _value_flaws(attributes, ("attributes",))
    else:
        flaws.append(_flaw("attributes", ("attributes",)))
    if flaws:
        raise InvalidError(*sorted(flaws, key=lambda flaw: [str(step) for step in flaw.path or ()])[:MOST_FLAWS])
    texts = {name: document.get(name) for name in TEXTS}
    return Content(uri=key, attributes=attributes, **texts)  # type: ignore[arg-type]  # checked above


def _text_flaws(name: str, value: Value) -> Iterator[Flaw]:
    if value is None:
        if name == REQUIRED:
            yield _flaw("required", (name,), most=TEXTS[name])
    elif not isinstance(value, str):
        yield _flaw("string", (name,))
    elif not shows(value):
        yield _flaw("blank" if name == REQUIRED else "optional blank", (name,))
    elif len(value) > TEXTS[name]:
        yield _flaw("long", (name,), length=len(value), most=TEXTS[name])
    elif not value.isprintable() and any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in value):
        yield _flaw("line", (name,))
    else:
        yield from _value_flaws(value, (name,))


def _uri_flaws(value: Value, key: str) -> Iterator[Flaw]:
    try:
        named = profile_uri.canonicalise(value) if isinstance(value, str) else None
    except InvalidError:
        named = None
    if named is None or named != (key or named):
        yield _flaw("uri", ("uri",))


def _value_flaws(value: Value, path: Path) -> Iterator[Flaw]:
    if isinstance(value, str):
        if LOST in value:
            yield _flaw("lost", path)
        elif not value.isprintable() and any("\ud800" <= each <= "\udfff" for each in value):
            yield _flaw("surrogate", path)
    if not isinstance(value, dict | list):
        return
    if len(path) > DEEPEST:
        yield _flaw("deep", path, most=DEEPEST)
        return
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(key, str) and len(key) > LONGEST_KEY:
            yield _flaw("key", path, length=len(key), most=LONGEST_KEY)
            continue
        if isinstance(key, str):
            yield from _value_flaws(key, (*path, key))
        yield from _value_flaws(item, (*path, key))


def _flaw(reason: str, path: Path, **facts: object) -> Flaw:
    return Flaw(FLAWS[reason].format(**facts), path)
