"""The report as a comment of a pull request: GitHub-flavoured Markdown, what matters first, within GitHub's limit."""

from collections.abc import Iterable, Sequence
from typing import Final

from tools.report import access_table, loss_table, resource_table
from tools.report.facts import Report
from tools.report.price import AS_OF, USD_PER_THOUSAND_TOKENS
from tools.report.table import code, fold, rows

LIMIT: Final = 65_536
"""The most characters of a GitHub comment."""
_NEARLY: Final = 0.8


def write(report: Report) -> str:
    """The whole report. What fails is never cut; details are, with a count, when they do not fit the limit."""
    head = _verdict(report)
    if report.head_error or report.base_error or report.changed or report.problems:
        head += loss_table.sections(report)
    if report.head_error:
        return "\n\n".join(head) + "\n"
    details = [
        *access_table.sections(report),
        *_expiry(report),
        *resource_table.routes(report),
        *_quotas(report),
        *_costs(report),
        *resource_table.statements(report),
        *resource_table.resources(report),
    ]
    if not report.changed and not report.base_error and not report.problems:
        details = []
    return fit("\n\n".join(head), details, LIMIT)


def fit(head: str, details: Sequence[str], limit: int) -> str:
    """`head` and as many of the details, in order, as fit; the rest is counted."""
    room = limit - len(head) - 200
    kept = []
    for detail in details:
        if len(detail) + 2 <= room:
            kept.append(detail)
            room -= len(detail) + 2
    left = len(details) - len(kept)
    note = [f"_{left} section{'s' * (left > 1)} did not fit a comment: see `report.json` of this run._"] if left else []
    return "\n\n".join([head, *kept, *note]) + "\n"


def _verdict(report: Report) -> list[str]:
    against = f"against {code(report.base)}"
    if report.verdict == "fail":
        return [f"## ❌ Access report: fail\n\n**{'; '.join(report.reasons)}** ({against})"]
    if report.base_error:
        return [f"## ⚠️ Access report: not compared\n\nThe base {code(report.base)} cannot be synthesized. "
                f"Acknowledged: {report.uncompared}"]  # fmt: skip
    if not report.changed:
        ends = [f"{code(end.client)} {_when(end.days)}" for end in report.expiry]
        return [
            f"✅ **Access report: pass.** No change {against}.{' Expiry: ' + ', '.join(ends) + '.' if ends else ''}"
        ]
    acknowledged = f"; {len(report.losses)} acknowledged loss{'es' * (len(report.losses) > 1)}" if report.losses else ""
    widened = sum(change.widens for change in report.access)
    more = f"{widened} change{'s' * (widened != 1)} give somebody more access" if widened else "nobody gets more access"
    return [f"## ✅ Access report: pass\n\n{more[0].upper()}{more[1:]}{acknowledged} ({against})"]


def _when(days: int) -> str:
    if days < 0:
        return f"expired {-days} day{'s' * (days != -1)} ago"
    return "expires today" if days == 0 else f"expires in {days} day{'s' * (days != 1)}"


def _expiry(report: Report) -> Iterable[str]:
    if report.expiry:
        lines = [[code(end.client), end.owner, end.expires.isoformat(), _when(end.days)] for end in report.expiry]
        yield f"### ⏳ Expiry, as of {report.on}\n\n" + rows(["client", "owner", "last day", ""], lines)


def _quotas(report: Report) -> Iterable[str]:
    shown = [
        use
        for use in report.quotas
        if (use.before != use.after and not use.quota.startswith("scopes")) or (use.after or 0) >= use.limit * _NEARLY
    ]
    if not shown:
        return
    lines = [
        [
            use.environment,
            use.quota,
            code(use.of),
            f"{_count(use.before)} → {_count(use.after)} of {use.limit:,}",
            "⚠️ nearly full" if (use.after or 0) >= use.limit * _NEARLY else "",
        ]
        for use in shown
    ]
    summary = f"Quotas: {len(shown)} of {len(report.quotas)} change or are nearly full"
    yield fold(summary, rows(["environment", "quota", "of", "use", ""], lines))


def _count(value: int | None) -> str:
    return "none" if value is None else f"{value:,}"


def _costs(report: Report) -> Iterable[str]:
    if not any(cost.tokens_before or cost.tokens_after for cost in report.costs):
        return
    lines = [
        [
            cost.environment,
            f"{cost.tokens_before:,} → {cost.tokens_after:,}",
            f"${cost.usd_before:,.2f} → ${cost.usd_after:,.2f}",
            str(cost.unstated or ""),
        ]
        for cost in report.costs
    ]
    before, after = (sum(getattr(cost, f"usd_{side}") for cost in report.costs) for side in ("before", "after"))
    price = f"${USD_PER_THOUSAND_TOKENS} for 1,000 tokens, the first tier on {AS_OF}"
    table = rows(["environment", "tokens a month", "cost a month", "clients that state no number"], lines)
    yield fold(f"Tokens: ${before:,.2f} → ${after:,.2f} a month", f"{table}\n\nAt {price}.")
