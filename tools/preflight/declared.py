"""What is deployed is what is declared, or will be after the deploy; what the deploy does not end is named.

The deploy itself ends the stacks of app clients in which none is declared. A person decides about everything else.
"""

from collections.abc import Iterator

from tools import deployed, strays, undeclared
from tools.preflight.plan import Plan
from tools.row import Row, judge

EXPECTED = "nothing is deployed that is not declared"


def look(plan: Plan) -> Iterator[Row]:
    environment = plan.environment
    stacks = deployed.client_stacks(plan.cloud.client("cloudformation"), environment)
    owners = deployed.owners(plan.cloud.client("secretsmanager"), environment)
    standing = deployed.compare(plan.groups, environment, stacks, owners)
    ended = undeclared.orphans(stacks, plan.groups, environment)
    removable = {stack.name for stack in ended if not stack.others}
    kept = plan.assembly.stacks.keys() | {environment.stack("delivery")}
    others = strays.among(plan.deployed, kept | removable, environment)
    loose = [name for name in standing.undeclared if not standing.deployed[name]]
    told = [f"{len(standing.both)} declared and deployed, {len(standing.undeployed)} declared alone"]
    told += [f"{name} (owner {owners.get(name) or 'unknown'}) deployed alone" for name in standing.undeclared]
    told += [f"{name} in the stack of {standing.deployed[name]!r}" for name in standing.moved]
    told += [f"{name}, which the app does not have" for name in others]
    yield judge(
        "declared",
        found="; ".join(told),
        expected=EXPECTED,
        good=not (others or loose or standing.moved),
        fix="what the deploy does not end, a person decides about: docs/runbook.md#deployed-and-not-declared",
    )
