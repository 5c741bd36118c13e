"""`make rotate CLIENT=… ENV=…`: rotates one app client's secret now. The previous one works until the next rotation."""

import argparse
import sys

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from stacks import registry
from stacks.environments import ENVIRONMENTS

# How RotateSecret answers when an earlier rotation has not ended, although it starts that one again.
_AGAIN = "rotation will be reattempted"


def main() -> None:
    known = {environment.name: environment for environment in ENVIRONMENTS}
    parser = argparse.ArgumentParser(prog="make rotate CLIENT=… ENV=…", description=__doc__)
    parser.add_argument("client")
    parser.add_argument("environment")
    arguments = parser.parse_args()
    problems = []
    environment = known.get(arguments.environment)
    if environment is None:
        problems.append(f"ENV={arguments.environment!r}: expected {', '.join(known)}, or local")
    groups = registry.load()
    there = [group.clients_in(environment.name) if environment else group.clients for group in groups]
    names = sorted(client.name for clients in there for client in clients)
    if arguments.client not in names:
        problems.append(f"CLIENT={arguments.client!r}: expected one of {', '.join(names)}")
    if environment is None or problems:
        sys.exit("\n".join(f"rotate: {problem}" for problem in problems))
    secret = environment.credentials(arguments.client)
    try:
        boto3.client("secretsmanager", region_name=environment.region).rotate_secret(SecretId=secret)
    except (BotoCoreError, ClientError) as error:
        if _AGAIN not in str(error):
            sys.exit(f"rotate: {secret}: {error}")
    print(f"rotate: {secret} is being rotated; `make credentials ENV={environment.name}` tells when it is done")


if __name__ == "__main__":
    main()
