"""What the report cannot call harmless, as Markdown: it stands before everything that it understands."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace

from tools.report.facts import Report
from tools.report.resource_table import LONGEST
from tools.report.table import code, parted, plain, rows
from tools.report.understood import Unknown

_SUMMARIZED = 5


def violations(report: Report, most: int) -> Iterable[str]:
    if report.violations:
        listed = [f"- {plain(violation)}" for violation in report.violations[:most]]
        left = len(report.violations) - len(listed)
        more = [f"- and {left} more, in `report.json` of this run"] if left else []
        yield "\n".join(["### What no change may do\n", *listed, *more])


def summary(unknown: Collection[Unknown]) -> str:
    """The kinds of change, for the headline: `AWS::Lambda::Function Environment (3)`."""
    kinds = Counter(f"{change.type} {change.what}".strip() for change in _folded(unknown))
    listed = [f"{code(kind)}{f' ({count})' * (count > 1)}" for kind, count in list(kinds.items())[:_SUMMARIZED]]
    left = len(kinds) - len(listed)
    return ", ".join([*listed, *([f"{left} other kinds"] if left else [])])


def section(unknown: Collection[Unknown], most: int) -> Iterable[str]:
    """One table; the same change in several environments is one line."""
    if unknown:
        lines = (
            [code(change.resource), ", ".join(environments), change.type.removeprefix("AWS::"), _detail(change)]
            for change, environments in _folded(unknown).items()
        )
        yield (
            "### Not understood\n\nThis report does not know whether somebody gets more access by these: read each.\n\n"
            + rows(["resource", "environments", "type", "change"], lines, most)
        )


def _folded(unknown: Iterable[Unknown]) -> dict[Unknown, list[str]]:
    found: dict[Unknown, list[str]] = defaultdict(list)
    for change in unknown:
        resource = change.resource.removeprefix(f"{change.environment}/")
        found[replace(change, environment="", resource=resource)].append(change.environment)
    return found


def _detail(change: Unknown) -> str:
    if change.before is None and change.after is None:
        return change.what
    return f"{code(change.what)}: {' → '.join(parted(change.before, change.after, LONGEST))}"
