"""The conditional request headers (RFC 9110 §13.1) as conditions of the domain."""

import re
from typing import Final

from .versions import Condition, Revisions

_TAG: Final = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')  # RFC 9110 §8.8.3
_LIST: Final = re.compile(rf"[\s,]*(?:{_TAG.pattern}[ \t]*(?:,[\s,]*|$))+")


GRAMMAR: Final = 'is neither * nor a list of entity tags: write an ETag as it was received, in its quotes: "…"'


class HeaderError(ValueError):
    """A header that does not follow its grammar."""

    def __init__(self, header: str) -> None:
        super().__init__(GRAMMAR)
        self.header = header


def condition(if_match: str | None, if_none_match: str | None) -> Condition:
    """Raises HeaderError. A weak tag never equals in If-Match, and equals its strong form in If-None-Match."""
    return Condition(
        only_if=_revisions("If-Match", if_match, weak=False),
        unless=_revisions("If-None-Match", if_none_match, weak=True),
    )


def entity_tag(revision: str) -> str:
    return f'"{revision}"'


def _revisions(header: str, value: str | None, *, weak: bool) -> Revisions | None:
    if value is None:
        return None
    if value.strip() == "*":
        return Revisions(any=True)
    if not _LIST.fullmatch(value):
        raise HeaderError(header)
    return Revisions(frozenset(tag for prefix, tag in _TAG.findall(value) if weak or not prefix))
