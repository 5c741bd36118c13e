"""`make verify ENV=…`: prints the table of checks, and removes what it made; status 1 when one is not as we assume."""

import argparse
import json
import signal
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from tools import declared, place
from tools.check import elsewhere, run
from tools.cloud import Cloud
from tools.place import Place
from tools.preflight.plan import Plan
from tools.row import Row, State, as_json, count, judge, table
from tools.smoke.__main__ import find as find_target
from tools.synth import SynthesisError
from tools.verify import throwaway
from tools.verify.checks import CHECKS, Verification
from tools.verify.deployment import Deployment

_READ_ONLY = "not with READ_ONLY=yes"


def main() -> None:
    parser = argparse.ArgumentParser(prog="make verify ENV=…", description=__doc__)
    parser.add_argument("environment", nargs="?", default="")
    parser.add_argument("--read-only", action="store_true", help="change nothing: all that may be done in prod")
    parser.add_argument("--clients", type=int, default=30, help="how many throw-away clients at once (default 30)")
    parser.add_argument("--seconds", type=float, default=900, help="how long to wait for events (default 900)")
    parser.add_argument("--json", type=Path, help="write the rows to this file as well")
    arguments = parser.parse_args()
    at = place.find(arguments.environment)
    if at is None:
        sys.exit(f"verify: ENV={arguments.environment!r}: {place.EXPECTED}")
    if at.name == "prod" and not arguments.read_only:
        look = at.make("verify", READ_ONLY="yes")
        sys.exit(f"verify: prod: makes app clients for itself, so in prod it only looks: {look}")
    started = time.monotonic()
    try:
        deployment = connect(at, arguments)
    except (BotoCoreError, ClientError, SynthesisError) as error:
        sys.exit(f"verify: {at.name}: {error}")
    rows, stopped = verify(deployment)
    rows = [replace(row, fix=at.carry(row.fix)) for row in rows]
    print(table(rows))
    if arguments.json:
        arguments.json.write_text(json.dumps(as_json(rows), indent=2) + "\n")
    ended = ", stopped" if stopped else ""
    print(f"verify: {at.name}: {count(rows)}, {time.monotonic() - started:.0f} s{ended}")
    sys.exit(1 if stopped or any(row.state is State.BAD for row in rows) else 0)


def connect(at: Place, arguments: argparse.Namespace) -> Deployment:
    cloud = Cloud(region=at.environment.region, emulated=at.name == "local")
    plan = Plan.make(at.environment, declared.groups(), cloud)
    return Deployment(
        at=at,
        plan=plan,
        target=find_target(at),
        read_only=arguments.read_only,
        clients=arguments.clients,
        patience=arguments.seconds,
        pause=0.5 if cloud.emulated else 5,
    )


def verify(deployment: Deployment, checks: Iterable[Verification] = CHECKS) -> tuple[list[Row], bool]:
    """The rows, and whether a signal ended the run. Whatever happens, what the run made is removed."""
    rows: list[Row] = []
    emulated = deployment.plan.cloud.emulated

    def stop(_number: int, _frame: FrameType | None) -> None:
        deployment.stopped.set()

    kept = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        rows += run([_CLEAR], deployment, emulated=emulated)
        asked = [_restrained(check) if deployment.read_only and check.changes else check for check in checks]
        for greedy in (False, True):
            # Each waits for AWS most of its time, so all of them wait at the same time.
            together = [check for check in asked if check.greedy is greedy]
            if together and not deployment.stopped.is_set():
                rows += run(together, deployment, emulated=emulated, at_once=len(together))
    finally:
        try:
            if not deployment.read_only:
                rows.append(remove(deployment))
        finally:
            for number, handler in kept.items():
                signal.signal(number, handler)
    return rows, deployment.stopped.is_set()


def clear(deployment: Deployment) -> Iterator[Row]:
    """Remove what an earlier run left that was killed; with READ_ONLY=yes, name it."""
    left = throwaway.leftovers(deployment)
    stuck = left if deployment.read_only else throwaway.remove_all(deployment) if left else []
    removed = f"{len(left)} of an earlier run, {'still there' if deployment.read_only else 'removed'}"
    yield judge(
        "earlier runs",
        found="; ".join(stuck) if stuck and not deployment.read_only else removed if left else "left nothing",
        expected="nothing is left of an earlier run",
        good=not stuck,
        fix=deployment.at.make("verify"),
    )


_CLEAR: Final = Verification(name="earlier runs", expected="nothing is left of an earlier run", look=clear)


def remove(deployment: Deployment) -> Row:
    stuck = throwaway.remove_all(deployment)
    return judge(
        "clean up",
        found="; ".join(stuck) or "all that was made is removed",
        expected="all that was made is removed",
        good=not stuck,
        fix=f"{deployment.at.make('verify')}: a later run removes it",
    )


def _restrained(check: Verification) -> Verification:
    return Verification(
        name=check.name, expected=check.expected, look=lambda _: [elsewhere(check, _READ_ONLY)], changes=True
    )


if __name__ == "__main__":
    main()
