"""JSON comes back as it was, and what cannot is refused."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.profiles.json_text import JsonError, decode, encode
from lambdas.profiles.profile import Value

numbers = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**60), max_value=10**60)
values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(values)
def test_a_value_comes_back_as_it_was(value: Value) -> None:
    assert decode(encode(value).encode()) == value


@given(values)
def test_what_is_written_is_json_to_the_standard_library_too(value: Value) -> None:
    assert json.loads(encode(value), parse_float=Decimal, parse_int=Decimal) == value


@pytest.mark.parametrize(
    "text",
    [
        "1.10",
        "9007199254740993",
        "1234567890123456789012345678901234567890123",
        "-0",
        "0.1",
        "1E+300",
        "1E-300",
    ],
)
def test_a_number_keeps_every_digit(text: str) -> None:
    assert encode(decode(text.encode())) == text


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not JSON at line 1 column 1"),
        (b"{", "not JSON at line 1"),
        (b"{} {}", "not JSON at line 1 column 4"),
        (b"{'a': 1}", "not JSON"),
        (b"\xff", "not UTF-8 at byte 0"),
        ('{"a": "é"}'.encode("latin-1"), "not UTF-8"),
        ('"\ud800"'.encode("utf-8", "surrogatepass"), "not UTF-8"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        (b"NaN", "holds NaN"),
        (b"[-Infinity]", "holds -Infinity"),
        (b"1e400", "1e400"),
        (b"-1e400", "-1e400"),
        (b"1e99999999999999999999", "1e9999"),
        (b"1e-99999999999999999999", "1e-9999"),
        (b"9" * 5000, "999"),
        (b'{"a": 1, "b": 2, "a": 3}', "'a' more than once"),
        (b'{"b": {"a": 1, "\\u0061": 1}}', "'a' more than once"),
        # How deep is too deep differs by a factor of a hundred between versions of Python.
        (b"[" * 1_000_000, "nested too deeply"),
        (b'{"a":' * 1_000_000, "nested too deeply"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_its_reason(data: bytes, reason: str) -> None:
    with pytest.raises(JsonError, match=reason):
        decode(data)


@given(st.binary(max_size=64))
def test_any_bytes_are_a_value_or_refused(data: bytes) -> None:
    try:
        value = decode(data)
    except JsonError:
        return
    assert decode(encode(value).encode("utf-8", "surrogatepass")) == value or "\\ud" in data.decode().lower()
