"""What the registry's files say and no template does: owner, contact, purpose, kind, expiry and expected tokens.

Read leniently, because a base may have another format: what cannot be read is absent, and nothing is guessed. The
registry's own reader of YAML does it, which no file can make fail or fill the memory, whoever wrote it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stacks.registry import document, files
from stacks.registry.document import Node, Refused
from stacks.registry.scalars import Implicit

FACTS = ("owner", "contact", "purpose", "kind", "expires")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One client file. `environments` holds what each environment grants, as it is written."""

    name: str
    path: str
    facts: Mapping[str, str]
    environments: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def grant(self, environment: str) -> Mapping[str, Any]:
        return self.environments.get(environment, {})


def read(checkout: Path) -> dict[str, Entry]:
    """Each readable entry of `clients/<group>/<client>.yaml`, by client name."""
    entries = {}
    for path in sorted(checkout.glob("clients/*/*.yaml")):
        # A link leads out of what is compared.
        data = None if any(each.is_symlink() for each in (path.parent, path.parent.parent)) else _data(path)
        if isinstance(data, dict):
            facts = {key: str(data[key]) for key in FACTS if not isinstance(data.get(key), dict | list | None)}
            entries[path.stem] = Entry(
                name=path.stem,
                path=path.relative_to(checkout).as_posix(),
                facts={"kind": "service"} | facts,
                environments=_mappings(data.get("environments")),
            )
    return entries


def _data(path: Path) -> object:
    try:
        if files.unfit(path):
            return None
        with path.open("rb") as file:
            root, _ = document.read(path.name, file.read(document.MOST_BYTES + 1))
    except OSError:
        return None
    return _value(root)


def _value(node: Node) -> object:
    """What is written, whatever YAML would make of it; None where nothing is, or nothing that can be read."""
    match node.value:
        case dict() as items:
            return {key: _value(item) for key, item in items.items()}
        case list() as items:
            return [_value(item) for item in items]
        case Refused() | Implicit(kind="nothing"):
            return None
        case Implicit(text=text):
            return text
    return node.value


def _mappings(value: object) -> dict[str, Mapping[str, Any]]:
    items = value.items() if isinstance(value, dict) else ()
    return {str(key): item for key, item in items if isinstance(item, dict)}
