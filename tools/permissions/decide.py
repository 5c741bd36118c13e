"""Decides requests by policies, as IAM does: ministack's evaluator applies them, and the requests are AWS's own.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from collections.abc import Iterable, Iterator

from ministack.core import iam_evaluator  # type: ignore[import-untyped]

from tools.permissions.arns import EXAMPLE_ACCOUNT
from tools.permissions.policies import Statements
from tools.permissions.requests import Request


def refused(requests: Iterable[Request], policy: Statements, *limits: Statements) -> Iterator[Request]:
    """The requests that the policy does not allow, or that a limit to it, such as a permissions boundary, does not."""
    own, *above = (iam_evaluator.parse_policy_document({"Statement": list(each)}) for each in (policy, *limits))
    for request in requests:
        if iam_evaluator.evaluate(_ask(request), [own], *([each] for each in above)).decision != "Allow":
            yield request


def _ask(request: Request) -> iam_evaluator.EvalContext:
    return iam_evaluator.EvalContext(
        principal_arn=f"arn:aws:sts::{EXAMPLE_ACCOUNT}:assumed-role/decided/here",
        principal_type="AssumedRole",
        principal_account=EXAMPLE_ACCOUNT,
        action=request.action,
        resource_arn=request.resource,
        region="us-east-1",
        source_ip="192.0.2.1",
        secure_transport=True,
        service_context={
            key.lower(): values[0] if len(values) == 1 else list(values) for key, values in request.context.items()
        },
    )


def describe(requests: Iterable[Request]) -> list[str]:
    """A line for each request: the action, on what, and who needs it."""
    return [f"{each.action} on {each.resource} for {each.why}" for each in requests]
