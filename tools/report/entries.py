"""What the registry's files say and no template does: owner, contact, purpose, kind, expiry and expected tokens.

Read leniently, because a base may have another format: what cannot be read is absent, and nothing is guessed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

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
        try:
            data = yaml.safe_load(path.read_bytes())
        except (OSError, ValueError, yaml.YAMLError):
            continue
        if isinstance(data, dict):
            entries[path.stem] = Entry(
                name=path.stem,
                path=path.relative_to(checkout).as_posix(),
                facts={"kind": "service"} | {key: str(data[key]) for key in FACTS if data.get(key) is not None},
                environments=_mappings(data.get("environments")),
            )
    return entries


def _mappings(value: object) -> dict[str, Mapping[str, Any]]:
    items = value.items() if isinstance(value, dict) else ()
    return {str(key): item for key, item in items if isinstance(item, dict)}
