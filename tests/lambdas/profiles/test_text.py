"""What shows nothing is blank, by Unicode's own data, and what shows is not."""

import sys
import unicodedata

import pytest

from lambdas.profiles.text import LOST, shows

DEFAULT_IGNORABLE = (
    "00AD 034F 061C 115F..1160 17B4..17B5 180B..180F 200B..200F 202A..202E 2060..206F 3164 FE00..FE0F FEFF FFA0 "
    "FFF0..FFF8 1BCA0..1BCA3 1D173..1D17A E0000..E0FFF"
)
"""https://www.unicode.org/Public/17.0.0/ucd/DerivedCoreProperties.txt, Default_Ignorable_Code_Point."""


def test_a_character_shows_unless_it_is_ignorable_a_separator_a_control_or_a_format_character() -> None:
    ends = [each.split("..") for each in DEFAULT_IGNORABLE.split()]
    blank = {code for first, *last in ends for code in range(int(first, 16), int((last or [first])[0], 16) + 1)}
    blank.add(0x2800)  # BRAILLE PATTERN BLANK
    blank |= {
        code for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) in ("Cc", "Cf", "Zs", "Zl", "Zp")
    }
    found = {code for code in range(sys.maxunicode + 1) if not shows(chr(code))}
    assert blank - found == set()
    # What a newer Unicode than this Python's has assigned.
    assert {unicodedata.category(chr(code)) for code in found - blank} <= {"Cn"}


@pytest.mark.parametrize("text", ["", " ", "\u200b\u200d\ufeff", "\u3164\uffa0", "\u00ad\u034f\ufe0f", "\u2800"])
def test_what_shows_nothing_is_blank(text: str) -> None:
    assert not shows(text)
    assert shows(f"{text}.{text}")


def test_what_a_decoder_leaves_shows() -> None:
    assert shows(LOST)
    assert "\udce9".encode("utf-8", "replace") == b"?"
    assert b"\xe9".decode("utf-8", "replace") == LOST
