"""`python -m tools.report BASE`: make both assemblies, the base's and the working tree's, and have the base judge them.

CI makes each in a job of its own. Here both run as one user, and the report says so.
"""

import argparse
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Final

from tools import seal, synth
from tools.expiry import day
from tools.report.checkout import CheckoutError, interpreter, resolve, worktree
from tools.seal import SealError
from tools.synth import SynthesisError

ROOT = Path(__file__).parent.parent.parent
_JUDGE: Final = Path("tools/report/judge.py")
NOTE: Final = (
    "Made on one machine: the change's own code ran beside the base's and could reach it; CI keeps them apart."
)
NO_JUDGE: Final = "The base has no judge of its own: this checkout's compared the two."


def main() -> int:
    """0: nothing is lost unacknowledged; 1: the report fails; 2: it cannot be made."""
    parser = argparse.ArgumentParser(prog="report", description="What the working tree changes, against a commit.")
    parser.add_argument("base", help="a branch, tag or commit")
    parser.add_argument("--on", type=day, help="the day by which expiry is judged, such as 2027-06-30")
    parser.add_argument("--root", type=Path, default=ROOT, help="the checkout to report on (default: this one)")
    parser.add_argument("--output", type=Path, default=Path(".local/report"), help="where report.md and .json go")
    arguments = parser.parse_args()
    try:
        commit = resolve(arguments.root, arguments.base)
        done = report(arguments.root.absolute(), commit, arguments.output.absolute(), arguments.on)
    except CheckoutError as error:
        print(f"report: {error}", file=sys.stderr)
        return 2
    print(done.stdout, end="")
    print(done.stderr, end="", file=sys.stderr)
    return done.returncode


def report(root: Path, commit: str, output: Path, on: date | None) -> subprocess.CompletedProcess[str]:
    """Synthesize both sides, each with its own code and packages, and run the base's judge. Raises CheckoutError."""
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="report-") as temporary:
        space = Path(temporary)
        with worktree(root, commit, space / "base") as base:
            try:
                python, problem = interpreter(root, base, output / "packages"), ""
            except SynthesisError as error:
                python, problem = Path(sys.executable), str(error)
            with ThreadPoolExecutor() as pool:
                sides = [
                    pool.submit(_make, base, python, space / "before", problem),
                    pool.submit(_make, root, Path(sys.executable), space / "after", ""),
                ]
                for each in sides:
                    each.result()
            own = not problem and (base / _JUDGE).is_file()
            command = [str(python if own else sys.executable), "-m", "tools.report.judge"]
            command += ["--before", str(space / "before"), "--after", str(space / "after")]
            command += ["--base", str(base), "--change", str(root), "--commit", commit, "--output", str(output)]
            command += ["--note", NOTE if own else f"{NOTE} {NO_JUDGE}", *(["--on", on.isoformat()] if on else [])]
            return subprocess.run(command, cwd=base if own else ROOT, capture_output=True, text=True, check=False)


def _make(checkout: Path, python: Path, folder: Path, problem: str) -> None:
    """Leave the sealed assembly of a checkout in `folder`, or what keeps it from being made."""
    try:
        if problem:
            raise SynthesisError(problem)
        synth.synthesize(checkout, python, folder)
        with suppress(SealError):  # the judge says what is wrong with it
            seal.close(folder)
    except SynthesisError as error:
        synth.leave(folder, str(error))


if __name__ == "__main__":
    sys.exit(main())
