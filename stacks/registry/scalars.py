"""The single values of a YAML file: what each one is, and how a message names it."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import yaml
from yaml.resolver import Resolver

from stacks.registry.problems import short

_RESOLVER: Final[Any] = Resolver()
_WHOLE: Final = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_KINDS: Final = {"bool": "a boolean", "int": "a number", "float": "a number", "timestamp": "a date", "null": "nothing"}


@dataclass(frozen=True)
class Implicit:
    """A plain value that YAML reads as something other than what is written: `yes`, `1_000`, `2027-02-30`, `~`."""

    text: str
    kind: str


def read_scalar(event: Any) -> object:
    """What is written: a text, `true` or `false`, a decimal number, a real date.

    Anything else that YAML would turn into another value is Implicit.
    """
    text = event.value
    if event.style or not event.implicit[0]:
        return text
    kind = _RESOLVER.resolve(yaml.ScalarNode, text, (True, False)).rpartition(":")[2]
    if kind == "bool" and text in {"true", "false"}:
        return text == "true"
    if kind == "int" and _WHOLE.fullmatch(text):
        return int(text)
    if kind == "timestamp" and len(text) == len("2027-06-30"):
        try:
            return date.fromisoformat(text)
        except ValueError:
            return Implicit(text, "a date")
    return Implicit(text, _KINDS[kind]) if kind in _KINDS else text


def said(value: object) -> str:
    """A value of a file as a message names it: `yes is a boolean in YAML`."""
    match value:
        case str():
            words = repr(short(value))
        case Implicit(text="", kind="nothing"):
            words = "nothing is written here"
        case Implicit(text=text, kind=kind):
            words = f"{short(text)} is {kind} in YAML"
        case bool():
            words = f"{str(value).lower()} is a boolean in YAML"
        case int():
            words = f"{value} is a number in YAML"
        case date():
            words = f"{value} is a date in YAML"
        case dict():
            words = "a mapping is written here"
        case _:
            words = "a list is written here"
    return words
