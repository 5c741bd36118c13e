"""The AWS CLI's commands of a page in docs/, or of a message: what people will type is what is tested."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
from botocore import xform_name

DOCS = Path(__file__).parents[1] / "docs"
_BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)

GLOBAL = {"--query", "--output", "--region", "--profile", "--cli-input-json"}
"""https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-options.html"""
RENAMED = {"--notification-endpoint"}
"""What the CLI calls in its own way (2026-11-25):
https://github.com/aws/aws-cli/blob/v2/awscli/customizations/argrename.py"""
WAITERS = "wait"

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


def spoken(page: str) -> Iterator[str]:
    """Every command of the AWS CLI in a page, in a block or within a line."""
    for block in re.findall(r"^```sh\n(.*?)^```|^ +```sh\n(.*?)^ +```", page, re.MULTILINE | re.DOTALL):
        for line in "".join(block).replace("\\\n", " ").splitlines():
            yield from re.findall(r"\baws (?:[a-z0-9-]+ )[^)#]+", line)
    for code in re.findall(
        r"`([^`\n]+(?:\n[^`\n]+)?)`", re.sub(r"^ *```.*?^ *```", "", page, flags=re.MULTILINE | re.DOTALL)
    ):
        if re.match(r"aws [a-z0-9-]+ [a-z-]+\b", code):
            yield " ".join(code.split())


def mistakes(command: str) -> list[str]:
    """Why the AWS CLI would not take it: no such service, operation or option. Values are not judged."""
    _, service, operation, *words = shlex.split(command)
    session = botocore.session.get_session()
    if service not in session.get_available_services():
        return [f"no service {service}"]
    model = session.get_service_model(service)
    if operation == WAITERS:
        names = session.get_waiter_model(service).waiter_names
        return [] if words[0] in {xform_name(name, "-") for name in names} else [f"no waiter {words[0]}"]
    known = {xform_name(name, "-"): name for name in model.operation_names}
    if operation not in known:
        return [f"no operation {operation}"]
    shape: Any = model.operation_model(known[operation]).input_shape
    options = {f"--{xform_name(member, '-')}": kind for member, kind in shape.members.items()} if shape else {}
    switches = {f"--no-{name[2:]}" for name, kind in options.items() if kind.type_name == "boolean"}
    given = [word for word in words if word.startswith("--")]
    return [f"no option {word}" for word in given if word not in options.keys() | switches | GLOBAL | RENAMED]
