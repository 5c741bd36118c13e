"""`python -m tools.report BASE`: write the access report of the working tree against a commit."""

import argparse
import dataclasses
import json
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

from tools.assembly import SynthesisError, synthesize
from tools.report import acknowledgement, comparison, entries, markdown
from tools.report.checkout import CheckoutError, interpreter, resolve, worktree
from tools.report.facts import Report

ROOT = Path(__file__).parent.parent.parent


def main() -> int:
    """0: nothing is lost unacknowledged; 1: the report fails; 2: it cannot be made."""
    parser = argparse.ArgumentParser(prog="report", description="What the working tree changes, against a commit.")
    parser.add_argument("base", help="a branch, tag or commit")
    parser.add_argument("--on", type=date.fromisoformat, help="the day by which expiry is judged, such as 2027-06-30")
    parser.add_argument("--root", type=Path, default=ROOT, help="the checkout to report on (default: this one)")
    parser.add_argument("--output", type=Path, default=Path(".local/report"), help="where report.md and .json go")
    arguments = parser.parse_args()
    try:
        commit = resolve(arguments.root, arguments.base)
        report = make(arguments.root, commit, arguments.output, arguments.on)
    except CheckoutError as error:
        print(f"report: {error}", file=sys.stderr)
        return 2
    text = markdown.write(report)
    (arguments.output / "report.md").write_text(text)
    (arguments.output / "report.json").write_text(
        json.dumps(dataclasses.asdict(report), indent=2, default=str, ensure_ascii=False) + "\n"
    )
    print(text, end="")
    return int(report.verdict == "fail")


def make(root: Path, commit: str, output: Path, on: date | None) -> Report:
    """Synthesize both sides, each with its own code, and compare them."""
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="report-") as temporary:
        space = Path(temporary)
        with worktree(root, commit, space / "base") as base, ThreadPoolExecutor() as pool:
            before = pool.submit(_side, base, root, space / "base.out", output / "packages")
            after = pool.submit(_side, root, root, space / "head.out", output / "packages")
            return comparison.compare(before.result(), after.result(), commit=commit[:12], on=on)


def _side(checkout: Path, root: Path, out: Path, cache: Path) -> comparison.Side:
    given, problems = acknowledgement.read(checkout)
    assembly, said = None, ""
    try:
        assembly = synthesize(checkout, interpreter(root, checkout, cache.absolute()), out)
    except SynthesisError as error:
        said = str(error)
    return comparison.Side(
        assembly=assembly,
        error=said,
        entries=entries.read(checkout),
        acknowledgements=given,
        problems=tuple(map(str, problems)),
    )


if __name__ == "__main__":
    sys.exit(main())
