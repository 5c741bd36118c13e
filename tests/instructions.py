"""The AWS CLI's commands of a page in docs/, read from the page: what people will type is what is tested."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from botocore import xform_name

DOCS = Path(__file__).parents[1] / "docs"
_BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)

Words = list[str]
"""One command: `aws`, a service, an operation and its options."""


def commands(page: str, operation: str, **filled: str) -> list[Words]:
    """Every command of an operation, in a block or within a line, with each `<name>` that is given filled in."""
    text = (DOCS / page).read_text()
    lines = [line.strip() for block in _BLOCK.findall(text) for line in block.replace("\\\n", " ").splitlines()]
    lines += [" ".join(code.split()) for code in re.findall(r"`([^`]+)`", _BLOCK.sub("", text))]
    asked = re.compile(rf"aws \S+ {operation}\b")
    found = [shlex.split(line, comments=True) for line in lines if asked.match(line)]
    return [[_fill(word, filled) for word in words] for words in found]


def _fill(word: str, filled: dict[str, str]) -> str:
    for name, value in filled.items():
        word = word.replace(f"<{name}>", value)
    return word


def patches(words: Words) -> Iterator[tuple[str, str]]:
    """The path and the value of each replacement that an `update-stage` makes."""
    for word in words:
        if found := re.fullmatch(r"op=replace,path=([^,]+),value=([^,]+)", word):
            yield found[1], found[2]


def run(client: Any, words: Words) -> Any:
    """What the AWS CLI does with the command, by a boto3 client of its service. Raises KeyError for no such option.

    https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-shorthand.html
    """
    _, _, operation, *options = words
    name = operation.replace("-", "_")
    shape = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[name]).input_shape
    members = {xform_name(member, "-"): (member, kind) for member, kind in shape.members.items()}
    given: dict[str, Any] = {}
    for option in " ".join(f"\n{word}" if word.startswith("--") else f"\t{word}" for word in options).split("\n")[1:]:
        flag, *values = (word.strip() for word in option.split("\t"))
        off = flag.startswith("--no-")
        member, kind = members[flag.removeprefix("--no-" if off else "--")]
        given[member] = not off if kind.type_name == "boolean" else _value(kind.type_name, values)
    return getattr(client, name)(**given)


def _value(kind: str, values: list[str]) -> Any:
    if kind == "list":
        return [_shorthand(value) for value in values]
    [value] = values
    return value if kind in ("string", "timestamp") else _shorthand(value)


def _shorthand(value: str) -> Any:
    if value.startswith(("{", "[")):
        return json.loads(value)
    if "=" not in value:
        return value
    pairs = (pair.split("=", 1) for pair in value.split(","))
    return {key: {"true": True, "false": False}.get(word, word) for key, word in pairs}
