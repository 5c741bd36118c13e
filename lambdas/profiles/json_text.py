"""JSON (RFC 8259) read strictly and written exactly: every number comes back as the number it was."""

import json
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Final, NoReturn, cast

from .profile import Value


class JsonError(ValueError):
    """The text is no JSON that can be kept and given back; the message says why."""


def decode(data: bytes) -> Value:
    """Read UTF-8 JSON. Raises JsonError, also for duplicate keys, NaN, Infinity and numbers beyond IEEE 754's."""
    try:
        return cast(Value, _DECODER.decode(data.decode()))
    except UnicodeDecodeError as error:
        raise JsonError(f"is not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise JsonError(f"is not JSON at line {error.lineno} column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise JsonError("is nested too deeply") from None


def encode(value: Value) -> str:
    """Write compact JSON. The standard encoder cannot write a Decimal as a number."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{encode(key)}:{encode(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(encode, value)) + "]"
    return str(value) if isinstance(value, Decimal) else _ENCODER.encode(value)


def _object(pairs: list[tuple[str, Value]]) -> dict[str, Value]:
    seen = dict(pairs)
    for key, _ in pairs if len(seen) < len(pairs) else ():
        if key not in seen:
            raise JsonError(f"holds the key {key[:80]!a} more than once in one object")
        del seen[key]
    return seen


def _number(text: str) -> Decimal:
    # Beyond a double (RFC 8259 §6) other readers see infinity; the digits within are kept all.
    try:
        if isfinite(float(text)):
            return Decimal(text)
    except InvalidOperation:  # an exponent beyond what Decimal holds
        pass
    raise JsonError(f"holds the number {text[:40]}, which is beyond what other readers of JSON can hold")


def _refuse_constant(name: str) -> NoReturn:
    raise JsonError(f"holds {name}, which JSON has no number for")


# Made once: `json.loads` and `json.dumps` with such options make one at every call.
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False)
_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_number, parse_int=_number, parse_constant=_refuse_constant
)
