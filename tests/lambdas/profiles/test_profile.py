"""A profile's bounds: everything wrong with one is said at once, and what is right is kept as it was written."""

from typing import Any

import pytest

from lambdas.profiles.errors import InvalidError
from lambdas.profiles.profile import DEEPEST, LONGEST_KEY, MOST_FLAWS, TEXTS, Number, Value, draft

URI = "https://www.linkedin.com/in/arjaynacion"
VALID: dict[str, Any] = {"full_name": "Arjay Nacion", "attributes": {"skills": ["aws", Number("1.10"), True, None]}}


def nested(levels: int) -> Value:
    return {} if levels == 1 else {"a": nested(levels - 1)}


def test_a_valid_document_becomes_content_under_the_canonical_uri() -> None:
    content = draft("http://uk.linkedin.com/in/ArjayNacion/", VALID)
    assert (content.uri, content.full_name, content.headline) == (URI, "Arjay Nacion", None)
    assert content.attributes == VALID["attributes"]


@pytest.mark.parametrize(
    "change",
    [
        {"uri": "https://uk.linkedin.com/in/arjaynacion/"},
        {"headline": None},
        {"version": 7, "updated_at": "never", "updated_by": []},
        {"full_name": "x" * TEXTS["full_name"]},
        {"full_name": "Zoë 🦄"},
        {"full_name": "Zoe\u0308"},
        {"full_name": "👨\u200d🏫"},
        {"full_name": "\u0301"},
        {"attributes": {"a": "\ufffe\ufeff\U0010ffff\x00", "\u200b": ""}},
        {"attributes": nested(DEEPEST)},
        {"attributes": {"": "", "k" * LONGEST_KEY: "line\nbreak"}},
    ],
)
def test_what_is_within_the_bounds_is_accepted(change: dict[str, Value]) -> None:
    assert draft(URI, VALID | change).uri == URI


@pytest.mark.parametrize(
    ("change", "path", "reason"),
    [
        ({"full_name": None}, ("full_name",), "is required"),
        ({"full_name": ""}, ("full_name",), "is blank"),
        ({"full_name": " \u00a0"}, ("full_name",), "is blank"),
        ({"full_name": "\u200b"}, ("full_name",), "is blank"),
        ({"full_name": "\u2060 \ufeff"}, ("full_name",), "is blank"),
        ({"full_name": "\u3164"}, ("full_name",), "is blank"),
        ({"headline": "\u2800"}, ("headline",), "is blank"),
        ({"company": "\u034f\ufe0f\U000e0041"}, ("company",), "is blank"),
        ({"location": "\u202e\u200d"}, ("location",), "is blank"),
        ({"full_name": "Jos\ufffd"}, ("full_name",), "in UTF-8"),
        ({"attributes": {"a": [{"b": "\ufffd"}]}}, ("attributes", "a", 0, "b"), "in UTF-8"),
        ({"attributes": {"a": {"\ufffd": 1}}}, ("attributes", "a", "\ufffd"), "in UTF-8"),
        ({"uri": f"{URI}\ufffd"}, ("uri",), "not the profile being written"),
        ({"full_name": 7}, ("full_name",), "is not a string"),
        ({"full_name": "x" * 201}, ("full_name",), "201 characters long: at most 200"),
        ({"full_name": "a\nb"}, ("full_name",), "line break"),
        ({"full_name": "a\x85b"}, ("full_name",), "control character"),
        ({"full_name": "a\ud800b"}, ("full_name",), "surrogate"),
        ({"headline": ""}, ("headline",), "leave it out"),
        ({"headline": "x" * 501}, ("headline",), "at most 500"),
        ({"company": []}, ("company",), "is not a string"),
        ({"location": {}}, ("location",), "is not a string"),
        ({"attributes": None}, ("attributes",), "is not an object"),
        ({"attributes": [1]}, ("attributes",), "is not an object"),
        ({"attributes": nested(900)}, ("attributes", *"aaaaaaaa"), "deeper than 8"),
        ({"attributes": {"a": [{"b": "\udfff"}]}}, ("attributes", "a", 0, "b"), "surrogate"),
        ({"attributes": {"\ud800": 1}}, ("attributes", "\ud800"), "surrogate"),
        ({"attributes": {"k" * 201: 1}}, ("attributes",), "key of 201 characters"),
        ({"fullname": "x"}, ("fullname",), "is no field of a profile: allowed are uri, full_name"),
        ({"uri": "https://www.linkedin.com/in/another"}, ("uri",), "not the profile being written"),
        ({"uri": "arjaynacion"}, ("uri",), "not the profile being written"),
        ({"uri": None}, ("uri",), "not the profile being written"),
    ],
)
def test_what_is_out_of_bounds_is_refused_where_it_is(
    change: dict[str, Value], path: tuple[str | int, ...], reason: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        draft(URI, VALID | change)
    (flaw,) = refused.value.flaws
    assert flaw.path == path
    assert reason in flaw.detail


@pytest.mark.parametrize("document", [None, True, Number("1"), "x", []])
def test_a_document_that_is_no_object_is_refused(document: Value) -> None:
    with pytest.raises(InvalidError) as refused:
        draft(URI, document)
    assert [flaw.path for flaw in refused.value.flaws] == [()]


def test_every_flaw_is_told_at_once_the_uris_first() -> None:
    with pytest.raises(InvalidError) as refused:
        draft("linkedin.com/in/x", {"uri": "x", "nam": 1, "Name": 2, "headline": 3, "attributes": 4})
    paths = [flaw.path for flaw in refused.value.flaws]
    assert paths == [None, ("Name",), ("attributes",), ("full_name",), ("headline",), ("nam",), ("uri",)]


def test_a_document_of_flaws_is_answered_with_a_bounded_list() -> None:
    with pytest.raises(InvalidError) as refused:
        draft(URI, {str(number): None for number in range(5000)})
    assert len(refused.value.flaws) == MOST_FLAWS


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ({"a": Number("1"), "b": None}, {"b": None, "a": Number("1")}, True),
        ({"a": Number("1.10")}, {"a": Number("1.1")}, False),
        ({"a": Number("1e5")}, {"a": Number("100000")}, False),
        ({"a": Number("-0")}, {"a": Number("0")}, False),
        ({"a": True}, {"a": Number("1")}, False),
        ({"a": [False]}, {"a": [Number("0")]}, False),
        ({"a": [Number("1"), Number("2")]}, {"a": [Number("2"), Number("1")]}, False),
        ({"a": [None]}, {"a": [None, None]}, False),
        ({"a": None}, {}, False),
        ({"a": "1"}, {"a": Number("1")}, False),
        ({"a": "é"}, {"a": "e\u0301"}, False),
        ({"a": {}}, {"a": []}, False),
        ({"a": "text"}, {"a": {"b": Number("1")}}, False),
        ({"a": {"b": Number("1")}}, {"a": "text"}, False),
        ({"a": ["text"]}, {"a": {"b": "text"}}, False),
    ],
)
def test_attributes_are_the_same_when_a_reader_cannot_tell_them_apart(
    one: dict[str, Value], other: dict[str, Value], equal: bool
) -> None:
    contents = [draft(URI, VALID | {"attributes": attributes}) for attributes in (one, other)]
    assert (contents[0] == contents[1]) is equal


@pytest.mark.parametrize("field", TEXTS)
def test_another_text_is_another_content(field: str) -> None:
    assert draft(URI, VALID) != draft(URI, VALID | {field: "another"})
