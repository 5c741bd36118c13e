"""JSON (RFC 8259) read strictly and written exactly: every number comes back as the text that it was."""

import json
from collections.abc import Mapping
from math import isfinite
from typing import Final, NoReturn, cast

from .profile import Number, Value
from .text import LOST

REASONS: Final[Mapping[str, str]] = {
    "encoding": "is not UTF-8 at byte {at}: encode it as UTF-8",
    "lost": "is not JSON, and holds U+FFFD, which a decoder leaves where something was not UTF-8: encode it as UTF-8",
    "mark": "begins with a byte order mark, which JSON may not: leave it out",
    "syntax": "is not JSON at line {line} column {column}: {message}",
    "depth": "is nested too deeply",
    "twice": "holds the key {key} more than once in one object",
    "large": "holds the number {number}, which other readers of JSON take for infinity: write it as a string",
    "small": "holds the number {number}, which other readers of JSON take for zero: write it as a string",
    "constant": "holds {name}, which JSON has no number for",
    "base64": "is not the base64 it is declared to be",
}
"""Every reason for which a body is no JSON that is kept."""


class JsonError(ValueError):
    """The text is no JSON that can be kept and given back; the message says why."""

    def __init__(self, reason: str, **facts: object) -> None:
        super().__init__(REASONS[reason].format(**facts))


def decode(data: bytes) -> Value:
    """Read UTF-8 JSON of a caller's. Raises JsonError."""
    try:
        text = data.decode()
        if text.startswith("\ufeff"):
            raise JsonError("mark")
        return cast(Value, _DECODER.decode(text))
    except UnicodeDecodeError as error:
        raise JsonError("encoding", at=error.start) from None
    except json.JSONDecodeError as error:
        if LOST in text:
            raise JsonError("lost") from None
        raise JsonError("syntax", line=error.lineno, column=error.colno, message=error.msg) from None
    except RecursionError:
        raise JsonError("depth") from None


def decode_kept(text: str) -> Value:
    """Read what `encode` has written, at whatever time: a rule of today refuses nothing of what is kept.

    Raises ValueError or RecursionError for what it has not written.
    """
    return cast(Value, _KEPT_DECODER.decode(text))


def encode(value: Value) -> str:
    """Write compact JSON. The standard encoder cannot write a Number."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{encode(key)}:{encode(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(encode, value)) + "]"
    return value.text if isinstance(value, Number) else _ENCODER.encode(value)


def _object(pairs: list[tuple[str, Value]]) -> dict[str, Value]:
    seen = dict(pairs)
    for key, _ in pairs if len(seen) < len(pairs) else ():
        if key not in seen:
            raise JsonError("twice", key=ascii(key[:80]))
        del seen[key]
    return seen


def _number(text: str) -> Number:
    # Others read numbers as doubles (RFC 8259 §6). What loses digits there is kept whole; what becomes another kind of
    # number, infinity or zero, is refused.
    read = float(text)
    if not isfinite(read):
        raise JsonError("large", number=text[:40])
    if not read and text.lower().partition("e")[0].strip("-0."):
        raise JsonError("small", number=text[:40])
    return Number(text)


def _refuse_constant(name: str) -> NoReturn:
    raise JsonError("constant", name=name)


# Made once: `json.loads` and `json.dumps` with such options make one at every call.
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False)
_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_number, parse_int=_number, parse_constant=_refuse_constant
)
_KEPT_DECODER: Final = json.JSONDecoder(parse_float=Number, parse_int=Number)
