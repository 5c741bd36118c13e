"""`make credentials ENV=…`: waits until every app client's credentials work, and names those that do not.

It reads no secret. A rotation ends only after the token endpoint has given a token for the new secret, so a current
version that a rotation registered, with none pending, is a credential that works, as long as the tag, the value and the
user pool agree on whose it is: the rotation function, which reads values, says of each whether they do.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from stacks import registry
from stacks.environments import Environment
from tools import app_clients, declared, deployed, place, refusal
from tools.deployed import Standing
from tools.place import Place
from tools.progress import Progress
from tools.resumption import UNENDED, Resumption, seconds_for

REGISTERED: Final = "registered-beside:"
"""How a label begins that the rotation puts on each version whose value it registers with Cognito."""

Describe = Callable[..., Mapping[str, Any]]


def unready(at: Place, names: list[str], describe: Describe) -> Iterator[tuple[str, str]]:
    """Each app client whose credentials do not work yet, and why as far as Secrets Manager tells.

    Raises ClientError for what no waiting changes.
    """
    for name in names:
        secret = at.environment.credentials(name)
        try:
            found = describe(SecretId=secret)
        except ClientError as error:
            if not refusal.passes(error):
                raise
            yield name, f"{secret}: {error.response['Error'].get('Message') or refusal.code(error)}"
            continue
        if "DeletedDate" in found:
            yield name, scheduled(at, secret)
            continue
        if why := _unrotated(found):
            log = at.environment.stack("rotation")
            yield name, f"{secret}: {why}; see the log of {log}, then {at.make('rotate', CLIENT=name)}"


def _unrotated(found: Mapping[str, Any]) -> str | None:
    """Why a rotation is missing, from DescribeSecret."""
    labelled = found.get("VersionIdsToStages", {}).values()
    current: list[str] = next((labels for labels in labelled if "AWSCURRENT" in labels), [])
    if not found.get("RotationEnabled"):  # first: without rotation, LastRotatedDate is null
        return "its rotation was cancelled"
    if not found.get("LastRotatedDate") or any("AWSPENDING" in each for each in labelled if each is not current):
        return UNENDED
    if not any(label.startswith(REGISTERED) for label in current):
        return "its current value was written or restored since its last rotation"
    return None


def scheduled(at: Place, secret: str) -> str:
    """What to do about a secret that somebody deleted by hand; CloudFormation itself deletes at once.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-restore-secret.html
    """
    restore = at.aws("secretsmanager", "restore-secret", "--secret-id", secret)
    anew = at.aws("secretsmanager", "delete-secret", "--secret-id", secret, "--force-delete-without-recovery")
    made_anew = f"or, for a client to be made anew: {anew}, then deploy again"
    return f"{secret}: it is scheduled for deletion; {restore}; {made_anew}"


def ready(environment: Environment, clients: list[registry.AppClient]) -> str:
    """What is true once every client's rotation has ended: a suspended one's has, too, and it gets no token."""
    suspended = [client.name for client in clients if client.environments[environment.name].suspended]
    if not suspended:
        return f"all {len(clients)} app clients of {environment.name} can get tokens"
    counted = f"{len(clients) - len(suspended)} of {len(clients)} app clients of {environment.name}"
    return f"{counted} can get tokens; suspended: {', '.join(suspended)}"


def strangers(at: Place, names: list[str], describe: Describe, ids: app_clients.Ids) -> Iterator[tuple[str, str]]:
    """Each app client whose secret is for another than the user pool has, and both ids. Raises ClientError."""
    for name in names:
        try:
            found = describe(SecretId=at.environment.credentials(name))
        except ClientError as error:
            if not refusal.passes(error):
                raise
            continue  # it is waited for
        if "DeletedDate" not in found:  # what is to be done about that comes first
            yield from ((name, why) for why in app_clients.differing(at, name, found, ids))


def wait(
    at: Place,
    names: list[str],
    describe: Describe,
    seconds: float | None,
    progress: Progress,
    resumption: Resumption | None = None,
) -> list[tuple[str, str]]:
    """Ask until none is left or the time is over; those that are left, and why. Raises ClientError.

    Without `seconds`, as long as the rotations of those may take that are waited for at first.
    """
    started = time.monotonic()
    waiting = list(unready(at, names, describe))
    deadline = started + (seconds_for(len(waiting)) if seconds is None else seconds)
    while waiting and time.monotonic() <= deadline:
        progress.show(dict(waiting), len(names))
        if resumption:
            resumption.look(dict(waiting))
        time.sleep(1)
        waiting = list(unready(at, [name for name, _ in waiting], describe))
    progress.end(dict(waiting))
    return waiting


def _without(names: list[str], told: list[tuple[str, str]]) -> list[str]:
    """The app clients of which nothing is told yet."""
    left_out = dict(told)
    return [name for name in names if name not in left_out]


def undeclared(at: Place, standing: Standing, owners: Mapping[str, str]) -> Iterator[str]:
    """The app clients that are deployed and no longer declared, and whom to ask about each."""
    if standing.undeclared:
        yield f"credentials: {len(standing.undeclared)} deployed and not declared, which keep their access:"
    for name in standing.undeclared:
        fix = "make up" if at.endpoint else at.make("deploy")
        yield f"{name}: {at.environment.credentials(name)}: owner {owners[name] or 'unknown'}; {fix} ends it"


def main() -> None:
    parser = argparse.ArgumentParser(prog="make credentials ENV=…", description=__doc__)
    parser.add_argument("environment")
    parser.add_argument("--seconds", type=float, help="how long to wait (default 180 for every ten that are not ready)")
    parser.add_argument(
        "--pace",
        type=float,
        default=60,
        help="seconds without one more, until rotations are started again (default 60)",
    )
    arguments = parser.parse_args()
    at = place.find(arguments.environment)
    if at is None:
        sys.exit(f"credentials: ENV={arguments.environment!r}: {place.EXPECTED}")
    environment = at.environment
    groups = declared.groups()
    clients = [client for group in groups for client in group.clients_in(environment.name)]
    names = [client.name for client in clients]
    try:
        session = boto3.Session(region_name=environment.region)
        secrets = session.client("secretsmanager")
        ids = app_clients.listed(at, session)
        # No waiting changes these.
        lost = list(strangers(at, names, secrets.describe_secret, ids)) if ids is not None else []
        resumption = Resumption(at, secrets.rotate_secret, sys.stderr.write, arguments.pace)
        known = _without(names, lost)
        progress = Progress(sys.stderr)
        waiting = lost + wait(at, known, secrets.describe_secret, arguments.seconds, progress, resumption)
        waiting += app_clients.compare(at, session, _without(names, waiting)).items()
        owners = deployed.owners(secrets, environment)
    except ClientError as error:
        sys.exit(f"credentials: {refusal.explain(error, at, at.make('credentials'))}")
    except (BotoCoreError, RuntimeError) as error:
        sys.exit(f"credentials: {error}")
    problems = list(undeclared(at, deployed.compare(groups, environment, (), owners), owners))
    if waiting:
        told = [f"{name}: {why}" for name, why in waiting]
        problems = [f"credentials: {len(waiting)} of {len(names)} app clients are not ready:", *told, *problems]
    if problems:
        sys.exit("\n".join(problems))
    print(f"credentials: {ready(environment, clients)}")


if __name__ == "__main__":
    main()
