"""`make smoke ENV=…`: prints the table of checks; status 1 when one is not good."""

import argparse
import sys
import time

import urllib3

from otto_m2m.aws import Platform
from otto_m2m.errors import TokenError
from stacks.environments import ENVIRONMENTS
from stacks.registry.own import SMOKE
from tools import place
from tools.place import Place
from tools.smoke.checks import Smoke, Target
from tools.smoke.table import table


def find(at: Place) -> Target:
    """Read what a caller of this environment reads before its first request. Exits naming what it cannot."""
    environment = at.environment
    platform = Platform(environment.name, SMOKE, environment.region)
    try:
        return Target(
            token_endpoint=platform.read_address("token-endpoint"),
            api=platform.read_address("profiles-api-url"),
            resource_server=environment.resource_server,
            credentials=platform.read_credentials(),
        )
    except TokenError as error:
        sys.exit(f"smoke: {at.name}: {error}\n  see docs/runbook.md#smoke-credentials")


def main() -> None:
    parser = argparse.ArgumentParser(prog="make smoke ENV=…", description=__doc__)
    parser.add_argument("environment", nargs="?", default="")
    at = place.find(parser.parse_args().environment)
    if at is None:
        sys.exit(f"smoke: expected ENV={', ENV='.join(each.name for each in ENVIRONMENTS)}, or ENV=local")
    started = time.monotonic()
    target = find(at)
    smoke = Smoke(target, urllib3.PoolManager())
    interrupted = ""
    try:
        smoke.run()
    except KeyboardInterrupt:
        interrupted = ", interrupted"
    good = sum(check.good for check in smoke.checks)
    print(table(smoke.checks))
    took = f"{time.monotonic() - started:.1f} s"
    print(f"smoke: {at.name}: {good} of {len(smoke.checks)} checks are good, {took}{interrupted}")
    sys.exit(0 if good == len(smoke.checks) and not interrupted else 1)


if __name__ == "__main__":
    main()
