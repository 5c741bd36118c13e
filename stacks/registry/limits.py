"""What no file can say alone: that its name is its own, and that there is room for it."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from stacks.registry.model import NAMES, AppClient
from stacks.registry.problems import Problem

GROUP_CAPACITY: Final = 100
"""Clients in one group, which is a stack. CloudFormation takes 500 resources, 200 outputs and 1 MB of template a stack
(https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html).

A client is at most 4 resources (app client, secret, rotation schedule, secret's resource policy): 100 x 4 = 400. That
leaves 100 for what the stack holds once.
"""
OTHER_ACCOUNT: Final = (
    "and the key that encrypts the credentials, AWS's own for Secrets Manager, lets in roles of their account alone: "
    "name a role of the environment's account, which the service may assume"
)
"""https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_examples_cross.html (2026-11-25)"""
POOL_CAPACITY: Final = 1000
"""App clients in one user pool, and so in one environment: Cognito's quota (10,000 on request)."""


def collisions(names: Iterable[tuple[str, Problem]], what: str) -> list[Problem]:
    """Refuses names that a person or a file system could take for one another.

    Each name comes with a problem that says where it is; the returned ones are those, with their text.
    """
    taken: dict[str, tuple[str, str]] = {}
    found = []
    for name, at in names:
        other, where = taken.setdefault(re.sub(r"[^a-z0-9]", "", name.casefold()), (name, at.path))
        if (other, where) == (name, at.path):
            continue
        if other == name:
            text = f"{name!r} is taken by {where}, expected a name that no other {what} has"
        else:
            text = f"{name!r} differs from {other!r} ({where}) in case or punctuation alone, expected a distinct name"
        found.append(Problem(at.path, at.line, at.field, text))
    return found


def account_of(role: str) -> str:
    """The account of an IAM role's ARN."""
    return role.split(":")[4]


def readers_apart(clients: Sequence[AppClient]) -> list[Problem]:
    """Refuses readers of two accounts in one environment, which is one account: one of them could read nothing."""
    found = []
    for name in NAMES:
        first: dict[str, str] = {}
        for client in clients:
            grant = client.environments.get(name)
            for role in grant.readers if grant else ():
                account = account_of(role)
                first.setdefault(account, f"{role} of {client.path}")
                if len(first) > 1:
                    text = f"{role} is of another account than {next(iter(first.values()))}, {OTHER_ACCOUNT}"
                    field = f"environments.{name}.readers"
                    found.append(Problem(client.path, client.lines.get("environments", 1), field, text))
    return found


def overfull(folders: Sequence[str], clients: Sequence[AppClient]) -> list[Problem]:
    """Refuses more clients than fit a group or an environment. `folders` holds the folder of each client's file."""
    found = []
    for folder, held in Counter(folders).items():
        if held > GROUP_CAPACITY:
            mend = "declare another group in clients/groups.yaml for the new ones (a moved client gets new credentials)"
            text = f"holds {held} clients, expected at most {GROUP_CAPACITY}, the most that fit one stack: {mend}"
            found.append(Problem(folder, 1, "folder", text))
    for name in NAMES:
        held = sum(name in client.environments for client in clients)
        if held > POOL_CAPACITY:
            mend = "remove what is no longer used, or have Cognito's quota and POOL_CAPACITY raised"
            text = (
                f"{held} clients in {name}, expected at most {POOL_CAPACITY}, the most that fit one user pool: {mend}"
            )
            found.append(Problem("clients", 1, "folder", text))
    return found
