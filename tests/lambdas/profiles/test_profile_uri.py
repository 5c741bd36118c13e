"""Many ways to write a profile's address are one key, and nothing else is a key at all."""

import re
import sys
import unicodedata
from urllib.parse import quote

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from lambdas.profiles.errors import InvalidError
from lambdas.profiles.profile_uri import SITES, canonicalise

KEY = re.compile(r"https://www\.linkedin\.com/(in|company)/[A-Za-z0-9%._-]+")
ARJAY = "https://www.linkedin.com/in/arjaynacion"
JOSE = "https://www.linkedin.com/in/jos%C3%A9"


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
        ("https://www.linkedin.com:443/in/x", "names a port"),
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
        ("https://www.linkedin.com/in/%E2%80%AE", r"U\+202E in its slug"),
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


slug_characters = st.characters(categories=("L", "M", "N", "So", "Sk"), include_characters="-_.&'").filter(
    lambda character: not character.isascii() or character.isalnum() or character in "-_.&'"
)
slugs = st.text(slug_characters, min_size=1, max_size=40).filter(lambda slug: slug.strip("-_.&'"))
hosts = st.sampled_from(["linkedin.com", "www.linkedin.com", "m.linkedin.com", "uk.linkedin.com", "IN.LinkedIn.com"])
tails = st.sampled_from(["", "/", "?trk=a", "/?utm_source=b&c=d/e", "#top", "/?x#y"])


@given(slug=slugs, kind=st.sampled_from(["in", "company"]))
def test_the_canonical_form_is_a_fixed_point_in_the_allow_list(slug: str, kind: str) -> None:
    key = canonicalise(f"https://www.linkedin.com/{kind}/{slug}")
    assert canonicalise(key) == key
    assert KEY.fullmatch(key)
    assert len(key.encode()) <= 2048


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
