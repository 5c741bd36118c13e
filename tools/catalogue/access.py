"""What each app client may call in each environment: the registry joined with the routes that its scopes open."""

from collections.abc import Sequence
from dataclasses import dataclass

from stacks import scopes
from stacks.environments import ENVIRONMENTS, Environment
from stacks.registry import AppClient, Grant, Group
from tools.routes import Route


@dataclass(frozen=True, kw_only=True)
class Calls:
    """The methods of one path: a caller reads `GET PUT /profiles` faster than two routes."""

    path: str
    methods: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Access:
    """What one app client may do in one environment."""

    environment: Environment
    grant: Grant
    credentials: str
    calls: tuple[Calls, ...]


@dataclass(frozen=True, kw_only=True)
class Entry:
    client: AppClient
    access: tuple[Access, ...]


@dataclass(frozen=True, kw_only=True)
class Scope:
    """One scope in one environment; `wire` is what a caller asks the token endpoint for."""

    name: str
    environment: Environment
    wire: str
    calls: tuple[Calls, ...]


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    entries: tuple[Entry, ...]
    scopes: tuple[tuple[Scope, ...], ...]
    """For each scope, one element for each environment."""
    unscoped: tuple[Route, ...]
    """Routes that ask for no scope. The stacks have none; a catalogue that hid one would lie."""


def catalogue(groups: Sequence[Group], routes: Sequence[Route]) -> Catalogue:
    def calls(environment: Environment, names: Sequence[str]) -> tuple[Calls, ...]:
        methods: dict[tuple[str, str], list[str]] = {}
        for route in routes:
            if route.environment == environment.name and set(names).intersection(route.scopes):
                methods.setdefault((route.api, route.path), []).append(route.method)
        return tuple(
            Calls(path=path, methods=tuple(sorted(found, key=_reading_order))) for (_, path), found in methods.items()
        )

    def access(client: AppClient) -> tuple[Access, ...]:
        return tuple(
            Access(
                environment=environment,
                grant=grant,
                credentials=environment.credentials(client.name),
                calls=() if grant.suspended else calls(environment, grant.scopes),
            )
            for environment in ENVIRONMENTS
            if (grant := client.environments.get(environment.name))
        )

    return Catalogue(
        entries=tuple(Entry(client=client, access=access(client)) for group in groups for client in group.clients),
        scopes=tuple(
            tuple(
                Scope(
                    name=name,
                    environment=environment,
                    wire=f"{environment.resource_server}/{name}",
                    calls=calls(environment, [name]),
                )
                for environment in ENVIRONMENTS
            )
            for name in scopes.DESCRIPTIONS
        ),
        unscoped=tuple(route for route in routes if not route.scopes),
    )


def _reading_order(method: str) -> tuple[int, str]:
    """What only reads first, what destroys last; a method that is not listed, such as `ANY`, after all."""
    known = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
    return (known.index(method) if method in known else len(known)), method
