"""Which log lines are counted: the patterns of metric filters and the rules of Contributor Insights, evaluated.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/ContributorInsights-RuleSyntax.html
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from tests.stacks.metrics import body
from tests.stacks.synthesis import SynthesizedStack

_TERM = re.compile(r'(?P<selector>\$[\w.\[\]]+) (?P<operator>!?=) (?P<wanted>"[^"]*"|\d+)')

Line = Mapping[str, Any]


def selected(selector: str, line: Line) -> Any:
    """What `$.a.b[0]` is in a line; None where it is not there."""
    found: Any = line
    for name, index in re.findall(r"\.(\w+)|\[(\d+)\]", selector):
        try:
            found = found[name] if name else found[int(index)]
        except (KeyError, IndexError, TypeError):
            return None
    return found


def matches(pattern: str, line: Line) -> bool:
    """Raises ValueError for a pattern of another form than the stacks'."""
    terms = [_TERM.fullmatch(term) for term in pattern.removeprefix("{ ").removesuffix(" }").split(" && ")]
    if not all(terms):
        raise ValueError(f"cannot be read: {pattern}")
    return all(_holds(term, line) for term in terms if term)


def _holds(term: re.Match[str], line: Line) -> bool:
    found, wanted = selected(term["selector"], line), json.loads(term["wanted"])
    text = isinstance(found, str) and isinstance(wanted, str)
    same = fnmatchcase(found, wanted) if text else found == wanted
    return same if term["operator"] == "=" else found is not None and not same


def counted(stack: SynthesizedStack, line: Line, *group: str) -> set[str]:
    """The metrics that count a line of the log group that is referred to by all these words."""
    return {
        made["MetricName"]
        for _, each in stack.of_type("AWS::Logs::MetricFilter")
        if all(word in json.dumps(each["Properties"]["LogGroupName"]) for word in group)
        and matches(each["Properties"]["FilterPattern"], line)
        for made in each["Properties"]["MetricTransformations"]
    }


def rule(stack: SynthesizedStack, name: str) -> dict[str, Any]:
    [found] = (
        each["Properties"]["RuleBody"]
        for _, each in stack.of_type("AWS::CloudWatch::InsightRule")
        if each["Properties"]["RuleName"] == name
    )
    return dict(body(found))


def contributors(of: Mapping[str, Any], lines: Iterable[Line]) -> Counter[str]:
    """How many of the lines each contributor has; none that lacks the key."""
    contribution = of["Contribution"]
    [key] = contribution["Keys"]
    return Counter(
        selected(key, line)
        for line in lines
        if selected(key, line) is not None and all(_kept(each, line) for each in contribution["Filters"])
    )


def _kept(condition: Mapping[str, Any], line: Line) -> bool:
    found = selected(condition["Match"], line)
    match condition:
        case {"EqualTo": wanted}:
            return bool(found == wanted)
        case {"NotIn": unwanted}:
            return found not in unwanted
        case {"IsPresent": present}:
            return (found is not None) is present
        case _:
            raise ValueError(f"cannot be read: {condition}")
