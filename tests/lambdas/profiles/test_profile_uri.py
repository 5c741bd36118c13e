"""Many ways to write a profile's address are one key, and nothing else is a key at all."""

import re
import sys
import unicodedata
from urllib.parse import quote

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from lambdas.profiles.errors import InvalidError
from lambdas.profiles.profile_uri import REFUSALS, SITES, UNSEEN, canonicalise, former
from lambdas.profiles.text import LOST, shows

KEY = re.compile(r"https://www\.linkedin\.com/(in|company)/[A-Za-z0-9%._-]+")
ARJAY = "https://www.linkedin.com/in/arjaynacion"
JOSE = "https://www.linkedin.com/in/jos%C3%A9"
MEMBER = "https://www.linkedin.com/in/ACoAABCNSioBW3YZHc2lBHVG0E_TXYWitQkmwog"
ENGLAND = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


@pytest.mark.parametrize(
    ("written", "key"),
    [
        (ARJAY, ARJAY),
        ("HTTPS://WWW.LinkedIn.COM/in/arjaynacion", ARJAY),
        ("http://www.linkedin.com/in/arjaynacion", ARJAY),
        ("https://linkedin.com/in/arjaynacion", ARJAY),
        ("https://m.linkedin.com/in/arjaynacion", ARJAY),
        ("https://uk.linkedin.com/in/arjaynacion", ARJAY),
        (f"{ARJAY}/", ARJAY),
        (f"{ARJAY}?", ARJAY),
        (f"{ARJAY}/?trk=public_profile&utm_source=x/../y", ARJAY),
        (f"{ARJAY}#about", ARJAY),
        (f"{ARJAY}?a=b@c:1#d?e", ARJAY),
        ("https://www.linkedin.com/IN/ArjayNacion", ARJAY),
        ("https://www.linkedin.com/%69n/%61rjaynacion", ARJAY),
        ("https://www.linkedin.com/in/jos%C3%A9", JOSE),
        ("https://www.linkedin.com/in/jos%c3%a9", JOSE),
        ("https://www.linkedin.com/in/josé", JOSE),
        ("https://www.linkedin.com/in/jose\u0301", JOSE),
        ("https://www.linkedin.com/in/JOSE%CC%81", JOSE),
        ("https://www.linkedin.com/in/J\u030c", "https://www.linkedin.com/in/%C7%B0"),  # composed in lower case only
        ("https://www.linkedin.com/company/Booking.com/", "https://www.linkedin.com/company/booking.com"),
        ("https://www.linkedin.com/company/johnson-&-johnson", "https://www.linkedin.com/company/johnson-%26-johnson"),
        ("https://www.linkedin.com/in/%F0%9F%A6%84", "https://www.linkedin.com/in/%F0%9F%A6%84"),
        (f"{ARJAY}/de", ARJAY),
        (f"{ARJAY}/en-us/", ARJAY),
        (f"{ARJAY}/EN-US?trk=x", ARJAY),
        (f"{ARJAY}/%64e", ARJAY),
        ("https://www.linkedin.com/in/de", "https://www.linkedin.com/in/de"),
        ("https://www.linkedin.com/in/de/de", "https://www.linkedin.com/in/de"),
        ("https://www.linkedin.com/mwlite/in/arjaynacion", ARJAY),
        ("https://www.linkedin.com/MWLite/in/arjaynacion/de", ARJAY),
        ("https://www.linkedin.com/mwlite/company/booking.com", "https://www.linkedin.com/company/booking.com"),
        ("https://www.linkedin.com/in/mwlite", "https://www.linkedin.com/in/mwlite"),
        ("https://www.linkedin.com:443/in/arjaynacion", ARJAY),
        ("https://www.linkedin.com:/in/arjaynacion", ARJAY),
        ("http://www.linkedin.com:80/in/arjaynacion", ARJAY),
        (MEMBER, MEMBER),
        (MEMBER.replace("ACo", "%41Co"), MEMBER),
        (f"{MEMBER}/?miniProfileUrn=urn%3Ali%3Afs_miniProfile", MEMBER),
        (MEMBER.lower(), MEMBER.lower()),
        (MEMBER.replace("ACo", "ACw"), MEMBER.replace("ACo", "ACw")),
        (
            "https://www.linkedin.com/in/ACoAAB1xYzQBk7_Sample-IdQwErTyUiOpAsDfGhJk",
            "https://www.linkedin.com/in/ACoAAB1xYzQBk7_Sample-IdQwErTyUiOpAsDfGhJk",
        ),
        ("https://www.linkedin.com/in/ACoAA-Short", "https://www.linkedin.com/in/acoaa-short"),
        (MEMBER.replace("/in/", "/company/"), MEMBER.lower().replace("/in/", "/company/")),
        (f"{ARJAY}?trk=jos\ufffd", ARJAY),
        *(
            (f"https://www.linkedin.com/in/{written}", f"https://www.linkedin.com/in/{quote(slug, safe='')}")
            for written, slug in (
                ("anna-👨\u200d🏫", "anna-👨\u200d🏫"),
                ("anna-%F0%9F%91%A8%E2%80%8D%F0%9F%8F%AB", "anna-👨\u200d🏫"),
                ("guilherme-🏳️\u200d🌈-916850194", "guilherme-🏳️\u200d🌈-916850194"),
                ("anna-👩🏽\u200d💻", "anna-👩🏽\u200d💻"),
                (f"anna-{ENGLAND}", f"anna-{ENGLAND}"),
                ("anna-🇩🇪", "anna-🇩🇪"),
                ("anna-1️⃣", "anna-1️⃣"),
                ("می\u200cخو\u0627\u0647م", "می\u200cخو\u0627\u0647م"),
                ("ക്\u200d", "ക്\u200d"),
                ("ශ්\u200dරී", "ශ්\u200dරී"),
                ("%E2%80%8Edominic-filion-guay-258202", "\u200edominic-filion-guay-258202"),
                ("%E2%80%8E-%E2%80%8E-Saqib", "\u200e-\u200e-saqib"),
                ("%E2%80%8Bian-miell-694496", "\u200bian-miell-694496"),
                ("%C2%A0joseph-paul-790567253", "\u00a0joseph-paul-790567253"),
                ("a\u200fb", "a\u200fb"),
                ("o\u2019brien", "o\u2019brien"),
                ("%E2%80%9Cx%E2%80%9D-y-\u2018z\u2019", "\u201cx\u201d-y-\u2018z\u2019"),
            )
        ),
    ],
)
def test_a_spelling_meets_its_key(written: str, key: str) -> None:
    assert canonicalise(written) == key


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "https://"),
        ("linkedin.com/in/x", "begin with https://"),
        ("//www.linkedin.com/in/x", "begin with https://"),
        ("ftp://www.linkedin.com/in/x", "begin with https://"),
        ("javascript:alert(1)", "begin with https://"),
        ("https:/www.linkedin.com/in/x", "begin with https://"),
        ("https://user:pw@www.linkedin.com/in/x", "names a user"),
        ("https://www.linkedin.com@evil.com/in/x", "names a user"),
        ("http\u017f://www.linkedin.com/in/x", "begin with https://"),
        ("https://www.linkedin.com:80/in/x", "names a port"),
        ("http://www.linkedin.com:443/in/x", "names a port"),
        ("https://www.linkedin.com:0443/in/x", "names a port"),
        ("https://www.linkedin.com:x/in/x", "names a port"),
        ("https://[::1]/in/x", "names a port"),
        ("https://www.linkedin.com./in/x", "ends in a dot"),
        ("https://www.linkedin.com.evil.com/in/x", "has the host"),
        ("https://evil-linkedin.com/in/x", "has the host"),
        ("https://xlinkedin.com/in/x", "has the host"),
        ("https://a.b.linkedin.com/in/x", "has the host"),
        ("https://gbr.linkedin.com/in/x", "has the host"),
        ("https://l\u0131nkedin.com/in/x", "has the host"),
        ("https://www.lin\u212aedin.com/in/x", "has the host"),
        ("https://www.linkedin。com/in/x", "has the host"),
        ("https://\uff57\uff57\uff57.linkedin.com/in/x", "has the host"),
        ("https://%77ww.linkedin.com/in/x", "has the host"),
        ("https:///in/x", "has the host"),
        ("https://www.linkedin.com\\@evil.com/in/x", r"U\+005C"),
        ("https://www.linkedin.com/in/x\r\nHost: y", r"U\+000D"),
        ("https://www.linkedin.com/in/x\n", r"U\+000A"),
        ("https://www.link\tedin.com/in/x", r"U\+0009"),
        ("https://www.linkedin.com/in/x y", r"U\+0020"),
        (" https://www.linkedin.com/in/x", r"U\+0020"),
        ("https://www.linkedin.com/in/\ud800", r"U\+D800"),
        ("https://www.linkedin.com/in/a\u202eb", r"U\+202E"),
        ("https://www.linkedin.com", "has a path"),
        ("https://www.linkedin.com/", "has a path"),
        ("https://www.linkedin.com/in", "has a path"),
        ("https://www.linkedin.com/in/x/details/skills", "has a path"),
        ("https://www.linkedin.com/in/x/details", "has a path"),
        ("https://www.linkedin.com/in/x/deu", "has a path"),
        ("https://www.linkedin.com/in/x/de_DE", "has a path"),
        ("https://www.linkedin.com/in/x/d\u0261", "has a path"),
        ("https://www.linkedin.com/in/x/de/at", "has a path"),
        ("https://www.linkedin.com/company/x/de", "has a path"),
        ("https://www.linkedin.com/in/mwlite/x", "has a path"),
        ("https://www.linkedin.com/mwlite/mwlite/in/x", "has a path"),
        ("https://www.linkedin.com/mwlite/x", "has a path"),
        ("https://www.linkedin.com/in//x", "has a path"),
        ("https://www.linkedin.com/in/x//", "has a path"),
        ("https://www.linkedin.com//in/x", "has a path"),
        ("https://www.linkedin.com/pub/x", "has a path"),
        ("https://www.linkedin.com/jobs/x", "has a path"),
        ("https://www.linkedin.com/in/../company/x", "has a path"),
        ("https://www.linkedin.com/in/", "has a path"),
        ("https://www.linkedin.com/in/%", "without two hexadecimal digits"),
        ("https://www.linkedin.com/in/%zz", "without two hexadecimal digits"),
        ("https://www.linkedin.com/in/%FF", "other than UTF-8"),
        ("https://www.linkedin.com/in/%ED%A0%80", "other than UTF-8"),
        ("https://www.linkedin.com/in/..", "empty slug"),
        ("https://www.linkedin.com/in/%2e%2e", "empty slug"),
        ("https://www.linkedin.com/in/a%2Fb", r"U\+002F in its slug"),
        ("https://www.linkedin.com/in/a%00", r"U\+0000 in its slug"),
        ("https://www.linkedin.com/in/a%2541", r"U\+0025 in its slug"),
        ("https://www.linkedin.com/in/a%20b", r"U\+0020 in its slug"),
        ("https://www.linkedin.com/in/a%E2%80%AEb", r"U\+202E in its slug"),
        *((f"https://www.linkedin.com/in/a%E2%81%A{one}b", rf"U\+206{one} in its slug") for one in "6789"),
        ("https://www.linkedin.com/in/a%C2%ADb", r"U\+00AD in its slug"),
        ("https://www.linkedin.com/in/a%EF%BB%BFb", r"U\+FEFF in its slug"),
        ("https://www.linkedin.com/in/a%E2%81%A0b", r"U\+2060 in its slug"),
        ("https://www.linkedin.com/in/a%F3%A0%81%A7b", r"U\+E0067 in its slug"),
        ("https://www.linkedin.com/in/a\U000e0067b", r"U\+E0067"),
        ("https://www.linkedin.com/in/a%E2%80%86b", r"U\+2006 in its slug"),
        *((f"https://www.linkedin.com/in/x{quote(one)}", "ends in U") for one in "\u00a0\u200b\u200e\u200f"),
        *((f"https://www.linkedin.com/in/{quote(one * 3)}", "empty slug") for one in UNSEEN),
        ("https://www.linkedin.com/in/%EF%B8%8F", "empty slug"),
        ("https://www.linkedin.com/in/%E3%85%A4-%CD%8F", "empty slug"),
        ("https://www.linkedin.com/in/%E2%A0%80", "empty slug"),
        ("https://www.linkedin.com/in/jos\ufffd-lima", "UTF-8"),
        ("https://www.linkedin.com/in/jos%EF%BF%BD-lima", "UTF-8"),
        ("https://www.linkedin.com/in/jos%ef%bf%bd", "UTF-8"),
        ("https://www.linkedin.com/\ufffd/x", "UTF-8"),
        ("https://www.linkedin.com/in/%C0%AF", "other than UTF-8"),
        ("https://www.linkedin.com/in/a%EF%BF%BEb", r"U\+FFFE in its slug"),
        ("https://www.linkedin.com/in/" + "a" * 151, "slug of 151"),
        ("https://www.linkedin.com/in/x?" + "a" * 2048, "characters long"),
    ],
)
def test_what_is_no_profile_is_refused_with_its_reason(written: str, reason: str) -> None:
    with pytest.raises(InvalidError) as refused:
        canonicalise(written)
    (flaw,) = refused.value.flaws
    assert re.search(reason, flaw.detail)
    assert flaw.path is None


def test_every_reason_is_given_for_something() -> None:
    [marks] = test_what_is_no_profile_is_refused_with_its_reason.pytestmark  # type: ignore[attr-defined]
    given_for = set()
    for written, _ in marks.args[1]:
        with pytest.raises(InvalidError) as refused:
            canonicalise(written)
        [flaw] = refused.value.flaws
        given_for |= {name for name, text in REFUSALS.items() if re.search(_pattern(text), flaw.detail)}
    assert given_for == REFUSALS.keys()


def _pattern(text: str) -> str:
    return re.sub(r"\\\{\w+\\\}", ".*", re.escape(text)) + "$"


def test_no_two_member_ids_become_one_key() -> None:
    """Case is content in base64url: an id that differs in the case of one letter is another member's."""
    slug = MEMBER.rpartition("/")[2]
    others = {slug[:at] + slug[at].swapcase() + slug[at + 1 :] for at in range(5, len(slug)) if slug[at].isalpha()}
    keys = {canonicalise(f"https://www.linkedin.com/in/{one}") for one in {slug, *others}}
    assert len(keys) == 1 + len(others) > 20


@given(st.from_regex(re.compile(r"A[CE][ow]AA[A-Za-z0-9_-]{25,60}", re.ASCII), fullmatch=True))
def test_a_member_id_is_its_own_key_and_finds_what_was_kept_under_the_former(slug: str) -> None:
    key = canonicalise(f"https://uk.linkedin.com/mwlite/in/{slug}/de?x#y")
    assert key == f"https://www.linkedin.com/in/{slug}"
    assert former(key) == f"https://www.linkedin.com/in/{slug.lower()}"


PUNCTUATION = "-_.&'\u2018\u2019\u201c\u201d"
slug_characters = st.characters(
    categories=("L", "M", "N", "So", "Sk"), include_characters=PUNCTUATION + "".join(UNSEEN), exclude_characters=LOST
).filter(lambda character: not character.isascii() or character.isalnum() or character in PUNCTUATION)
slugs = st.text(slug_characters, min_size=1, max_size=40).filter(
    lambda slug: (
        shows("".join(one for one in slug if one not in PUNCTUATION)) and slug[-1] not in "\u00a0\u200b\u200e\u200f"
    )
)
hosts = st.sampled_from(["linkedin.com", "www.linkedin.com", "m.linkedin.com", "uk.linkedin.com", "IN.LinkedIn.com"])
tails = st.sampled_from(["", "/", "?trk=a", "/?utm_source=b&c=d/e", "#top", "/?x#y"])


@given(slug=slugs, kind=st.sampled_from(["in", "company"]))
def test_the_canonical_form_is_a_fixed_point_in_the_allow_list(slug: str, kind: str) -> None:
    key = canonicalise(f"https://www.linkedin.com/{kind}/{slug}")
    assert canonicalise(key) == key
    assert KEY.fullmatch(key)
    assert len(key.encode()) <= 2048
    assert former(key) is None


@given(
    slug=slugs,
    scheme=st.sampled_from(["http", "https", "HTTPS"]),
    host=hosts,
    tail=tails,
    decompose=st.booleans(),
    encode=st.booleans(),
    upper=st.booleans(),
)
def test_equivalent_spellings_meet_in_one_key(
    slug: str, scheme: str, host: str, tail: str, decompose: bool, encode: bool, upper: bool
) -> None:
    written = slug.upper() if upper and slug.upper().lower() == slug else slug
    written = unicodedata.normalize("NFD" if decompose else "NFC", written)
    written = quote(written, safe="") if encode else written
    assert canonicalise(f"{scheme}://{host}/in/{written}{tail}") == canonicalise(f"https://www.linkedin.com/in/{slug}")


@given(one=slugs, other=slugs)
def test_slugs_that_differ_in_more_than_case_and_normal_form_never_meet(one: str, other: str) -> None:
    def folded(slug: str) -> str:
        return unicodedata.normalize("NFC", unicodedata.normalize("NFC", slug).lower())

    assume(folded(one) != folded(other))
    assert canonicalise(f"https://linkedin.com/in/{one}") != canonicalise(f"https://linkedin.com/in/{other}")


PIECES = [
    *("https:", "http:", "//", "/", "\\", "@", ":", "443", ".", "www.", "linkedin.com", "evil.com", "in", "company"),
    *("x", "é", "%", "%2e", "%2F", "%FF", "%00", "?", "#", "\r\n", "\t", "\x00", "\ud800", "\u3002", "[", "]", ";"),
]
near_misses = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


@given(st.one_of(st.text(st.characters(codec=None)), near_misses))
@example("https://www.linkedin.com/in/" + "\u0130" * 150)
def test_any_text_is_a_key_in_the_allow_list_or_the_domains_refusal(text: str) -> None:
    try:
        key = canonicalise(text)
    except InvalidError:
        return
    assert KEY.fullmatch(key)
    assert canonicalise(key) == key


def test_every_character_that_folding_or_normalising_changes_reaches_a_fixed_point_at_once() -> None:
    every = map(chr, range(sys.maxunicode + 1))
    changed = [one for one in every if one.lower() != one or unicodedata.normalize("NFC", one) != one]
    assert len(changed) > 2000
    for character in changed:
        try:
            key = canonicalise(f"https://linkedin.com/in/{character}")
        except InvalidError:
            continue
        assert canonicalise(key) == key, hex(ord(character))


def test_every_site_holds_its_own_origin_and_all_its_keys_fit_dynamodb() -> None:
    for site in SITES:
        assert site.hosts.fullmatch(site.origin.removeprefix("https://"))
        for kind in site.kinds:
            assert len(canonicalise(f"{site.origin}/{kind}/{'🦄' * 150}")) <= 2048
