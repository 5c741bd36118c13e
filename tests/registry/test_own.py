"""The registry keeps the client that `make smoke` acts as; every other may be removed."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from stacks.registry import AppClient, Group
from stacks.registry.own import SMOKE, lacking

Change = Callable[[AppClient], dict[str, Any]]


def changed(groups: tuple[Group, ...], change: Change | None) -> list[Group]:
    """The groups with their smoke client changed, or without it."""
    made = []
    for group in groups:
        others = tuple(client for client in group.clients if client.name != SMOKE)
        own = [client for client in group.clients if client.name == SMOKE]
        kept = tuple(dataclasses.replace(client, environments=change(client)) for client in own if change)
        made.append(dataclasses.replace(group, clients=(*others, *kept)))
    return made


def granting(**change: Any) -> Change:
    return lambda client: {
        name: dataclasses.replace(grant, **change) if name == "prod" else grant
        for name, grant in client.environments.items()
    }


def test_the_shipped_registry_lacks_nothing(groups: tuple[Group, ...]) -> None:
    assert lacking(groups) == []


def test_every_other_client_may_be_removed(groups: tuple[Group, ...]) -> None:
    alone = [
        dataclasses.replace(group, clients=tuple(client for client in group.clients if client.name == SMOKE))
        for group in groups
    ]
    assert lacking(alone) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (None, "clients:1: smoke: missing, `make smoke` calls the API as it after every deployment: keep it, in dev, "
               "staging and prod"),
        (lambda client: {name: grant for name, grant in client.environments.items() if name != "prod"},
         "clients/internal/smoke.yaml:6: environments.prod: missing, `make smoke` calls the API there as this client: "
         "keep it"),
        (granting(scopes=("api.read",)),
         "clients/internal/smoke.yaml:6: environments.prod.scopes: without api.write, which `make smoke` asks for: "
         "keep it"),
        (granting(readers=("arn:aws:iam::123456789012:role/reads-it",)),
         "clients/internal/smoke.yaml:6: environments.prod.readers: these roles alone could read it, and `make smoke` "
         "must: remove them"),
    ],
)  # fmt: skip
def test_what_make_smoke_needs_is_refused_to_be_lost(
    groups: tuple[Group, ...], change: Change | None, said: str
) -> None:
    assert list(map(str, lacking(changed(groups, change)))) == [said]
