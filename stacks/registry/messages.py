"""Turns what the model refuses into problems with a line and a mend."""

from dataclasses import fields
from typing import get_type_hints

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from stacks.registry.document import Node, Place, Refused
from stacks.registry.model import ClientFile, Declaration, Grant
from stacks.registry.problems import Problem, listed, nearest
from stacks.registry.scalars import said

Model = type[ClientFile] | type[Declaration] | type[Grant]


def explain(error: ValidationError, path: str, root: Node, model: Model, under: Place = ()) -> list[Problem]:
    """A problem for each thing that `model` refuses in the tree, or in the part of it that is `under` a place."""
    problems = []
    for details in error.errors(include_url=False):
        name, node = root.find((*under, *details["loc"]))
        # pydantic counts the valid values alone: a list of one unknown scope is not empty.
        miscounted = details["type"] == "too_short" and details["input"]
        if not isinstance(node.value, Refused) and not miscounted:
            problems.append(Problem(path, node.line, name, _text(details, model)))
    return problems


def _text(details: ErrorDetails, model: Model) -> str:
    names = [part for part in details["loc"] if isinstance(part, str)]
    # environments.<name> is the one place where a file nests another model.
    model = Grant if model is ClientFile and len(names) > 1 else model
    key = names[-1] if names else ""
    match details["type"]:
        case "refused":
            return details["msg"]
        case "missing":
            return f"missing, expected {_expected(model, key)}"
        case "unexpected_keyword_argument":
            return _unknown(model, key)
        case "too_short":
            return f"empty, expected {_expected(model, key)}"
        case "too_long":
            return f"{len(details['input'])} values, expected at most {details['ctx']['max_length']}"
    return f"{said(details['input'])}, expected {_expected(model, key)}"


def _unknown(model: Model, key: str) -> str:
    if model is ClientFile and key in _names(Grant):
        return "belongs to an environment, expected it in environments.<environment>: move it"
    if model is Grant and key in _names(ClientFile):
        return "belongs to the whole client, expected it outside environments: move it"
    return f"unknown key, expected {listed(_names(model))}{nearest(key, _names(model))}"


def _names(model: Model) -> list[str]:
    return [field.name for field in fields(model)]


def _expected(model: Model, key: str) -> str:
    """What the model says a field holds; where the whole model belongs, its fields."""
    hint = get_type_hints(model, include_extras=True).get(key)
    for note in getattr(hint, "__metadata__", ()):
        if hasattr(note, "expected"):
            return str(note.expected)
    return f"a mapping of {listed(_names(model), 'and')}"
