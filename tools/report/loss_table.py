"""What fails the report, and the lines that would acknowledge it."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from tools.report.acknowledgement import FILE, UNCOMPARED
from tools.report.facts import Report
from tools.report.loss import Loss
from tools.report.table import code, fold, plain, rows


def sections(report: Report, most: int) -> list[str]:
    """Errors, problems and losses, in that order. Of losses that are alike, `most` are named and the rest counted."""
    return [*_errors(report), *_problems(report), *_missing(report, most), *_acknowledged(report, most)]


def acknowledging(report: Report) -> Iterable[str]:
    """The entry to paste for what is not acknowledged."""
    if report.base_error and not report.uncompared and not report.head_error:
        yield _how("To let it pass", [(report.base, UNCOMPARED)])
    if missing := [loss for loss in report.losses if loss.acknowledged is None]:
        yield _how("To acknowledge it", [(loss.resource, loss.kind) for loss in missing])


def _errors(report: Report) -> Iterable[str]:
    if report.head_error:
        yield f"### The change cannot be synthesized\n\n{_block(report.head_error)}"
    elif report.base_error:
        yield (
            f"### Cannot compare: the base {code(report.base)} cannot be synthesized\n\n{_block(report.base_error)}\n\n"
            "What this change replaces, removes or grants is therefore not known. What follows is the change alone."
        )


def _problems(report: Report) -> Iterable[str]:
    if report.problems:
        yield f"### Problems in {code(FILE)}\n\n{_block(chr(10).join(report.problems))}"


def _missing(report: Report, most: int) -> Iterable[str]:
    missing = [loss for loss in report.losses if loss.acknowledged is None]
    if missing:
        lines = ([names, where, f"**{loss.kind}**", _why(loss)] for names, where, loss in _folded(missing, most))
        yield "### Lost by this change\n\n" + rows(
            ["resource", "environments", "change", "what is lost, and why"], lines
        )
        if any(loss.retained for loss in missing):
            yield "_kept_: the stack lets go of it, and it stays in the account with what it holds."


def _acknowledged(report: Report, most: int) -> Iterable[str]:
    known = [loss for loss in report.losses if loss.acknowledged is not None]
    if known:
        lines = (
            [names, where, loss.kind, plain(loss.acknowledged or "")] for names, where, loss in _folded(known, most)
        )
        yield "### Lost, and acknowledged\n\n" + rows(["resource", "environments", "change", "reason given"], lines)


def _folded(losses: Iterable[Loss], most: int) -> Iterable[tuple[str, str, Loss]]:
    """Losses that differ in environment or name alone, as one: the names, the environments and one of them."""
    environments: dict[Loss, list[str]] = defaultdict(list)
    for loss in losses:
        label = loss.resource.removeprefix(f"{loss.environment}/")
        environment = f"{loss.environment} (kept)" if loss.retained else loss.environment
        environments[replace(loss, resource=label, environment="", stack="", retained=False)].append(environment)
    names: dict[tuple[Loss, str], list[str]] = defaultdict(list)
    for loss, everywhere in environments.items():
        names[replace(loss, resource=""), ", ".join(everywhere)].append(loss.resource)
    for (loss, listed), labels in names.items():
        more = [f"and {len(labels) - most} more, named in `report.json`"] if len(labels) > most else []
        yield "<br>".join([*map(code, labels[:most]), *more]), listed, loss


def _why(loss: Loss) -> str:
    because = f"<br>{plain('; '.join(loss.because))}" if loss.because else ""
    return f"{loss.loses}{because}"


def _how(summary: str, wanted: list[tuple[str, str]]) -> str:
    """The entries to paste, one for each kind of loss."""
    lines = []
    for kind in dict.fromkeys(kind for _, kind in wanted):
        lines += ["- resources:", *(f"    - {_scalar(name)}" for name, of in wanted if of == kind)]
        lines += [f"  change: {kind}", "  reason: <why, and what was agreed with whoever it concerns>"]
    body = "\n".join(["```yaml", *lines, "```"])
    return fold(f"{summary}, add to <code>{FILE}</code>", body)


def _scalar(name: str) -> str:
    """Quoted where YAML would not read plain text, as for a commit that is all digits."""
    return name if "/" in name and ": " not in name else json.dumps(name)


def _block(text: str) -> str:
    return "```text\n" + text.replace("```", "'''") + "\n```"
