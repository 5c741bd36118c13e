"""Methods, IAM statements and resources that change, as Markdown."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace
from itertools import groupby

from tools.report.facts import Report, RouteChange, SettingChange
from tools.report.resources import ResourceChange
from tools.report.statements import Statement
from tools.report.table import code, codes, fold, parted, plain, rows
from tools.report.widening import unscoped, widens
from tools.routes import OPEN, Route

LONGEST = 100
_MARK = {"added": "🟢", "removed": "🔴", "replaced": "🔁", "may be replaced": "🔁"}


def routes(title: str, changes: Iterable[RouteChange], most: int | None = None) -> Iterable[str]:
    """Methods added, removed, or opened by something else; the same one everywhere is one line."""
    found: dict[RouteChange, list[str]] = defaultdict(list)
    for change in changes:
        before, after = (route and replace(route, environment="") for route in (change.before, change.after))
        environment = (change.after or change.before or _NOWHERE).environment
        found[RouteChange(before=before, after=after)].append(environment)
    lines = []
    for change, environments in found.items():
        route = change.after or change.before or _NOWHERE
        after_text = _opens(change.after)
        if unscoped(change.after):
            after_text = f"⚠️ **{after_text}**"
        elif widens(change):
            after_text = f"⚠️ {after_text}"
        lines.append(
            [
                f"{code(f'{route.method} {route.path}')} of {code(route.api)}",
                ", ".join(environments),
                _opens(change.before),
                after_text,
            ]
        )
    if lines:
        yield f"### {title}\n\n" + rows(["method", "environments", "before", "after"], lines, most)


_NOWHERE = Route(environment="", api="", method="", path="", authorizer="", scopes=())


def _opens(route: Route | None) -> str:
    if route is None:
        return "none"
    if route.authorizer == OPEN:
        return "open to anybody"
    return f"{plain(route.authorizer)}: {codes(route.scopes) or 'no scope'}"


def wider_statements(wider: Collection[Statement], added: Collection[Statement], most: int) -> Iterable[str]:
    """IAM statements that allow more or no longer deny; the same one in several environments is one."""
    lines = [
        *_lines("🟢", [statement for statement in wider if statement in added]),
        *_lines("🔴", [statement for statement in wider if statement not in added]),
    ]
    if lines:
        yield "### IAM statements that give more\n\n" + rows(_STATEMENT, lines, most)


def statements(report: Report, shown: Collection[Statement]) -> Iterable[str]:
    """IAM statements added and removed that are not shown already."""
    added, removed = (
        [statement for statement in statements if statement not in shown]
        for statements in (report.statements_added, report.statements_removed)
    )
    lines = [*_lines("🟢", added), *_lines("🔴", removed)]
    if lines:
        yield fold(f"IAM statements: {len(added)} more added, {len(removed)} removed", rows(_STATEMENT, lines))


_STATEMENT = ("", "of", "environments", "effect and actions", "on, for, if")


def _lines(mark: str, found: Iterable[Statement]) -> Iterable[list[str]]:
    where: dict[Statement, list[str]] = defaultdict(list)
    for statement in found:
        where[replace(statement, environment="")].append(statement.environment)
    for statement, environments in where.items():
        limits = [f"on {code(resource)}" for resource in statement.resources]
        limits += [f"for {code(principal)}" for principal in statement.principals]
        limits += [f"if {code(statement.condition)}"] if statement.condition else []
        yield [
            mark,
            code(statement.holder),
            ", ".join(environments),
            "<br>".join([statement.effect, *map(code, statement.actions)]),
            "<br>".join(limits),
        ]


def resources(report: Report) -> Iterable[str]:
    """A folded table for each stack, and what changes around its resources."""
    changes = {stack: list(group) for stack, group in groupby(report.resources, key=lambda change: change.stack)}
    settings = {stack: list(group) for stack, group in groupby(report.settings, key=lambda change: change.stack)}
    for index, stack in enumerate(dict.fromkeys([*changes, *settings])):
        found, around = changes.get(stack, []), settings.get(stack, [])
        counts = Counter(change.action for change in found) + Counter({"setting": len(around)})
        summary = ", ".join(f"{count} {action}{'s' * (action == 'setting' and count > 1)}" for action, count in
                            counts.items())  # fmt: skip
        lines = [
            [_MARK.get(change.action, ""), code(_name(change)), change.type.removeprefix("AWS::"), _action(change)]
            for change in found
        ]
        lines += [["", code(item.setting), "", _setting(item)] for item in around]
        title = "### Resources\n\n" if index == 0 else ""
        yield title + fold(f"<code>{stack}</code>: {summary}", rows(["", "resource", "type", "change"], lines))


def _name(change: ResourceChange) -> str:
    """The construct path within its stack."""
    return (
        change.resource.split("/", 2)[-1] if change.resource.startswith(f"{change.environment}/") else change.resource
    )


def _action(change: ResourceChange) -> str:
    parts: list[str] = [change.action] if change.action != "modified" else []
    parts += [plain(reason) for reason in change.because]
    if change.retained:
        parts.append("stays in the account, outside the stack")
    if change.action not in {"redeployed", "code changed"}:
        parts += [f"{code(item.path)}: {_values(item.before, item.after)}" for item in change.properties]
    return "<br>".join(parts)


def _setting(item: SettingChange) -> str:
    if item.setting == "Stack":
        gone = "no longer synthesized: **what is deployed stays until somebody deletes the stack**"
        return "new" if item.after else gone
    return _values(item.before, item.after)


def _values(before: str | None, after: str | None) -> str:
    return " → ".join(parted(before, after, LONGEST))
