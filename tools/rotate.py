"""`make rotate CLIENT=… ENV=…`: rotates one app client's secret now. The previous one works until the next rotation."""

import argparse
import sys

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from stacks import registry
from stacks.environments import ENVIRONMENTS


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
    clients = {client.name for group in registry.load() for client in group.clients}
    names = sorted(clients)
    if arguments.client not in clients:
        problems.append(f"CLIENT={arguments.client!r}: expected one of {', '.join(names)}")
    if environment is None or problems:
        sys.exit("\n".join(f"rotate: {problem}" for problem in problems))
    secret = environment.credentials(arguments.client)
    try:
        boto3.client("secretsmanager", region_name=environment.region).rotate_secret(SecretId=secret)
    except (BotoCoreError, ClientError) as error:
        sys.exit(f"rotate: {secret}: {error}")
    print(f"rotate: {secret} is being rotated; `make credentials ENV={environment.name}` tells when it is done")


if __name__ == "__main__":
    main()
