"""Text as people see it: whether it shows anything, and whether somebody has lost a part of it before it came here."""

import re
from typing import Final

LOST: Final = "\ufffd"
"""REPLACEMENT CHARACTER: what a decoder writes for bytes that it cannot read (Unicode §3.9, "U+FFFD substitution").
The gateway does so with a body or an address that is not UTF-8, so nothing that holds it is what its writer meant."""
BLANK: Final = (
    # Controls and separators: general categories Cc, Zs, Zl and Zp.
    r"\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
    # Format characters: Cf.
    r"\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f"
    r"\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    # What else is ignored where it cannot be shown: Default_Ignorable_Code_Point (DerivedCoreProperties.txt 17.0).
    r"\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff"
    # BRAILLE PATTERN BLANK, a symbol by its category and empty by its name.
    r"\u2800"
)
"""The characters that show nothing, for a set of a regular expression."""

_SHOWN: Final = re.compile(f"[^{BLANK}]")


def shows(text: str) -> bool:
    """Tell whether any character of the text is to be seen; where none is, the text is blank."""
    return _SHOWN.search(text) is not None
