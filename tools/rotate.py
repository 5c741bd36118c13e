"""`make rotate CLIENT=… ENV=…`: rotates one app client's secret now. The previous one works until the next rotation.

It asks what is deployed, never the registry: it works in an emergency, whatever somebody is editing.
"""

import argparse
import sys
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from tools import deployed, place, refusal
from tools.place import Place

# How RotateSecret answers when an earlier rotation has not ended, although it starts that one again.
_AGAIN = "rotation will be reattempted"


def main() -> None:
    parser = argparse.ArgumentParser(prog="make rotate CLIENT=… ENV=…", description=__doc__)
    parser.add_argument("client")
    parser.add_argument("environment")
    arguments = parser.parse_args()
    at = place.find(arguments.environment)
    if at is None:
        sys.exit(f"rotate: ENV={arguments.environment!r}: {place.EXPECTED}")
    try:
        rotate(boto3.client("secretsmanager", region_name=at.environment.region), at, arguments.client)
    except ClientError as error:
        sys.exit(f"rotate: {refusal.explain(error, at, at.make('rotate', CLIENT=arguments.client))}")
    except BotoCoreError as error:
        sys.exit(f"rotate: {error}")
    secret = at.environment.credentials(arguments.client)
    print(f"rotate: {secret} is being rotated; `{at.make('credentials')}` tells when it is done")


def rotate(secrets: Any, at: Place, client: str) -> None:
    """Begin a rotation, or go on with one. Exits naming the clients that there are, when it is none of them."""
    try:
        secrets.rotate_secret(SecretId=at.environment.credentials(client))
    except ClientError as error:
        if _AGAIN in str(error):
            return
        if refusal.concerns_caller(error) or client in (names := deployed.secrets(secrets, at.environment)):
            raise
        expected = f"expected one of {', '.join(names)}" if names else f"no app client is deployed in {at.name}"
        sys.exit(f"rotate: CLIENT={client!r}: {expected}")


if __name__ == "__main__":
    main()
