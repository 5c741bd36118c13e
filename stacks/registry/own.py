"""The app client that the platform's own commands act as, which the registry must keep."""

from collections.abc import Iterable
from typing import Final

from stacks import scopes
from stacks.environments import ENVIRONMENTS
from stacks.registry.model import Group
from stacks.registry.problems import Problem, listed

SMOKE: Final = "smoke"
"""`make smoke` acts as this client, and each environment's deploy role may read its credentials and no other's."""


def lacking(groups: Iterable[Group]) -> list[Problem]:
    """Refuse a registry in which `make smoke`, the last step of every delivery, cannot do its work."""
    groups = tuple(groups)
    clients = [client for group in groups for client in group.clients if client.name == SMOKE]
    if not clients:
        names = listed((environment.name for environment in ENVIRONMENTS), "and")
        text = f"missing, `make smoke` calls the API as it after every deployment: keep it, in {names}"
        return [Problem("clients", 1, SMOKE, text)]
    [client] = clients
    found = []
    for environment in ENVIRONMENTS:
        where = f"environments.{environment.name}"
        grant = client.environments.get(environment.name)
        if grant is None:
            found.append((where, "missing, `make smoke` calls the API there as this client: keep it"))
            continue
        if missing := [scope for scope in scopes.DESCRIPTIONS if scope not in grant.scopes]:
            found.append((f"{where}.scopes", f"without {listed(missing, 'and')}, which `make smoke` asks for: keep it"))
        if grant.readers:
            found.append((f"{where}.readers", "these roles alone could read it, and `make smoke` must: remove them"))
    return [Problem(client.path, client.lines.get("environments", 1), field, text) for field, text in found]
