"""Lambda has the concurrency that the functions reserve, and keeps what must stay unreserved.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
"""

from collections.abc import Iterator
from typing import Final

from tools.preflight.plan import Plan
from tools.row import Row, judge

UNRESERVED: Final = 100
"""What must stay unreserved (PutFunctionConcurrency). An account that has less in all must keep all of it: AWS's
refusals name 10 and 50 as the minimum of such accounts."""
_QUOTA: Final = "L-B99A9384"
"""Concurrent executions: https://docs.aws.amazon.com/general/latest/gr/lambda-service.html."""
_DEFAULT: Final = 1_000


def look(plan: Plan) -> Iterator[Row]:
    needed = sum(each.get("ReservedConcurrentExecutions", 0) for each in plan.of_type("AWS::Lambda::Function"))
    limit = plan.cloud.client("lambda").get_account_settings()["AccountLimit"]
    # What our functions hold already is free for them; what others hold is not.
    free = limit["UnreservedConcurrentExecutions"] + _held(plan)
    total = limit["ConcurrentExecutions"]
    kept = min(UNRESERVED, total)
    wanted = max(_DEFAULT, total + needed + kept - free)
    yield judge(
        "concurrency",
        found=f"{free} of {total} free",
        expected=f"{needed} to reserve, and {kept} unreserved" if needed else "nothing to reserve",
        good=not needed or free - needed >= kept,
        fix=f"aws service-quotas request-service-quota-increase --service-code lambda --quota-code {_QUOTA} "
        f"--desired-value {wanted} --region {plan.cloud.region}",
    )


def _held(plan: Plan) -> int:
    """What the functions of this environment's stacks have reserved now."""
    functions = plan.cloud.client("lambda")
    return sum(
        functions.get_function_concurrency(FunctionName=name).get("ReservedConcurrentExecutions", 0)
        for kind, name in plan.owned
        if kind == "AWS::Lambda::Function" and name
    )
