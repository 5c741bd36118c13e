"""`make credentials ENV=…`: waits until every app client's credentials work, and names those that do not.

It reads no secret. A rotation ends only after the token endpoint has given a token for the new secret, so a current
version that a rotation registered, with none pending, is a credential that works.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from stacks import registry
from stacks.environments import ENVIRONMENTS, Environment

REGISTERED: Final = "registered-beside:"
"""How a label begins that the rotation puts on each version whose value it registers with Cognito."""


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
        if why := _unrotated(found):
            yield (
                f"{name}: {secret}: {why}; see the log of {environment.stack('rotation')}, "
                f"then make rotate CLIENT={name} ENV={environment.name}"
            )


def _unrotated(found: Mapping[str, Any]) -> str | None:
    """Why a rotation is missing, from DescribeSecret."""
    labelled = found.get("VersionIdsToStages", {}).values()
    current: list[str] = next((labels for labels in labelled if "AWSCURRENT" in labels), [])
    if not found.get("RotationEnabled"):  # first: without rotation, LastRotatedDate is null
        return "its rotation was cancelled"
    if not found.get("LastRotatedDate") or any("AWSPENDING" in each for each in labelled if each is not current):
        return "its rotation has not ended"
    if not any(label.startswith(REGISTERED) for label in current):
        return "its current value was written or restored since its last rotation"
    return None


def scheduled(secret: str) -> str:
    """What to do about a secret that somebody deleted by hand; CloudFormation itself deletes at once.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-restore-secret.html
    """
    mend = f"aws secretsmanager restore-secret --secret-id {secret}"
    anew = f"aws secretsmanager delete-secret --secret-id {secret} --force-delete-without-recovery"
    return (
        f"{secret}: it is scheduled for deletion; {mend}; or, for a client to be made anew: {anew}, then deploy again"
    )


def ready(environment: Environment, clients: list[registry.AppClient]) -> str:
    """What is true once every client's rotation has ended: a suspended one's has, too, and it gets no token."""
    suspended = [client.name for client in clients if client.environments[environment.name].suspended]
    if not suspended:
        return f"all {len(clients)} app clients of {environment.name} can get tokens"
    counted = f"{len(clients) - len(suspended)} of {len(clients)} app clients of {environment.name}"
    return f"{counted} can get tokens; suspended: {', '.join(suspended)}"


def main() -> None:
    known = {environment.name: environment for environment in ENVIRONMENTS}
    parser = argparse.ArgumentParser(prog="make credentials ENV=…", description=__doc__)
    parser.add_argument("environment")
    parser.add_argument("--seconds", type=float, default=180, help="how long to wait (default 180)")
    arguments = parser.parse_args()
    if arguments.environment not in known:
        sys.exit(f"credentials: ENV={arguments.environment!r}: expected {', '.join(known)}, or local")
    environment = known[arguments.environment]
    clients = [client for group in registry.load() for client in group.clients_in(environment.name)]
    names = [client.name for client in clients]
    deadline = time.monotonic() + arguments.seconds
    try:
        describe = boto3.client("secretsmanager", region_name=environment.region).describe_secret
        while waiting := list(unready(environment, names, describe)):
            if time.monotonic() > deadline:
                sys.exit(
                    "\n".join([f"credentials: {len(waiting)} of {len(names)} app clients are not ready:", *waiting])
                )
            time.sleep(1)
    except BotoCoreError as error:
        sys.exit(f"credentials: {error}")
    print(f"credentials: {ready(environment, clients)}")


if __name__ == "__main__":
    main()
