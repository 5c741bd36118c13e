"""The account is the environment's: an administrator made it so when they deployed its delivery stack there.

No account's number is in the repository. Two environments in one account could deploy each other, because CDK's
bootstrap roles are the account's: docs/deploying.md.
"""

from collections.abc import Iterator

from stacks.environments import ENVIRONMENTS
from tools.preflight.plan import Plan
from tools.row import Row, judge


def look(plan: Plan) -> Iterator[Row]:
    name, delivery = plan.environment.name, plan.environment.stack("delivery")
    others = {
        other.name: stacks
        for other in ENVIRONMENTS
        if other.name != name and (stacks := sorted(each for each in plan.deployed if each.startswith(other.stack(""))))
    }
    told = [f"{plan.account} has {delivery}" if delivery in plan.deployed else f"{plan.account} has no {delivery}"]
    told += [f"and {stacks[0]} of {other}" for other, stacks in others.items()]
    if others:
        fix = f"use the credentials of {name}'s account: `aws sts get-caller-identity` tells whose yours are"
    else:
        fix = (
            f"if {plan.account} is the account of {name}: node_modules/.bin/cdk deploy delivery/account delivery/{name}"
        )
    yield judge(
        "account",
        found=", ".join(told),
        expected=f"{delivery} and no other environment's stacks",
        good=delivery in plan.deployed and not others,
        fix=fix,
    )
