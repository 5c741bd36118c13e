"""What a change does to the access of app clients: who gains, loses or keeps what, in which environments."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Literal

from tools.report.clients import Client
from tools.report.entries import FACTS, Entry

Clients = Mapping[tuple[str, str], Client]
What = Literal[
    "added", "removed", "renamed", "moved", "suspended", "resumed", "scopes widened", "scopes narrowed", "lifetime",
    "readers added", "readers removed", "owner", "contact", "purpose", "kind", "expires", "expected tokens a day",
]  # fmt: skip
WIDENS = frozenset({"added", "resumed", "scopes widened", "readers added"})
"""What lets somebody do more than before; a longer lifetime is judged by its numbers."""
_ALIKE = 0.8


@dataclass(frozen=True, kw_only=True)
class AccessChange:
    """One thing that changes for one client in some environments. `widens` marks what gives somebody more."""

    client: str
    environments: tuple[str, ...]
    what: What
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    widens: bool = False
    note: str = ""


def compare(
    base: Clients, head: Clients, before: Mapping[str, Entry], after: Mapping[str, Entry], rank: Mapping[str, int]
) -> tuple[AccessChange, ...]:
    """Every change of access, by client; the same change in several environments is one."""
    renamed = _renamed(base, head, before, after)
    changes: list[AccessChange] = []
    for environment, name in sorted({*base, *head}, key=lambda key: (key[1], rank[key[0]])):
        old, new = base.get((environment, name)), head.get((environment, name))
        if old and new:
            changes += _kept(old, new)
        elif new:
            predecessor = base.get((environment, {to: of for of, to in renamed.items()}.get(name, "")))
            changes += [*_arrived(new, predecessor), *(_kept(predecessor, new) if predecessor else ())]
        elif old and (environment, renamed.get(name, "")) not in head:
            changes.append(_change(old, "removed", old.scopes or (), (), _LOST))
    return _folded(changes, rank)


_LOST = "its client id and secret stop working; tokens already issued live until they expire"
_NEW = "a new client id and secret: whoever uses the old ones must switch"


def _renamed(base: Clients, head: Clients, before: Mapping[str, Entry], after: Mapping[str, Entry]) -> dict[str, str]:
    """Client names that only the base has, and the new name that its entry lives on under.

    The same owner and nearly the same purpose say so. Git's rename detection does not: files this short are alike.
    """
    old = [before[name] for name in {n for _, n in base} - {n for _, n in head} if name in before]
    new = [after[name] for name in {n for _, n in head} - {n for _, n in base} if name in after]
    ranked = sorted(((_likeness(o, n), o.name, n.name) for o in old for n in new), reverse=True)
    found: dict[str, str] = {}
    for likeness, of, to in ranked:
        if likeness >= _ALIKE and of not in found and to not in found.values():
            found[of] = to
    return found


def _likeness(old: Entry, new: Entry) -> float:
    if "owner" not in old.facts or old.facts["owner"] != new.facts.get("owner"):
        return 0
    return SequenceMatcher(None, old.facts.get("purpose", ""), new.facts.get("purpose", ""), autojunk=False).ratio()


def _arrived(new: Client, predecessor: Client | None) -> Iterator[AccessChange]:
    if predecessor:
        note = f"{_path(predecessor)} became {_path(new)}: {_NEW}"
        yield _change(new, "renamed", (predecessor.name,), (new.name,), note)
        return
    facts = new.entry.facts if new.entry else {}
    about = [f"owner {facts['owner']}" if "owner" in facts else "", facts.get("kind", ""), _minutes(new)]
    about += [f"expires {facts['expires']}" if "expires" in facts else "", "suspended" if new.suspended else ""]
    yield _change(new, "added", (), new.scopes or (), ", ".join(filter(None, about)))
    if new.readers:
        yield _change(new, "readers added", (), new.readers)


def _path(client: Client) -> str:
    return client.entry.path if client.entry else client.stack


def _kept(old: Client, new: Client) -> Iterator[AccessChange]:
    if old.stack != new.stack and old.name == new.name:
        yield _change(
            new, "moved", (_group(old),), (_group(new),), f"{_path(old)} became {_path(new)}: {_refusal(old)}"
        )
    elif _folder(old) != _folder(new):
        yield _change(new, "moved", (_folder(old),), (_folder(new),), _KEPT)
    if old.suspended != new.suspended:
        word: What = "suspended" if new.suspended else "resumed"
        note = "gets no new token, keeps its id and secret" if new.suspended else "can get tokens again"
        yield _change(new, word, note=note)
    if old.scopes is not None and new.scopes is not None:
        yield from _sets(new, "scopes widened", "scopes narrowed", old.scopes, new.scopes)
    yield from _readers(old, new)
    if old.access_token_minutes != new.access_token_minutes:
        longer = new.access_token_minutes > old.access_token_minutes
        yield replace(_change(new, "lifetime", (_minutes(old),), (_minutes(new),)), widens=longer)
    if old.entry and new.entry:
        for fact in FACTS:
            before, after = old.entry.facts.get(fact), new.entry.facts.get(fact)
            if before != after:
                longer = fact == "expires" and (after is None or (before is not None and after > before))
                yield replace(_change(new, fact, _one(before), _one(after)), widens=longer)  # type: ignore[arg-type]
        tokens = old.expected_tokens_per_day, new.expected_tokens_per_day
        if tokens[0] != tokens[1]:
            yield _change(new, "expected tokens a day", _one(tokens[0]), _one(tokens[1]))


def _readers(old: Client, new: Client) -> Iterator[AccessChange]:
    """The first reader closes the secret to everybody else, and the last one's removal opens it again."""
    for change in _sets(new, "readers added", "readers removed", old.readers, new.readers):
        if not new.readers:
            yield replace(change, widens=True, note=_UNRESTRICTED)
        else:
            yield change if old.readers else replace(change, note=_RESTRICTED)


_UNRESTRICTED = "no readers are named any more, so whoever the account's own policies allow can read the secret"
_RESTRICTED = "from now on they alone can read the secret"


_KEPT = "its file moves and nothing is lost: its stack goes on holding it, so its id, secret, rotation and readers stay"


def _refusal(old: Client) -> str:
    """Why a client that goes from one stack to another cannot be deployed, and the line that keeps all of it."""
    if not (group := held_by(old)):
        return _NEW
    return (
        "refused, for two stacks cannot both hold its secret's name in one deploy: add `stack: "
        f"{group}` to its file, and nothing is lost"
    )


def held_by(client: Client) -> str:
    """The group whose stack holds a client; empty where it is in no group's stack."""
    prefix = f"otto-{client.environment}-clients-"
    return client.stack.removeprefix(prefix) if client.stack.startswith(prefix) else ""


def stuck(base: Clients, head: Clients) -> list[str]:
    """The app clients that go from one stack to another, after which no deploy would end."""
    return sorted(
        {
            f"{_path(new)}: moves from the stack of {held_by(old)} to that of {held_by(new)}: {_refusal(old)}"
            for key, old in base.items()
            if (new := head.get(key)) and held_by(old) and held_by(old) != held_by(new)
        }
    )


def _folder(client: Client) -> str:
    """The folder of its file; empty where there is none to read."""
    return client.entry.path.rpartition("/")[0] if client.entry else ""


def _group(client: Client) -> str:
    """The stack's name, without the environment."""
    return client.stack.replace(f"-{client.environment}-", "-")


def _sets(
    client: Client, more: What, fewer: What, before: Iterable[str], after: Iterable[str]
) -> Iterator[AccessChange]:
    """What is new as one change and what is gone as another, each naming only the difference."""
    if gained := tuple(item for item in after if item not in set(before)):
        yield _change(client, more, (), gained)
    if lost := tuple(item for item in before if item not in set(after)):
        yield _change(client, fewer, lost)


def _change(
    client: Client, what: What, before: tuple[str, ...] = (), after: tuple[str, ...] = (), note: str = ""
) -> AccessChange:
    return AccessChange(
        client=client.name,
        environments=(client.environment,),
        what=what,
        before=before,
        after=after,
        widens=what in WIDENS,
        note=note,
    )


def _minutes(client: Client) -> str:
    return f"{client.access_token_minutes:g} minutes"


def _one(value: object) -> tuple[str, ...]:
    return () if value is None else (str(value),)


def _folded(changes: list[AccessChange], rank: Mapping[str, int]) -> tuple[AccessChange, ...]:
    found: dict[AccessChange, list[str]] = {}
    for change in changes:
        found.setdefault(replace(change, environments=()), []).extend(change.environments)
    return tuple(
        replace(change, environments=tuple(sorted(environments, key=rank.__getitem__)))
        for change, environments in found.items()
    )
