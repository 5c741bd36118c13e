"""`make judge`: compare two cloud assemblies, which are data, and write the access report.

Neither side's code runs here: `make report` and CI make each assembly with its own side's code, and run the judge of
the base (docs/access-report.md).
"""

import argparse
import dataclasses
import json
import os
import sys
from datetime import date
from pathlib import Path
from typing import Final

from tools import assembly, configuration, seal
from tools.assembly import AssemblyError
from tools.expiry import day
from tools.report import acknowledgement, checkout, comparison, entries, markdown
from tools.report.checkout import CheckoutError
from tools.report.facts import Report
from tools.report.judges import judging
from tools.seal import SealError
from tools.synth import PROBLEM

_MOST_CHARACTERS: Final = 20_000
"""Of what kept a side from being made: a report is a comment."""


def main() -> int:
    """0: nothing is lost unacknowledged; 1: the report fails; 2: it cannot be made."""
    parser = argparse.ArgumentParser(prog="make judge", description="What a change does, from two cloud assemblies.")
    parser.add_argument("--before", type=Path, required=True, help="the base's assembly")
    parser.add_argument("--after", type=Path, required=True, help="the change's assembly")
    parser.add_argument("--base", type=Path, default=Path(), help="a checkout of the base (default: this one)")
    parser.add_argument("--change", type=Path, required=True, help="a checkout of the change, as data")
    parser.add_argument("--commit", default="", help="the base's commit (default: what the checkout is of)")
    parser.add_argument("--digest", default="", help="of the base's assembly, as the job that made it says")
    parser.add_argument("--on", type=day, help="the day by which expiry is judged, such as 2027-06-30")
    parser.add_argument("--output", type=Path, default=Path(".local/report"), help="where report.md and .json go")
    parser.add_argument("--note", default="", help="what the reader must know of how the assemblies were made")
    given = parser.parse_args()
    try:
        commit = given.commit or checkout.resolve(given.base, "HEAD")
        changed = checkout.changed(given.change, commit)
    except CheckoutError as error:
        print(f"report: {error}", file=sys.stderr)
        return 2
    before = _made_by_its_job(side(given.base, given.before), given.digest)
    after = side(given.change, given.after)
    if not after.error and after.unfit:
        after = dataclasses.replace(after, assembly=None, error=f"no deploy would take its assembly:\n{after.unfit}")
    report = judge(before, after, commit=commit, on=given.on)
    report = dataclasses.replace(report, judges=tuple(filter(judging, changed)), note=given.note)
    text = markdown.write(report)
    given.output.mkdir(parents=True, exist_ok=True)
    (given.output / "report.md").write_text(text)
    (given.output / "report.json").write_text(
        json.dumps(dataclasses.asdict(report), indent=2, default=str, ensure_ascii=False) + "\n"
    )
    print(text, end="")
    if report.verdict == "fail":
        return 1
    if steps := os.environ.get("GITHUB_OUTPUT"):  # for the jobs that deploy
        with Path(steps).open("a") as file:
            file.write(f"digest={report.assembly}\n")
    return 0


def _made_by_its_job(before: comparison.Side, digest: str) -> comparison.Side:
    """The side, or where its assembly is of another digest a side that cannot be compared: somebody else left it."""
    found = before.seal.digest if before.seal else "unsealed"
    if not digest or before.assembly is None or found == digest:
        return before
    return dataclasses.replace(before, assembly=None, error=f"its assembly is {found}, and its job made {digest}")


def judge(before: comparison.Side, after: comparison.Side, *, commit: str, on: date | None) -> Report:
    """The report. Templates of a form that CloudFormation does not know fail it, and are not guessed about."""
    try:
        return comparison.compare(before, after, commit=commit[:12], on=on)
    except (AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError) as error:
        said = f"its templates have a form that CloudFormation does not know: {type(error).__name__}: {error}"
        return comparison.compare(
            before, dataclasses.replace(after, assembly=None, error=said), commit=commit[:12], on=on
        )


def side(root: Path, folder: Path) -> comparison.Side:
    """One side of the comparison: its assembly, or why there is none, and what its files say."""
    found, closed, filled, said, unfit = None, None, {}, "", ""
    try:
        if (folder / PROBLEM).is_file() and not (folder / PROBLEM).is_symlink():
            with (folder / PROBLEM).open(errors="replace") as file:
                said = file.read(_MOST_CHARACTERS)
        else:
            found, filled = assembly.read(folder), seal.assets(folder)
            closed = seal.check(folder)
    except SealError as error:
        unfit = str(error)
    except (AssemblyError, OSError) as error:
        found, said = None, f"its assembly cannot be read: {error}"
    given, problems = acknowledgement.read(root)
    return comparison.Side(
        assembly=found,
        seal=closed,
        unfit=unfit,
        assets=filled,
        error=said,
        entries=entries.read(root),
        acknowledgements=given,
        problems=tuple(map(str, problems)),
        misconfigured=tuple(configuration.problems(root)),
    )


if __name__ == "__main__":
    sys.exit(main())
