"""The key of a profile: the one canonical URI that every way to write a profile's address becomes."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from .errors import Flaw, InvalidError


@dataclass(frozen=True, kw_only=True)
class Site:
    """One site whose profiles are kept. To keep another site's, add it to SITES."""

    name: str
    origin: str
    """Scheme and host of the canonical form."""
    hosts: re.Pattern[str]
    """Matches exactly the hosts, lower-case, that are this site."""
    kinds: tuple[str, ...]
    """First path segment of a profile; the slug is the second and last."""


# A country host is any two letters, not a list of countries: only LinkedIn can make a name under linkedin.com, so no
# two letters can be somebody else, and a list would refuse tomorrow's country. The key never holds that label.
SITES: Final = (
    Site(
        name="LinkedIn",
        origin="https://www.linkedin.com",
        hosts=re.compile(r"(?:(?:www|m|[a-z]{2})\.)?linkedin\.com"),
        kinds=("in", "company"),
    ),
)
ALLOWED: Final = ", ".join(f"{site.origin}/{kind}/<slug>" for site in SITES for kind in site.kinds)
LONGEST: Final = 2048
"""Characters of a URI as written."""
LONGEST_SLUG: Final = 150
"""Characters. Each is at most 12 bytes percent-encoded, so every key stays below DynamoDB's 2,048 bytes."""
PUNCTUATION: Final = "-_.&'"
"""ASCII in a slug beside letters and digits, as in /company/booking.com, johnson-&-johnson, mcdonald's-corporation."""

# RFC 3986 appendix B, narrowed. Not urlsplit: it drops CR, LF and TAB, and reads `\@` as a change of host.
_PARTS: Final = re.compile(r"(?i:https?)://([^/?#]*)([^?#]*)(?:\?[^#]*)?(?:#.*)?", re.DOTALL)
_BAD_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")


def canonicalise(text: str) -> str:
    """The canonical form of a profile's URI; a fixed point, ASCII only (RFC 3986 §6.2.2), at most 2,048 bytes.

    Ignored: case, http for https, www/mobile/country host, one trailing slash, query, fragment, percent-encoding, and
    the slug's Unicode normal form (NFC) and case. Raises InvalidError, and nothing else, for what is no profile's URI.
    """
    if len(text) > LONGEST:
        raise _refuse(f"is {len(text)} characters long: at most {LONGEST} are allowed")
    # Printable text holds none of these but U+0020, and asking that is a hundred times as fast.
    if not text.isprintable() or " " in text or "\\" in text:
        # Cc, Cf, Cs, Co, Cn: control, invisible, surrogate, private and unassigned; Z: every kind of space.
        found = next(each for each in text if each == "\\" or unicodedata.category(each)[0] in "CZ")
        raise _refuse(f"holds the character U+{ord(found):04X}, which no URI may hold: remove it")
    parts = _PARTS.fullmatch(text)
    if parts is None:
        raise _refuse(f"does not begin with https:// or http://: write it in full, one of {ALLOWED}")
    site = _site(parts[1])
    path = parts[2].removesuffix("/").split("/")
    kind = _decode(path[1]).lower() if len(path) == 3 else ""
    if kind not in site.kinds:
        kinds = " or ".join(f"/{kind}/<slug>" for kind in site.kinds)
        raise _refuse(f"has a path that is not {kinds} of {site.name}: write nothing before or after that")
    return f"{site.origin}/{kind}/{quote(_slug(_decode(path[2])), safe='')}"


def _site(authority: str) -> Site:
    if "@" in authority:
        raise _refuse("names a user before the host: remove everything up to the '@'")
    if ":" in authority:
        raise _refuse("names a port: remove the ':' and what follows it in the host")
    if authority.endswith("."):
        raise _refuse("has a host that ends in a dot: remove the dot")
    for site in SITES:
        if authority.isascii() and site.hosts.fullmatch(authority.lower()):
            return site
    raise _refuse(f"has the host {authority[:80]!a}, of which no profiles are kept: allowed are {ALLOWED}")


def _decode(segment: str) -> str:
    if _BAD_ESCAPE.search(segment):
        raise _refuse("holds a '%' without two hexadecimal digits after it: write %25 for the character itself")
    try:
        return unquote_to_bytes(segment).decode()
    except UnicodeDecodeError:
        raise _refuse("is percent-encoded in something other than UTF-8: encode it as UTF-8") from None


def _slug(decoded: str) -> str:
    # Not casefold, not NFKC: they make one key of straße and strasse, of ² and 2, which can be two people.
    slug = unicodedata.normalize("NFC", unicodedata.normalize("NFC", decoded).lower())
    if not slug.strip(PUNCTUATION):
        raise _refuse("has an empty slug: write the profile's name after the last '/'")
    if len(slug) > LONGEST_SLUG:
        raise _refuse(f"has a slug of {len(slug)} characters: at most {LONGEST_SLUG} are allowed")
    for character in slug:
        if not _in_slug(character):
            allowed = f"letters, digits, emoji and {' '.join(PUNCTUATION)}"
            raise _refuse(f"has the character U+{ord(character):04X} in its slug: allowed are {allowed}")
    return slug


def _in_slug(character: str) -> bool:
    if character.isascii():
        return character.isalnum() or character in PUNCTUATION
    category = unicodedata.category(character)
    return category[0] in "LMN" or category in ("So", "Sk")


def _refuse(detail: str) -> InvalidError:
    return InvalidError(Flaw(f"the profile's URI {detail}"))
