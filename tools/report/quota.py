"""How near the change brings each environment to the limits of AWS."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from stacks.registry import POOL_CAPACITY
from tools.report.clients import Client
from tools.template import Assembly, rank

# https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html
SCOPES_OF_A_CLIENT: Final = 50
SCOPES_OF_A_SERVER: Final = 100
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
RESOURCES_OF_A_STACK: Final = 500


@dataclass(frozen=True, kw_only=True)
class Use:
    """`before` and `after` of `limit`; None where the thing does not exist on that side."""

    environment: str
    quota: str
    of: str
    before: int | None
    after: int | None
    limit: int


def compare(base: Assembly, head: Assembly, before: Iterable[Client], after: Iterable[Client]) -> tuple[Use, ...]:
    """Every quota's use on both sides, ordered by environment and what it is of."""
    old, new = _counts(base, before), _counts(head, after)
    order = rank(base, head)
    uses = [
        Use(environment=environment, quota=quota, of=of, before=old.get(key), after=new.get(key), limit=limit)
        for key in sorted({*old, *new}, key=lambda key: (order[key[0]], *key))
        for environment, quota, of, limit in [key]
    ]
    return tuple(uses)


def _counts(assembly: Assembly, clients: Iterable[Client]) -> dict[tuple[str, str, str, int], int]:
    counts: Counter[tuple[str, str, str, int]] = Counter()
    for client in clients:
        counts[client.environment, "clients of a pool", client.pool, POOL_CAPACITY] += 1
        counts[client.environment, "scopes of a client", client.name, SCOPES_OF_A_CLIENT] = len(client.scopes or ())
    for stack in assembly.stacks.values():
        counts[stack.environment, "resources of a stack", stack.name, RESOURCES_OF_A_STACK] = len(stack.resources)
    for stack, _, properties in assembly.of_type("AWS::Cognito::UserPoolResourceServer"):
        name = assembly.text(properties["Identifier"])
        counts[stack.environment, "scopes of a resource server", name, SCOPES_OF_A_SERVER] = len(
            properties.get("Scopes", [])
        )
    return dict(counts)
