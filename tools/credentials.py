"""`make credentials ENV=…`: waits until every app client's credentials work, and names those that do not.

It reads no secret. A rotation ends only after the token endpoint has given a token for the new secret, so a secret
whose rotation has ended is a credential that works.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from stacks import registry
from stacks.environments import ENVIRONMENTS, Environment


def unready(environment: Environment, names: list[str], describe: Callable[..., Mapping[str, Any]]) -> Iterator[str]:
    """Each app client whose credentials do not work yet, and why as far as Secrets Manager tells."""
    for name in names:
        secret = environment.credentials(name)
        try:
            found = describe(SecretId=secret)
        except ClientError as error:
            yield f"{name}: {secret}: {error.response['Error'].get('Message') or error.response['Error']['Code']}"
            continue
        if "DeletedDate" in found:
            yield f"{name}: {scheduled(secret)}"
            continue
        stages = found.get("VersionIdsToStages", {}).values()
        if not found.get("LastRotatedDate") or any(
            "AWSPENDING" in stage and "AWSCURRENT" not in stage for stage in stages
        ):
            yield (
                f"{name}: {secret}: its rotation has not ended; see the log of {environment.stack('rotation')}, "
                f"then make rotate CLIENT={name} ENV={environment.name}"
            )


def scheduled(secret: str) -> str:
    """What to do about a secret that somebody deleted by hand; CloudFormation itself deletes at once.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-restore-secret.html
    """
    mend = f"aws secretsmanager restore-secret --secret-id {secret}"
    anew = f"aws secretsmanager delete-secret --secret-id {secret} --force-delete-without-recovery"
    return (
        f"{secret}: it is scheduled for deletion; {mend}; or, for a client to be made anew: {anew}, then deploy again"
    )


def main() -> None:
    known = {environment.name: environment for environment in ENVIRONMENTS}
    parser = argparse.ArgumentParser(prog="make credentials ENV=…", description=__doc__)
    parser.add_argument("environment")
    parser.add_argument("--seconds", type=float, default=180, help="how long to wait (default 180)")
    arguments = parser.parse_args()
    if arguments.environment not in known:
        sys.exit(f"credentials: ENV={arguments.environment!r}: expected {', '.join(known)}, or local")
    environment = known[arguments.environment]
    names = [client.name for group in registry.load() for client in group.clients_in(environment.name)]
    deadline = time.monotonic() + arguments.seconds
    try:
        describe = boto3.client("secretsmanager", region_name=environment.region).describe_secret
        while waiting := list(unready(environment, names, describe)):
            if time.monotonic() > deadline:
                sys.exit(
                    "\n".join([f"credentials: {len(waiting)} of {len(names)} app clients cannot get tokens:", *waiting])
                )
            time.sleep(1)
    except BotoCoreError as error:
        sys.exit(f"credentials: {error}")
    print(f"credentials: all {len(names)} app clients of {environment.name} can get tokens")


if __name__ == "__main__":
    main()
