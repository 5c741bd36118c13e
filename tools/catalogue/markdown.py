"""The catalogue as Markdown, one line a grant, so that a diff of `docs/access.md` shows who gains or loses what."""

import re
from collections.abc import Iterable
from html import escape

from stacks import scopes
from tools.catalogue.access import Access, Calls, Catalogue, Entry

_INTRODUCTION = """\
# Who may call what

<!-- Written by `make catalogue` from clients/ and the synthesized templates; a test keeps it fresh. -->

Each line is one app client in one environment. The credentials are the Secrets Manager name to read them from; paths
are below the API's stage, which is named after the environment. `make catalogue` also makes a page with search and
filters: `.local/catalogue.html`.
"""
_CLIENTS = "Client", "Environment", "Scopes", "May call", "Credentials", "Token", "Owner", "Contact", "Kind", "Expires"
_SCOPES = "Scope", "Meaning", "Environment", "On the wire", "Opens"


def render(catalogue: Catalogue) -> str:
    clients = [_client(entry, access) for entry in catalogue.entries for access in entry.access]
    opened = [
        (
            _code(scope.name),
            _text(scopes.DESCRIPTIONS[scope.name]),
            scope.environment.name,
            _code(scope.wire),
            _calls(scope.calls) or "nothing",
        )
        for group in catalogue.scopes
        for scope in group
    ]
    unscoped = [f"- {route.environment}: {_code(f'{route.method} {route.path}')}" for route in catalogue.unscoped]
    return "\n".join(
        [_INTRODUCTION, *_table(_CLIENTS, clients), "", "## What each scope opens", "", *_table(_SCOPES, opened)]
        + (["", "## Routes that ask for no scope", "", *unscoped] if unscoped else [])
        + [""]
    )


def _client(entry: Entry, access: Access) -> tuple[str, ...]:
    client, grant = entry.client, access.grant
    return (
        f"{_code(client.name)} ({_text(client.group)})",
        access.environment.name,
        ", ".join(_code(scope) for scope in grant.scopes),
        "nothing: suspended" if grant.suspended else _calls(access.calls) or "nothing",
        _code(access.credentials) + "".join(f", read by {_code(reader)}" for reader in grant.readers),
        f"{grant.access_token_minutes} min",
        _text(client.owner),
        _text(client.contact),
        client.kind,
        str(client.expires or "never"),
    )


def _calls(calls: Iterable[Calls]) -> str:
    return ", ".join(_code(f"{' '.join(call.methods)} {call.path}") for call in calls)


def _table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (header, ("---",) * len(header), *rows)]


def _text(value: str) -> str:
    """The value as plain text: nothing in it is read as HTML, Markdown or a cell's end."""
    return re.sub(r"([\\`*_\[\]|~])", r"\\\1", escape(" ".join(value.split()), quote=False))


def _code(value: str) -> str:
    """The value in a code span, which nothing but a backtick ends and, in a table, a bar."""
    inert = " ".join(value.split()).replace("`", "'").replace("|", r"\|")
    return f"`{inert}`"
