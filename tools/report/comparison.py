"""Compares two sides of a change, each a checkout and what it synthesizes to, and gives the verdict."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from stacks.registry import WARNING_DAYS
from tools.report import access, acknowledgement, clients, loss, price, quota, resources, understood, widening
from tools.report.acknowledgement import Acknowledgement
from tools.report.entries import Entry
from tools.report.facts import Expiry, Report, RouteChange, SettingChange
from tools.report.statements import statements
from tools.routes import routes
from tools.seal import Seal
from tools.template import Assembly, Stack, rank


@dataclass(frozen=True, kw_only=True)
class Side:
    """One checkout: what it synthesizes to, or why it does not, and the files that say what no template does."""

    assembly: Assembly | None
    error: str = ""
    entries: Mapping[str, Entry]
    acknowledgements: tuple[Acknowledgement, ...] = ()
    problems: tuple[str, ...] = ()
    misconfigured: tuple[str, ...] = ()
    """What is wrong with its `cdk.json`."""
    seal: Seal | None = None
    unfit: str = ""
    """Why no deploy would take the assembly. The base is deployed no more."""
    assets: Mapping[str, str] = field(default_factory=dict)
    """The digest of what each key in the bucket of assets is filled with."""


def compare(base: Side, head: Side, *, commit: str, on: date | None = None) -> Report:
    """What changes from `base`, the checkout of `commit`, to `head`; expiry as of `on`, when it is given."""
    return replace(
        _compare(base, head, commit, on),
        assembly=head.seal.digest if head.seal else None,
        base_assembly=base.seal.digest if base.seal else None,
        stacks=head.seal.stacks if head.seal else {},
    )


def _compare(base: Side, head: Side, commit: str, on: date | None) -> Report:
    if head.assembly is None:
        return _report(
            commit,
            on,
            head_error=head.error,
            problems=head.problems,
            base_error=base.error,
            violations=head.misconfigured,
        )
    found = clients.find(head.assembly, head.entries)
    if base.assembly is None:
        old = {item.key for item in base.acknowledgements}
        fresh = [item for item in head.acknowledgements if item.key not in old]
        named = [item for item in fresh if item.change == acknowledgement.UNCOMPARED and item.resource == commit]
        return _report(
            commit,
            on,
            base_error=base.error,
            uncompared=named[0].reason if named else None,
            problems=head.problems,
            violations=(*head.misconfigured, *understood.violations(head.assembly)),
            expiry=_expiry(head.entries, on),
            quotas=quota.compare(Assembly({}), head.assembly, (), found.values()),
            costs=price.compare(head.assembly.environments, (), found.values()),
        )
    changes = resources.compare(base.assembly, head.assembly)
    judged, idle = acknowledgement.apply(loss.losses(changes), head.acknowledgements, base.acknowledgements)
    before = clients.find(base.assembly, base.entries)
    order = rank(base.assembly, head.assembly)
    old_statements, new_statements = statements(base.assembly), statements(head.assembly)
    return _report(
        commit,
        on,
        problems=(*head.problems, *map(str, idle)),
        losses=judged,
        access=access.compare(before, found, base.entries, head.entries, order),
        expiry=_expiry(head.entries, on),
        routes=_routes(base.assembly, head.assembly, order),
        violations=(
            *head.misconfigured,
            *_refilled(base.assets, head.assets),
            *understood.violations(head.assembly),
            *access.stuck(before, found),
        ),
        not_understood=understood.compare(base.assembly, head.assembly),
        statements_added=tuple(
            sorted(new_statements - old_statements, key=lambda item: (order[item.environment], item))
        ),
        statements_removed=tuple(
            sorted(old_statements - new_statements, key=lambda item: (order[item.environment], item))
        ),
        settings=tuple(_settings(base.assembly, head.assembly)),
        resources=changes,
        quotas=quota.compare(base.assembly, head.assembly, before.values(), found.values()),
        costs=price.compare(order, before.values(), found.values()),
    )


def _report(commit: str, on: date | None, **facts: Any) -> Report:
    report = Report(base=commit, on=on, **facts)
    missing = [item for item in report.losses if item.acknowledged is None]
    reasons = []
    if report.head_error:
        reasons.append("the change cannot be synthesized")
    elif report.base_error and not report.uncompared:
        reasons.append("the base cannot be synthesized, so nothing can be compared")
    if missing:
        reasons.append(f"{len(missing)} loss{'es' * (len(missing) > 1)} not acknowledged")
    # Not to be acknowledged: no method of this platform is meant to do without.
    if opened := sum(map(widening.opened, report.routes)):
        reasons.append(f"{opened} method{'s' * (opened > 1)} that would ask for no scope")
    if report.violations:
        reasons.append(
            f"{len(report.violations)} violation{'s' * (len(report.violations) > 1)} of what no change may do"
        )
    if report.problems:
        reasons.append(f"{len(report.problems)} problem{'s' * (len(report.problems) > 1)} in {acknowledgement.FILE}")
    return Report(base=commit, on=on, verdict="fail" if reasons else "pass", reasons=tuple(reasons), **facts)


def _refilled(before: Mapping[str, str], after: Mapping[str, str]) -> Iterable[str]:
    """Files under a key that held something else: the templates say nothing of it, and the bucket may hold either."""
    for key in sorted(before.keys() & after.keys()):
        if before[key] != after[key]:
            yield f"{key}: holds other files under the key of the base's, expected a key of their own"


def _expiry(entries: Mapping[str, Entry], on: date | None) -> tuple[Expiry, ...]:
    """Clients that have expired or do so within the warning time. Whether that is a failure is the check's business."""
    ends = []
    for entry in entries.values():
        try:
            expires = date.fromisoformat(entry.facts.get("expires", ""))
        except ValueError:
            continue
        if on and (days := (expires - on).days) <= WARNING_DAYS:
            ends.append(Expiry(client=entry.name, owner=entry.facts.get("owner", ""), expires=expires, days=days))
    return tuple(sorted(ends, key=lambda end: (end.expires, end.client)))


def _routes(base: Assembly, head: Assembly, order: Mapping[str, int]) -> tuple[RouteChange, ...]:
    before, after = routes(base), routes(head)
    keys = sorted({*before, *after}, key=lambda key: (order[key[0]], key[1], key[3], key[2]))
    changes = (RouteChange(before=before.get(key), after=after.get(key)) for key in keys)
    return tuple(change for change in changes if change.before != change.after)


def _settings(base: Assembly, head: Assembly) -> Iterable[SettingChange]:
    for name in dict.fromkeys([*head.stacks, *base.stacks]):
        old, new = base.stacks.get(name), head.stacks.get(name)
        if old is None or new is None:
            yield SettingChange(
                stack=name,
                setting="Stack",
                before="exists" if old else None,
                after="exists" if new else None,
            )
            continue
        before, after = _around(base, old), _around(head, new)
        for key in sorted({*before, *after}):
            if before.get(key) != after.get(key):
                yield SettingChange(stack=name, setting=key, before=before.get(key), after=after.get(key))


def _around(assembly: Assembly, stack: Stack) -> dict[str, str]:
    """Everything of a stack that is not a resource, flat: `Outputs.TokenEndpoint`, `TerminationProtection`."""
    found = {}
    for key, value in {**stack.template, **stack.settings}.items():
        if key == "Resources":
            continue
        parts = value.items() if isinstance(value, dict) else [("", value)]
        for part, item in parts:
            found[f"{key}.{part}".rstrip(".")] = assembly.text(assembly.values(stack, item))
    return found
