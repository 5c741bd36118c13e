"""`make bench`: measures everything and writes docs/performance.md. `python -m benchmarks <part>…` only some."""

import argparse
import importlib
import os
import sys
from typing import Final

from benchmarks import page
from benchmarks.measurement import CHECKOUT, shown

MEASURED: Final = CHECKOUT / ".local" / "benchmarks"
"""What was last measured, a file a part: a part measured again alone renews its section of the page."""
PAGE: Final = CHECKOUT / "docs" / "performance.md"
PARTS: Final = {
    "synth": "How long a synth takes",
    "requests": "How long a caller waits",
    "tokens": "What tokens cost",
    "whole_path": "The whole path, on the emulator",
    "pull_request": "How long a pull request waits",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"any of {', '.join(PARTS)}; all by default")
    parser.add_argument("--rounds", type=int, default=7, help="how often each subject takes its turn")
    parser.add_argument("--check", action="store_true", help="fail where a ratio is beyond its bound; write nothing")
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - set(PARTS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; expected any of {', '.join(PARTS)}")
    beyond: list[str] = []
    for name in arguments.parts or PARTS:
        part = measure(name, arguments.rounds)
        print(f"{part.title}\n{part.about}\n{page.table(part.findings)}\n", flush=True)
        beyond += [
            f"{finding.what}: {finding.value}, allowed is {shown(finding.bound)}; against {finding.against}"
            for finding in part.findings
            if finding.bound is not None and finding.value.median > finding.bound
        ]
        if not arguments.check:
            part.save(MEASURED / f"{name}.json")
    if arguments.check:
        sys.exit("\n".join(f"bench-check: {line}" for line in beyond) or None)
    measured = [path for name in PARTS if (path := MEASURED / f"{name}.json").exists()]
    PAGE.write_text(page.write([page.Part.load(path) for path in measured]), encoding="utf-8")


def measure(name: str, rounds: int) -> page.Part:
    part = importlib.import_module(f"benchmarks.{name}")
    before = os.getloadavg()[0]
    findings = tuple(part.measure(rounds))
    load = f"Load average of the machine: {before:.1f} before, {os.getloadavg()[0]:.1f} after."
    return page.Part(title=PARTS[name], about=f"{getattr(part, 'ABOUT', '')}\n\n{load}".strip(), findings=findings)


if __name__ == "__main__":
    main()
