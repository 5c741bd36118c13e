"""`make smoke ENV=…`: prints the table of checks; status 1 when one is not good."""

import argparse
import json
import sys
import time

import boto3
import urllib3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from stacks.environments import ENVIRONMENTS
from stacks.registry.own import SMOKE
from tools import place
from tools.place import Place
from tools.smoke.checks import Smoke, Target
from tools.smoke.table import table

_CONFIG = Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 2})


def find(at: Place) -> Target:
    """What a caller of this environment reads before its first request. Exits naming what it cannot."""
    environment, name = at.environment, ""
    try:
        parameters = boto3.client("ssm", region_name=environment.region, config=_CONFIG).get_parameter
        addresses = []
        for name in map(environment.parameter, ("token-endpoint", "profiles-api-url")):
            addresses.append(parameters(Name=name)["Parameter"]["Value"])
        name = environment.credentials(SMOKE)
        secrets = boto3.client("secretsmanager", region_name=environment.region, config=_CONFIG)
        credentials = json.loads(secrets.get_secret_value(SecretId=name)["SecretString"])
        return Target(
            token_endpoint=addresses[0],
            api=addresses[1],
            resource_server=environment.resource_server,
            client_id=credentials["client_id"],
            client_secret=credentials["client_secret"],
        )
    except (ClientError, BotoCoreError) as error:
        reason = str(error)
    except (ValueError, KeyError, TypeError):
        reason = "is not JSON with client_id and client_secret"
    sys.exit(f"smoke: {at.name}: {name}: {reason}\n  see docs/runbook.md#smoke-credentials")


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
