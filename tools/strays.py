"""What is deployed under the application's names and made by no stack of it: it may hold data, so a person decides."""

import re
from collections.abc import Iterable
from typing import Any

from stacks.environments import ENVIRONMENTS, Environment
from tools import deployed
from tools.template import Assembly


def among(names: Iterable[str], known: Iterable[str], environment: Environment) -> list[str]:
    """Each of the stacks' names that is the environment's, or that of one declared no more, and not `known`.

    `known` are the app's stacks of every environment, since not each has all kinds of them.
    """
    known = set(known)
    prefixes = [each.stack("") for each in ENVIRONMENTS]
    of_kind = {name.removeprefix(prefix) for prefix in prefixes for name in known if name.startswith(prefix)}
    kinds = "|".join(sorted(map(re.escape, of_kind)))
    declared_ones = {each.name for each in ENVIRONMENTS}
    # As Environment.stack writes it. What another application calls so is none of these kinds.
    written = re.compile(rf"otto-(?P<environment>[a-z0-9]+)-(?:{kinds}|clients-.+)")
    return sorted(
        name
        for name in set(names) - known
        if name.startswith(environment.stack(""))
        or ((found := written.fullmatch(name)) and found["environment"] not in declared_ones)
    )


def find(environment: Environment, made: Assembly, session: Any) -> list[str]:
    """Each stack that the app no longer has: its last API, a firewall that is switched off, an environment removed."""
    return among(deployed.every_stack(session.client("cloudformation")), made.stacks, environment)
