"""`make preflight ENV=…`: prints the table; status 1 when a row is known to be wrong.

A row that cannot be read stops nothing: a person may deploy who may not look at trails. `--despite` takes the names of
rows that are known to be wrong and are no reason to stop, such as a trail in the middle of an incident. Status 2 is
nothing looked at, for want of credentials.
"""

import argparse
import sys
import time

from botocore.exceptions import BotoCoreError, ClientError

from stacks.environments import Environment
from tools import declared, place
from tools.check import run
from tools.cloud import Cloud
from tools.preflight.checks import CHECKS
from tools.preflight.plan import Plan
from tools.row import State, count, table
from tools.synth import SynthesisError


def main() -> None:
    names = [check.name for check in CHECKS]
    parser = argparse.ArgumentParser(prog="make preflight ENV=…", description=__doc__)
    parser.add_argument("environment", nargs="?", default="")
    parser.add_argument("--despite", default="", help=f"rows, by comma, that may be wrong: {', '.join(names)}")
    parser.add_argument("--assembly", default="", help="a folder that `make synth` made (default: make one)")
    arguments = parser.parse_args()
    despite = {name for name in arguments.despite.split(",") if name}
    problems = [f"DESPITE={name!r}: expected some of {','.join(names)}" for name in sorted(despite - set(names))]
    found = place.find(arguments.environment)
    if found is None:
        problems.append(f"ENV={arguments.environment!r}: {place.EXPECTED}")
    if found is None or problems:
        sys.exit("\n".join(f"preflight: {problem}" for problem in problems))
    try:
        sys.exit(preflight(found.environment, found.name, despite, arguments.assembly))
    except SynthesisError as error:
        sys.exit(f"preflight: {error}")


def preflight(environment: Environment, name: str, despite: set[str], assembly: str = "") -> int:
    """Look, print the table, and return the exit status."""
    started = time.monotonic()
    cloud = Cloud(region=environment.region, emulated=name == "local")
    groups = declared.groups()
    try:
        cloud.client("sts").get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        print(f"preflight: {name}: AWS does not say whose credentials these are: {error}")
        return 2
    rows = run(CHECKS, Plan.make(environment, groups, cloud, assembly), emulated=cloud.emulated)
    at = place.find(environment.name)
    print(at.carry(table(rows)) if at else table(rows))
    wrong = {row.name for row in rows if row.state is State.BAD}
    accepted = f"; taken as it is: {', '.join(sorted(despite & wrong))}" if despite & wrong else ""
    print(f"preflight: {name}: {count(rows)}, {time.monotonic() - started:.1f} s{accepted}")
    return 1 if wrong - despite else 0


if __name__ == "__main__":
    main()
