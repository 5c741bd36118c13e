"""The key of a profile: the one canonical URI that every way to write a profile's address becomes."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from .errors import Flaw, InvalidError
from .text import BLANK, LOST


@dataclass(frozen=True, kw_only=True)
class Site:
    """One site whose profiles are kept. To keep another site's, add it to SITES."""

    name: str
    origin: str
    """Scheme and host of the canonical form."""
    hosts: re.Pattern[str]
    """Matches exactly the hosts, lower-case, that are this site."""
    kinds: tuple[str, ...]
    """First path segment of a profile; the slug is the second."""
    prefix: str
    """Path segment that the site may put before those two, and that changes nothing."""
    localised: tuple[str, ...]
    """Kinds whose slug a locale may follow: the same profile in another language."""
    exact: Mapping[str, re.Pattern[str]]
    """Slugs, by kind, that the site made of case-sensitive text: they keep their case."""


# A country host is any two letters, not a list of countries: only LinkedIn can make a name under linkedin.com, so no
# two letters can be somebody else, and a list would refuse tomorrow's country. The key never holds that label.
SITES: Final = (
    Site(
        name="LinkedIn",
        origin="https://www.linkedin.com",
        hosts=re.compile(r"(?:(?:www|m|[a-z]{2})\.)?linkedin\.com"),
        kinds=("in", "company"),
        prefix="mwlite",
        localised=("in",),
        # A member's id, as in ACoAABCNSioBW3YZHc2lBHVG0E_TXYWitQkmwog: 39 characters of base64url whose first bits are
        # the same for all of one kind. docs/decisions/addresses-as-keys.md.
        exact={"in": re.compile(r"A[A-Z][A-Za-z]AA[A-Za-z0-9_-]{25,145}")},
    ),
)
ALLOWED: Final = ", ".join(f"{site.origin}/{kind}/<slug>" for site in SITES for kind in site.kinds)
LONGEST: Final = 2048
"""Characters of a URI as written."""
LONGEST_SLUG: Final = 150
"""Characters. Each is at most 12 bytes percent-encoded, so every key stays below DynamoDB's 2,048 bytes."""
PUNCTUATION: Final = "-_.&'\u2018\u2019\u201c\u201d"
"""What a slug may hold beside letters, marks, digits and symbols, as in /company/booking.com or johnson-&-johnson."""
UNSEEN: Final[Mapping[str, str]] = {
    "\u00a0": "a space of the name that the slug was made of",
    "\u200b": "left in the name that the slug was made of",
    "\u200c": "spells words of Persian and of Indic scripts (UAX #31)",
    "\u200d": "joins emoji into one, as in 👨‍🏫 (UTS #51), and letters of Indic and other scripts (UAX #31)",
    "\u200e": "left in the name that the slug was made of",
    "\u200f": "left in the name that the slug was made of, most often in Arabic or Hebrew",
}
"""Characters that show nothing and that LinkedIn's addresses hold all the same, and why: they tell one from another.

Each may be anywhere in a slug but for its end, where copying leaves them; a joiner may end a word.
"""
_JOINERS: Final = "\u200c\u200d"
_FLAG: Final = re.compile("\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f")
"""A region's flag, as England's: tags are let in as parts of one alone (UTS #51, emoji tag sequence)."""

REFUSALS: Final[Mapping[str, str]] = {
    "length": "is {length} characters long: at most {most} are allowed",
    "character": "holds the character {character}, which no URI may hold: remove it",
    "scheme": "does not begin with https:// or http://: write it in full, one of {allowed}",
    "user": "names a user before the host: remove everything up to the '@'",
    "port": "names a port: remove the ':' and what follows it in the host",
    "dot": "has a host that ends in a dot: remove the dot",
    "host": "has the host {host}, of which no profiles are kept: allowed are {allowed}",
    "path": "has a path that is not {kinds} of {site}: write nothing before or after that",
    "escape": "holds a '%' without two hexadecimal digits after it: write %25 for the character itself",
    "encoding": "is percent-encoded in something other than UTF-8: encode it as UTF-8",
    "lost": "holds U+FFFD, which a decoder leaves where something was not UTF-8: encode the address as UTF-8",
    "empty": "has an empty slug: write the profile's name after the last '/'",
    "slug length": "has a slug of {length} characters: at most {most} are allowed",
    "slug": "has the character {character} in its slug: allowed are letters, digits, emoji and {punctuation}",
    "end": "has a slug that ends in {character}, which shows nothing: remove it",
}
"""Every reason for which a text is no profile's URI."""

# RFC 3986 appendix B, narrowed. Not urlsplit: it drops CR, LF and TAB, and reads `\@` as a change of host.
_PARTS: Final = re.compile(r"(https?)://([^/?#]*)([^?#]*)(?:\?[^#]*)?(?:#.*)?", re.DOTALL | re.IGNORECASE | re.ASCII)
_BAD_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_LOCALE: Final = re.compile(r"[a-z]{2}(?:-[a-z]{2})?", re.IGNORECASE | re.ASCII)
_DEFAULT_PORTS: Final = {"https": ("", "443"), "http": ("", "80")}
"""The same URI as without them (RFC 3986 §6.2.3)."""
_SEEN: Final = re.compile(f"[^{re.escape(PUNCTUATION)}{BLANK}]")


def canonicalise(text: str) -> str:
    """The canonical form of a profile's URI; a fixed point, ASCII only (RFC 3986 §6.2.2), at most 2,048 bytes.

    Ignored: case, http for https, the default port, www/mobile/country host, /mwlite before and a locale after the
    profile, one trailing slash, query, fragment, percent-encoding, and the slug's Unicode normal form (NFC) and case,
    except a member id's. Raises InvalidError, and nothing else, for what is no profile's URI.
    """
    if len(text) > LONGEST:
        raise _refuse("length", length=len(text), most=LONGEST)
    # Printable text holds none of these but U+0020, and asking that is a hundred times as fast.
    if not text.isprintable() or " " in text or "\\" in text:
        for each in _FLAG.sub("", text):
            # Cc, Cf, Cs, Co, Cn: control, invisible, surrogate, private and unassigned; Z: every kind of space.
            if each == "\\" or (unicodedata.category(each)[0] in "CZ" and each not in UNSEEN):
                raise _refuse("character", character=_named(each))
    parts = _PARTS.fullmatch(text)
    if parts is None:
        raise _refuse("scheme", allowed=ALLOWED)
    site = _site(parts[1].lower(), parts[2])
    path = [_decode(segment) for segment in parts[3].removesuffix("/").split("/")]
    if len(path) > 3 and path[1].lower() == site.prefix:
        del path[1]
    kind = path[1].lower() if len(path) > 2 else ""
    if len(path) == 4 and kind in site.localised and _LOCALE.fullmatch(path[3]):
        del path[3]
    if kind not in site.kinds or len(path) != 3:
        kinds = " or ".join(f"/{kind}/<slug>" for kind in site.kinds)
        raise _refuse("path", kinds=kinds, site=site.name)
    return f"{site.origin}/{kind}/{quote(_slug(path[2], site.exact.get(kind)), safe='')}"


def former(key: str) -> str | None:
    """The key under which this service once kept what is now at `key`; None where that is the same.

    Member ids were made lower-case.
    """
    for site in SITES:
        for kind, exact in site.exact.items():
            slug = key.removeprefix(f"{site.origin}/{kind}/")
            if slug != key and exact.fullmatch(slug):
                return key.removesuffix(slug) + slug.lower()
    return None


def _site(scheme: str, authority: str) -> Site:
    if "@" in authority:
        raise _refuse("user")
    host, _, port = authority.partition(":")
    if port not in _DEFAULT_PORTS[scheme]:
        raise _refuse("port")
    if host.endswith("."):
        raise _refuse("dot")
    for site in SITES:
        if host.isascii() and site.hosts.fullmatch(host.lower()):
            return site
    raise _refuse("host", host=ascii(host[:80]), allowed=ALLOWED)


def _decode(segment: str) -> str:
    if _BAD_ESCAPE.search(segment):
        raise _refuse("escape")
    try:
        decoded = unquote_to_bytes(segment).decode()
    except UnicodeDecodeError:
        raise _refuse("encoding") from None
    if LOST in decoded:
        raise _refuse("lost")
    return decoded


def _slug(decoded: str, exact: re.Pattern[str] | None) -> str:
    if exact and exact.fullmatch(decoded):
        return decoded
    # Not casefold, not NFKC: they make one key of straße and strasse, of ² and 2, which can be two people.
    slug = unicodedata.normalize("NFC", unicodedata.normalize("NFC", decoded).lower())
    if len(slug) > LONGEST_SLUG:
        raise _refuse("slug length", length=len(slug), most=LONGEST_SLUG)
    for character in _FLAG.sub("", slug):
        if not _in_slug(character):
            raise _refuse("slug", character=_named(character), punctuation=" ".join(PUNCTUATION))
    if not _SEEN.search(slug):
        raise _refuse("empty")
    if slug[-1] in UNSEEN and slug[-1] not in _JOINERS:
        raise _refuse("end", character=_named(slug[-1]))
    return slug


def _in_slug(character: str) -> bool:
    if character in PUNCTUATION or character in UNSEEN:
        return True
    category = unicodedata.category(character)
    return character.isalnum() if character.isascii() else category[0] in "LMN" or category in ("So", "Sk")


def _named(character: str) -> str:
    return f"U+{ord(character):04X}"


def _refuse(reason: str, **facts: object) -> InvalidError:
    return InvalidError(Flaw(f"the profile's URI {REFUSALS[reason].format(**facts)}"))
