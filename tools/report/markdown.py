"""The report as a comment of a pull request: GitHub-flavoured Markdown, what matters first, within GitHub's limit."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from tools.report import access_table, loss_table, resource_table, unknown_table, widening
from tools.report.facts import Report
from tools.report.price import AS_OF, USD_PER_THOUSAND_TOKENS
from tools.report.table import code, codes, fold, plain, rows

LIMIT: Final = 65_536
"""The most characters of a GitHub comment."""
_NEARLY: Final = 0.8
_NOTE: Final = 200
"""Room for the line that says what was left out."""
_NAMES: Final = (10_000, 200, 20, 1)
"""How many losses that are alike are named: the most that fits."""


def write(report: Report) -> str:
    """The whole report. What fails is never cut; details are, with a count, when they do not fit the limit."""
    head = next(text for most in _NAMES if len(text := _head(report, most)) < LIMIT - _NOTE or most == _NAMES[-1])
    if report.head_error:
        return fit(head, [*_made(report)], LIMIT)
    details = [
        *loss_table.acknowledging(report),
        *access_table.section("Access", [change for change in report.access if not change.widens]),
        *_expiry(report),
        *resource_table.routes("Methods", [change for change in report.routes if not widening.widens(change)]),
        *_quotas(report),
        *_costs(report),
        *resource_table.statements(report, widening.statements(report)),
        *resource_table.resources(report),
    ]
    if not report.changed and not report.base_error and not report.problems:
        details = []
    return fit(head, [*_made(report), *details], LIMIT)


def _head(report: Report, most: int) -> str:
    return "\n\n".join(
        [
            *_verdict(report),
            *_judges(report, most),
            *unknown_table.violations(report, most),
            *loss_table.sections(report, most),
            *unknown_table.section(report.not_understood, most),
            *resource_table.routes("Methods that open", filter(widening.widens, report.routes), most),
            *access_table.section("More access", [change for change in report.access if change.widens], most),
            *resource_table.wider_statements(widening.statements(report), report.statements_added, most),
        ]
    )


def _judges(report: Report, most: int) -> Iterable[str]:
    """The warning that a change takes part in its own judgement."""
    if report.judges:
        left = len(report.judges) - most
        more = f" and {left} more" if left > 0 else ""
        named = f"{codes(report.judges[:most])}{more}"
        yield f"⚠️ **This change touches what judges it**, for the platform team to read: {named}"


def _made(report: Report) -> Iterable[str]:
    """The digests by which a deploy is held to this report, and how the two sides were made."""
    named = {"Assembly": report.assembly, "Base": report.base_assembly}
    said = [f"{name} {code(digest)}." for name, digest in named.items() if digest]
    if said or report.note:
        yield " ".join([*said, *([plain(report.note)] if report.note else [])])


def fit(head: str, details: Sequence[str], limit: int) -> str:
    """`head` and as many of the details, in order, as fit; the rest is counted."""
    room = limit - len(head) - _NOTE
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
                f"Acknowledged: {plain(report.uncompared or '')}"]  # fmt: skip
    if not report.changed:
        ends = [f"{code(end.client)} {_when(end.days)}" for end in report.expiry]
        what = "No change" if report.assembly == report.base_assembly else "No change of a template"
        return [f"✅ **Access report: pass.** {what} {against}.{' Expiry: ' + ', '.join(ends) + '.' if ends else ''}"]
    acknowledged = f"; {len(report.losses)} acknowledged loss{'es' * (len(report.losses) > 1)}" if report.losses else ""
    mark = "⚠️" if report.not_understood else "✅"
    return [f"## {mark} Access report: pass\n\n{_more(report)}{acknowledged} ({against})"]


def _more(report: Report) -> str:
    """Whether somebody gets more access: what the headline is read for. It claims nothing of the rest."""
    statements = {replace(statement, environment="") for statement in widening.statements(report)}
    counts = {
        "change{s} of clients": sum(change.widens for change in report.access),
        "method{s}": widening.methods(report),
        "IAM statement{s}": len(statements),
    }
    found = [f"{count} {name.format(s='s' * (count > 1))}" for name, count in counts.items() if count]
    said = [f"Somebody gets more access: {', '.join(found)}"] if found else []
    if unknown := unknown_table.summary(report.not_understood):
        said.append(f"{'not' if said else 'Not'} understood: {unknown}")
    if not said:
        said.append("Nobody gets more access")
    code_of = {change.resource for change in report.resources if change.action == "code changed"}
    names = {name.split("/", 1)[-1] for name in code_of}
    return "; ".join([*said, *([f"not read: the code of {codes(sorted(names))}"] if names else [])])


def _when(days: int) -> str:
    if days < 0:
        return f"expired {-days} day{'s' * (days != -1)} ago"
    return "expires today" if days == 0 else f"expires in {days} day{'s' * (days != 1)}"


def _expiry(report: Report) -> Iterable[str]:
    if report.expiry:
        lines = [
            [code(end.client), plain(end.owner), end.expires.isoformat(), _when(end.days)] for end in report.expiry
        ]
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
    summary = f"Quotas: {len(shown)} change or are nearly full"
    yield fold(summary, rows(["environment", "quota", "of", "use", ""], lines))


def _count(value: int | None) -> str:
    return "none" if value is None else f"{value:,}"


def _costs(report: Report) -> Iterable[str]:
    if not any(cost.tokens_before or cost.tokens_after for cost in report.costs):
        return
    lines = [
        [
            cost.environment,
            _arrow(f"{cost.tokens_before:,}", f"{cost.tokens_after:,}"),
            _arrow(f"${cost.usd_before:,.2f}", f"${cost.usd_after:,.2f}"),
            str(cost.unstated or ""),
        ]
        for cost in report.costs
    ]
    before, after = (sum(getattr(cost, f"usd_{side}") for cost in report.costs) for side in ("before", "after"))
    price = f"${USD_PER_THOUSAND_TOKENS} for 1,000 tokens, the first tier on {AS_OF}"
    table = rows(["environment", "tokens a month", "cost a month", "clients that state no number"], lines)
    sums = _arrow(f"${before:,.2f}", f"${after:,.2f}")
    yield fold(f"Expected tokens: {sums} a month", f"{table}\n\nAt {price}.")


def _arrow(before: str, after: str) -> str:
    return after if before == after else f"{before} → {after}"
