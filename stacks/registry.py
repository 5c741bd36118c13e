"""The registry of app clients: `clients/<group>/<client>.yaml`, one file a client, read and checked before synth."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

import yaml

CLIENTS: Path = Path(__file__).parent.parent / "clients"


class RegistryError(Exception):
    """Every problem of the registry, one line each: `file:line: field: what is wrong, what is allowed`."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What one app client may do in one environment."""

    scopes: tuple[str, ...]
    access_token_minutes: int = 60
    suspended: bool = False
    readers: tuple[str, ...] = ()
    expected_tokens_per_day: int | None = None


@dataclass(frozen=True, kw_only=True)
class AppClient:
    """One file of the registry. Its stem is the client's name, its folder the client's group."""

    name: str
    group: str
    path: str
    owner: str
    contact: str
    purpose: str
    kind: Literal["service", "testing"] = "service"
    expires: date | None = None
    environments: dict[str, Grant] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Group:
    """A folder of the registry: one stack, one set of approvers."""

    name: str
    clients: tuple[AppClient, ...]

    def clients_in(self, environment: str) -> tuple[AppClient, ...]:
        return tuple(client for client in self.clients if environment in client.environments)


def load(root: Path = CLIENTS) -> tuple[Group, ...]:
    """Read every group under `root`, sorted by name. Raises RegistryError naming every problem found."""
    groups: dict[str, list[AppClient]] = {}
    for path in sorted(root.glob("*/*.yaml")):
        data = yaml.safe_load(path.read_text())
        data["environments"] = {
            name: Grant(**{k: tuple(v) if isinstance(v, list) else v for k, v in grant.items()})
            for name, grant in data["environments"].items()
        }
        client = AppClient(
            name=path.stem, group=path.parent.name, path=f"clients/{path.parent.name}/{path.name}", **data
        )
        groups.setdefault(client.group, []).append(client)
    return tuple(Group(name=name, clients=tuple(clients)) for name, clients in groups.items())
