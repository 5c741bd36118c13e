"""Writes the file of a new app client and says what to do next: `make client NAME=… GROUP=…`."""

import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from stacks import registry
from stacks.environments import ENVIRONMENTS, Environment
from stacks.registry.problems import listed, nearest
from stacks.registry.texts import ClientName
from tools import codeowners

WORDS: Final = ("NAME", "GROUP", "OWNER", "CONTACT", "PURPOSE", "KIND", "EXPIRES")
USAGE: Final = (
    "make client NAME=<client> GROUP=<group> [OWNER=<team>] [CONTACT='#<channel>'|<address>] [PURPOSE='<sentence>'] "
    "[KIND=service|testing] [EXPIRES=<date>]"
)
LASTS: Final = timedelta(days=90)
"""How long a client that must end is given when nobody says."""


class RefusedError(Exception):
    """Why no file was written, in words for the person who asked."""


def main(arguments: Sequence[str], root: Path = registry.CLIENTS) -> int:
    try:
        print(create(root, _said(arguments), today=datetime.now(UTC).date()))
    except RefusedError as refused:
        print(refused, file=sys.stderr)
        return 1
    return 0


def create(root: Path, said: Mapping[str, str], *, today: date) -> str:
    """Write the file and return what to do next. RefusedError, with nothing left behind, when it would not be valid."""
    name, group = said["NAME"], said["GROUP"]
    shown = f"clients/{group}/{name}.yaml"
    try:
        declared = registry.declarations(root)
        TypeAdapter(ClientName).validate_python(name)
    except registry.RegistryError as error:
        raise RefusedError(str(error)) from None
    except ValidationError as error:
        raise RefusedError(f"{shown}:1: file name: {error.errors()[0]['msg']}") from None
    if group not in declared:
        text = f"unknown group {group!r}, expected {listed(sorted(declared))}{nearest(group, declared)}"
        raise RefusedError(f"{text}; the platform team declares groups in clients/groups.yaml")
    kind = said.get("KIND", "service")
    environments = [each for each in ENVIRONMENTS if each.testing_clients or kind != "testing"]
    ends = kind == "testing" or declared[group].expires == "required"
    defaults = {"EXPIRES": str(today + LASTS)} if ends else {}
    defaults["OWNER"] = declared[group].approvers.rpartition("/")[2]
    _write(root / group / f"{name}.yaml", root, _text(defaults | dict(said), environments))
    return _next_steps(shown, name, declared[group], environments)


def _said(arguments: Sequence[str]) -> dict[str, str]:
    said = {word: value.strip() for word, _, value in (argument.partition("=") for argument in arguments)}
    for word in said:
        if word not in WORDS:
            raise RefusedError(f"unknown {word!r}, expected {USAGE}")
    missing = [word for word in ("NAME", "GROUP") if not said.get(word)]
    if missing:
        raise RefusedError(f"{listed(missing, 'and')} not given, expected {USAGE}")
    return {word: value for word, value in said.items() if value}


def _write(path: Path, root: Path, text: str) -> None:
    before = _problems(root)
    fresh = not path.parent.exists()
    path.parent.mkdir(exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        where = f"clients/{path.relative_to(root).as_posix()}"
        raise RefusedError(f"{where}:1: file: exists already: edit it, or choose another NAME") from None
    # What was wrong before is not this file's fault, and does not keep it from being written.
    problems = [problem for problem in _problems(root) if problem not in before]
    if problems:
        path.unlink()
        if fresh:
            path.parent.rmdir()
        raise RefusedError("\n".join([*problems, "nothing is written"]))


def _problems(root: Path) -> list[str]:
    try:
        registry.load(root)
    except registry.RegistryError as error:
        return error.problems
    return []


def _text(said: Mapping[str, str], environments: Sequence[Environment]) -> str:
    owner = said["OWNER"]
    purpose = said.get("PURPOSE", f"Calls the APIs as {said['NAME']}, for the team {owner}.")
    lines = [
        "# yaml-language-server: $schema=../client.schema.json",
        f"owner: {_scalar(owner)}",
        f"contact: {_quoted(said.get('CONTACT', f'#otto-{owner}'))}",
        f"purpose: {_quoted(purpose)}",
        f"kind: {_scalar(said.get('KIND', 'service'))}",
        *([f"expires: {_scalar(said['EXPIRES'])}"] if "EXPIRES" in said else []),
        "environments:",
    ]
    for environment in environments:
        lines += [f"  {environment.name}:", "    scopes: [api.read]"]
    return "\n".join(lines) + "\n"


def _scalar(text: str) -> str:
    """A word as it is; anything else quoted, so that it is refused as the value it is and never read as YAML."""
    return text if text.replace("-", "").isalnum() else _quoted(text)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _next_steps(shown: str, name: str, group: registry.Declaration, environments: Sequence[Environment]) -> str:
    credentials = "\n".join(f"     {environment.credentials(name)}" for environment in environments)
    example = f'boto3.client("secretsmanager").get_secret_value(SecretId="{environments[0].credentials(name)}")'
    places = listed((environment.name for environment in environments), "and")
    return f"""wrote {shown}, an app client that may read in {places}. Next:
  1. Edit it: its owner, a purpose that a reviewer can judge, the environments and scopes it needs and no more.
     An editor with YAML support completes the fields; docs/registry.md explains them.
  2. Run `make catalogue`: it renews docs/access.md. Then `make check`: it names what is not valid or not up to date.
  3. `make report BASE=origin/main` shows what a reviewer will be shown: the access that it adds, and what it costs.
     Open a pull request with both files. {_approval(group)}
  4. When it is merged and deployed, the credentials are in Secrets Manager, as JSON with client_id and client_secret:
{credentials}
     Your service reads them as it runs, with an IAM role that the file lists under `readers`; nobody copies them:
     {example}"""


def _approval(group: registry.Declaration) -> str:
    """Who approves both files, by .github/CODEOWNERS."""
    if group.approvers == codeowners.PLATFORM:
        return f"{group.approvers} approves it."
    return f"{group.approvers} approves the client, {codeowners.PLATFORM} the page."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
