"""JSON comes back as it was, and what cannot is refused."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.profiles.json_text import REASONS, JsonError, decode, decode_kept, encode
from lambdas.profiles.profile import Number, Value

written = st.from_regex(
    re.compile(r"-?(0|[1-9][0-9]{0,60})(\.[0-9]{1,60})?([eE][+-]?[0-9]{1,2})?", re.ASCII), fullmatch=True
)
values = st.recursive(
    st.none() | st.booleans() | st.builds(Number, written) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(values)
def test_a_value_comes_back_as_it_was(value: Value) -> None:
    assert decode(encode(value).encode()) == value == decode_kept(encode(value))


@given(values)
def test_what_is_written_is_json_to_the_standard_library_too(value: Value) -> None:
    assert json.loads(encode(value), parse_float=Number, parse_int=Number) == value


@pytest.mark.parametrize(
    "text",
    [
        "1.10",
        "9007199254740993",
        "1234567890123456789012345678901234567890123",
        "0." + "123456789" * 100,
        "-0",
        "-0.0",
        "0e-400",
        "0.000E+7",
        "0.1",
        "1e5",
        "1E+300",
        "1e-300",
        "1.7976931348623157e308",
        "5e-324",
    ],
)
def test_a_number_comes_back_as_it_was_written(text: str) -> None:
    assert encode(decode(text.encode())) == text


@pytest.mark.parametrize("text", ["1E-400", "-1e-99999999999999999999", "1E+400", '{"a":1E-400}'])
def test_what_was_kept_before_it_was_refused_is_still_read(text: str) -> None:
    assert encode(decode_kept(text)) == text
    with pytest.raises(JsonError):
        decode(text.encode())


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
        (b"\xef\xbb\xbf{}", "byte order mark"),
        ("\ufffd\ufffd{\x00}\x00".encode(), "encode it as UTF-8"),
        ('{"a": 1}'.encode("utf-16"), "not UTF-8 at byte 0"),
        (b'"\xc0\xaf"', "not UTF-8 at byte 1"),
        (b"NaN", "holds NaN"),
        (b"[-Infinity]", "holds -Infinity"),
        (b"1e400", "1e400, which .* infinity"),
        (b"-1e400", "-1e400, which .* infinity"),
        (b"1e99999999999999999999", "1e9999.* infinity"),
        (b"9" * 5000, "999.* infinity"),
        (b"1e-400", "1e-400, which .* zero"),
        (b"[-0.1E-400]", "-0.1E-400, which .* zero"),
        (b"1e-99999999999999999999", "1e-9999.* zero"),
        (b'{"a": 0.' + b"0" * 400 + b"1}", "0.000.* zero"),
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


def test_every_reason_is_given_for_something() -> None:
    marks = [*test_what_cannot_be_kept_is_refused_with_its_reason.pytestmark]  # type: ignore[attr-defined]
    given_for = set()
    for data, _ in marks[0].args[1]:
        with pytest.raises(JsonError) as refused:
            decode(data)
        given_for |= {name for name, text in REASONS.items() if re.fullmatch(_pattern(text), str(refused.value))}
    assert given_for == REASONS.keys() - {"base64"}  # test_handler


def _pattern(text: str) -> str:
    return re.sub(r"\\\{\w+\\\}", ".*", re.escape(text))


@given(st.binary(max_size=64))
def test_any_bytes_are_a_value_or_refused(data: bytes) -> None:
    try:
        value = decode(data)
    except JsonError:
        return
    assert decode(encode(value).encode("utf-8", "surrogatepass")) == value or "\\ud" in data.decode().lower()
