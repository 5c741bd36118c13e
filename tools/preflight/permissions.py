"""CloudFormation's role may do what the templates need, as IAM itself decides: policy, boundary and organization.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from tools.permissions.requests import Request, requests_of
from tools.preflight.bootstrap import execution_role
from tools.preflight.plan import Plan
from tools.row import Row, judge

_DECISIONS: Final = 100
"""Of a call: actions times resources."""
_CALLS_AT_ONCE: Final = 4
_OF_A_KIND: Final = 4
"""How many resources are asked about that differ in their names alone, such as app clients' secrets."""
_SHOWN: Final = 4


Context = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Question:
    """One call: may the role do all of this to each of these, in this context?"""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    context: Context

    def arguments(self, role: str) -> dict[str, Any]:
        entries = [
            {"ContextKeyName": key, "ContextKeyValues": list(values), "ContextKeyType": _kind(values)}
            for key, values in self.context
        ]
        return {
            "PolicySourceArn": role,
            "ActionNames": list(self.actions),
            "ResourceArns": list(self.resources),
            "ContextEntries": entries,
        }


def look(plan: Plan) -> Iterator[Row]:
    requests = requests_of(plan.assembly, plan.environment.name, account=plan.account)
    role = f"arn:aws:iam::{plan.account}:role/{execution_role(plan)}"
    asked = questions(requests)
    with ThreadPoolExecutor(_CALLS_AT_ONCE) as pool:
        answers = list(pool.map(lambda question: _decide(plan, role, question), asked))
    decided = [decision for answer in answers for decision in answer]
    denied = sorted({f"{action} on {resource}" for action, resource, allowed in decided if not allowed})
    more = f"; and {len(denied) - _SHOWN} more" if len(denied) > _SHOWN else ""
    yield judge(
        "permissions",
        found=f"denied: {'; '.join(denied[:_SHOWN])}{more}" if denied else f"all {len(decided)} are allowed",
        expected="CloudFormation's role may do what the templates need",
        good=not denied,
        fix=f"node_modules/.bin/cdk deploy delivery/{plan.environment.name}, as an administrator; what is denied after "
        "that, a policy of the organization denies",
    )


def _decide(plan: Plan, role: str, question: Question) -> list[tuple[str, str, bool]]:
    results = plan.cloud.pages("iam", "simulate_principal_policy", "EvaluationResults", **question.arguments(role))
    decided = [
        (result["EvalActionName"], each["EvalResourceName"], each["EvalResourceDecision"] == "allowed")
        for result in results
        for each in result.get("ResourceSpecificResults") or []
    ]
    return decided or [
        (result["EvalActionName"], result.get("EvalResourceName", "*"), result["EvalDecision"] == "allowed")
        for result in results
    ]


def questions(requests: Iterable[Request]) -> list[Question]:
    """As few calls as ask for all. Of resources that differ in names alone, the first and the last are asked about."""
    actions: dict[tuple[str, Context], set[str]] = defaultdict(set)
    for request in requests:
        actions[request.resource, tuple(sorted(request.context.items()))].add(request.action)
    alike: dict[tuple[tuple[str, ...], tuple[str, ...]], list[tuple[str, Context]]] = defaultdict(list)
    for (resource, context), asked in sorted(actions.items()):
        alike[tuple(sorted(asked)), tuple(key for key, _ in context)].append((resource, context))
    together: dict[tuple[tuple[str, ...], Context], list[str]] = defaultdict(list)
    for (names, _), subjects in alike.items():
        for resource, context in _sample(subjects):
            together[names, context].append(resource)
    return [
        Question(names, tuple(resources[start : start + size]), context)
        for (names, context), resources in together.items()
        for size in [max(1, _DECISIONS // len(names))]
        for start in range(0, len(resources), size)
    ]


def _sample(subjects: Sequence[tuple[str, Context]]) -> Sequence[tuple[str, Context]]:
    half = _OF_A_KIND // 2
    return subjects if len(subjects) <= _OF_A_KIND else [*subjects[:half], *subjects[-half:]]


def _kind(values: tuple[str, ...]) -> str:
    return "stringList" if len(values) > 1 else "string"
