"""Cognito rotates no secret of our app clients itself: two rotators end the live one.

The rotation function tells, which asks about each client before it rotates: DescribeUserPoolClient shows secrets too,
so whoever runs this needs no right to it.
"""

from collections.abc import Iterator
from typing import Final

from lambdas.rotation_watch import comparison
from tools.preflight.plan import Plan
from tools.row import Row, judge

EXPECTED: Final = "Cognito rotates no secret of our app clients"
_SUFFIX: Final = len("-AbCdEf")
"""What Secrets Manager puts behind a name in an ARN."""


def look(plan: Plan) -> Iterator[Row]:
    secrets = [each for kind, each in sorted(plan.owned) if kind == "AWS::SecretsManager::Secret"]
    names = [each.rpartition(":secret:")[2][:-_SUFFIX] for each in secrets]
    told: dict[str, str] = {}
    for function in _rotations(plan):
        for begin in range(0, len(names), comparison.BATCH):
            batch = names[begin : begin + comparison.BATCH]
            told |= comparison.ask(plan.cloud.client("lambda").invoke, function, batch)
    managed = [f"{name}: {why}" for name, why in sorted(told.items()) if "#managed-secret" in why]
    yield judge(
        "managed secrets",
        found="; ".join(managed) or f"none of {len(names)}",
        expected=EXPECTED,
        good=not managed,
        fix="docs/runbook.md#managed-secret",
    )


def _rotations(plan: Plan) -> list[str]:
    """The rotation function, where it is deployed: CloudFormation names it after its stack."""
    stack = plan.environment.stack("rotation")
    return [each for kind, each in plan.owned if kind == "AWS::Lambda::Function" and each.startswith(stack)]
