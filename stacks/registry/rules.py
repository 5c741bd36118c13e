"""The kinds of value in a registry file. Each says once what it allows, to the reader and to editors (JSON Schema)."""

import re
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from stacks.registry.problems import listed, nearest
from stacks.registry.scalars import Implicit, said


def refuse(text: str) -> PydanticCustomError:
    """The error to raise for a value: `text` is what a person reads."""
    return PydanticCustomError("refused", "{text}", {"text": text})


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Metadata of an annotated type: checks a value with our words, and describes it to JSON Schema."""

    expected: str

    @abstractmethod
    def check(self, value: object) -> object:
        """The value, or an error that names it and what is expected."""

    @abstractmethod
    def schema(self) -> dict[str, Any]:
        """The JSON Schema (draft 7) of what `check` accepts."""

    def __get_pydantic_core_schema__(self, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.check)

    def __get_pydantic_json_schema__(self, _core: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return self.schema()


@dataclass(frozen=True, kw_only=True)
class Expected:
    """Metadata of a list or mapping: what a message says is expected there."""

    expected: str


def unchanged(value: str) -> str:
    return value


def kebab(value: str) -> str:
    """The lower-case kebab-case nearest to a name."""
    return re.sub(r"[^a-z0-9]+", "-", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", value).lower()).strip("-")


@dataclass(frozen=True, kw_only=True)
class Text(Rule):
    """A text of a bounded length that a pattern matches whole. The pattern means the same in Python and ECMA 262."""

    noun: str
    pattern: str
    shortest: int
    longest: int
    mend: Callable[[str], str] = unchanged

    def fits(self, value: str) -> bool:
        bounded = self.shortest <= len(value) <= self.longest
        return bounded and value.isprintable() and re.fullmatch(self.pattern, value) is not None

    def check(self, value: object) -> str:
        if not isinstance(value, str):
            raise refuse(f"{said(value)}, expected {self.expected}")
        if not self.fits(value):
            mended = self.mend(value)
            near = f" (did you mean {mended!r}?)" if mended != value and self.fits(mended) else ""
            raise refuse(f"{said(value)} is not {self.noun}, expected {self.expected}{near}")
        return value

    def schema(self) -> dict[str, Any]:
        bounds = {"minLength": self.shortest, "maxLength": self.longest}
        message = f"expected {self.expected}"
        return {"type": "string", "pattern": f"^(?:{self.pattern})$", "patternErrorMessage": message} | bounds


@dataclass(frozen=True, kw_only=True)
class Choice(Rule):
    """One of a few words."""

    noun: str
    allowed: tuple[str, ...]

    def check(self, value: object) -> str:
        if not isinstance(value, str):
            raise refuse(f"{said(value)}, expected {self.expected}")
        if value not in self.allowed:
            raise refuse(f"unknown {self.noun} {said(value)}, expected {self.expected}{nearest(value, self.allowed)}")
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.allowed)}


def choice(noun: str, *allowed: str) -> Choice:
    return Choice(noun=noun, allowed=allowed, expected=listed(allowed))


@dataclass(frozen=True, kw_only=True)
class Whole(Rule):
    """A whole number within bounds, in plain decimal digits."""

    least: int
    most: int

    def check(self, value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise refuse(f"{said(value)}, expected {self.expected}")
        if not self.least <= value <= self.most:
            raise refuse(f"{value} is too {'small' if value < self.least else 'large'}, expected {self.expected}")
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True, kw_only=True)
class Flag(Rule):
    """`true` or `false`, in no other spelling."""

    def check(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise refuse(f"{said(value)}, expected {self.expected}")
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


@dataclass(frozen=True, kw_only=True)
class Day(Rule):
    """A date of the calendar, without quotes, or none (outside a file)."""

    def check(self, value: object) -> date | None:
        if value is not None and type(value) is not date:
            mend = ", without quotes" if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value) else ""
            unreal = isinstance(value, Implicit) and re.fullmatch(r"\d{4}-\d\d-\d\d", value.text)
            what = f"{value.text} is not in the calendar" if isinstance(value, Implicit) and unreal else said(value)
            raise refuse(f"{what}, expected {self.expected}{mend}")
        return value

    def schema(self) -> dict[str, Any]:
        message = f"expected {self.expected}"
        return {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$", "patternErrorMessage": message}
