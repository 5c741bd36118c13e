"""`make bench`: measures everything and writes docs/performance.md. `python -m benchmarks <part>…` shows some alone."""

import argparse
import importlib
import os
import sys
from typing import Final

from benchmarks import page
from benchmarks.measurement import CHECKOUT, Finding, shown

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
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="one or more, all by default")
    parser.add_argument("--rounds", type=int, default=7, help="how often each subject takes its turn")
    parser.add_argument("--check", action="store_true", help="fail where a ratio is beyond its bound; write nothing")
    arguments = parser.parse_args()
    chosen: list[str] = arguments.parts or list(PARTS)
    measured: dict[str, tuple[str, str, list[Finding]]] = {}
    for name in chosen:
        part = importlib.import_module(f"benchmarks.{name}")
        before = os.getloadavg()[0]
        findings = list(part.measure(arguments.rounds))
        load = f"Load average: {before:.1f} before, {os.getloadavg()[0]:.1f} after."
        text = f"{part.ABOUT}\n\n{load}" if getattr(part, "ABOUT", "") else load
        measured[name] = (PARTS[name], text, findings)
        print(f"{PARTS[name]}. {load}\n{page.table(findings)}\n", flush=True)
    if arguments.check:
        beyond = [
            f"{finding.what}: {finding.value}, allowed is {shown(finding.bound)}; against {finding.against}"
            for _, _, findings in measured.values()
            for finding in findings
            if finding.bound is not None and finding.value.median > finding.bound
        ]
        sys.exit("\n".join(f"bench-check: {line}" for line in beyond) or None)
    if not arguments.parts:
        PAGE.write_text(page.write(measured))


if __name__ == "__main__":
    main()
