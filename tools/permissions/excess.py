"""What a policy grants and no request needs, beside the list of what is granted on purpose: wider.yaml."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tools.permissions import authorization, decide
from tools.permissions.policies import Statements
from tools.permissions.requests import Request


class Grant(NamedTuple):
    """One action of one statement, as it is written, on one of its resources."""

    action: str
    resource: str


def unneeded(policy: Statements, requests: Iterable[Request]) -> dict[Grant, tuple[str, ...]]:
    """Each grant that allows more than the requests need, and the actions of IAM's that no request needs of it.

    A grant that no request needs at all has itself beside it, known to IAM or not.
    """
    by_action: dict[str, list[Request]] = {}
    for request in requests:
        by_action.setdefault(request.action, []).append(request)
    found = {}
    for grant, statement in grants(policy):
        actions = authorization.expand(grant.action)
        needed = {each for each in actions if _allows(statement, by_action.get(each, ()))}
        surplus = tuple(each for each in actions if each not in needed and _takes(each, grant.resource))
        if surplus or not needed:
            found[grant] = surplus if needed else (grant.action,)
    return found


def grants(policy: Statements) -> Iterator[tuple[Grant, Mapping[str, Any]]]:
    """Each grant, and the statement that would say it alone. An action beside ARNs of other services grants nothing."""
    for statement in policy:
        for action in _many(statement["Action"]):
            resources = _many(statement["Resource"])
            for resource in [each for each in resources if _is_of(action, each)] or resources:
                yield Grant(action, resource), {**statement, "Action": action, "Resource": resource}


def _is_of(action: str, resource: str) -> bool:
    """Whether the ARN is of the action's service, or of a kind that it takes of another's."""
    return resource.split(":")[2:3] == [action.partition(":")[0]] or any(
        _takes(each, resource) for each in authorization.expand(action)
    )


def _many(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _allows(statement: Mapping[str, Any], requests: Iterable[Request]) -> bool:
    """Whether the statement allows one of the requests; on everything, only what is asked on everything counts."""
    asked = [each for each in requests if statement["Resource"] != "*" or each.resource == "*"]
    return len(list(decide.refused(asked, [statement]))) < len(asked)


def _takes(action: str, resource: str) -> bool:
    """Whether a grant of the action on this resource can allow anything: only `*` does where it takes no resource."""
    known = authorization.known(action)
    samples = [resource.replace("*", each) for each in ("x", "/x", "/x/x")]
    return resource == "*" or any(taken.fits(arn) for taken in (known.resources if known else ()) for arn in samples)


def reasons(policy: str) -> Mapping[Grant, str]:
    """The reason of each grant of a policy that is wider on purpose; `{env}` stands for the environment."""
    entries = yaml.safe_load(Path(__file__).with_name("wider.yaml").read_text())[policy]
    return {
        Grant(action, resource): each["reason"]
        for each in entries
        for resource in each["resources"]
        for action in each["actions"]
    }


def in_every(found: Mapping[str, Mapping[Grant, Iterable[str]]]) -> dict[Grant, tuple[str, ...]]:
    """What no environment needs, of what was found in each: all have one policy, and only some a firewall."""
    common: dict[Grant, list[set[str]]] = {}
    for environment, grants in found.items():
        for (action, resource), surplus in grants.items():
            named = re.sub(rf"\b{environment}\b", "{env}", resource)
            common.setdefault(Grant(action, named), []).append(set(surplus))
    return {
        grant: tuple(sorted(every))
        for grant, each in common.items()
        if len(each) == len(found) and (every := set.intersection(*each))
    }
