"""`python -m tools.adopt ENV MAP [--align]`: compare, import, deploy, and prove that nothing was left different."""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import boto3
from aws_cdk import cx_api
from botocore.exceptions import BotoCoreError, ClientError

from lambdas.rotation.token_endpoint import OAuthTokenEndpoint
from stacks.environments import ENVIRONMENTS
from tools.adopt import difference, live, managed
from tools.adopt.cloud import Cloud
from tools.adopt.difference import Difference
from tools.adopt.plan import CLIENT, Adopted, AdoptionError, plan, read
from tools.place import Place

_OF_AGE: Final = timedelta(minutes=3)
"""More than the rotation allows between an app client and its credentials, by as much as clocks may differ."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="make adopt", description=__doc__)
    parser.add_argument("environment", choices=[environment.name for environment in ENVIRONMENTS])
    parser.add_argument("map", type=Path, help="YAML: the user pool's id, and each client's id by its name")
    parser.add_argument("--align", action="store_true", help="give what exists the template's values first")
    parser.add_argument(
        "--take-over", action="store_true", help="take app clients over whose secret Cognito keeps itself, in steps"
    )
    options = parser.parse_args()
    try:
        adopt(options.environment, options.map, align=options.align, take_over=options.take_over)
    except (AdoptionError, BotoCoreError, ClientError, OSError) as error:
        sys.exit(f"adopt: {error}")


def adopt(name: str, path: Path, *, align: bool, take_over: bool = False) -> None:
    """Bring what `path` names into the stacks of one environment. Raises AdoptionError before anything is imported."""
    environment = next(each for each in ENVIRONMENTS if each.name == name)
    with tempfile.TemporaryDirectory() as directory:
        session = boto3.Session(region_name=environment.region)
        cognito, secrets = session.client("cognito-idp"), session.client("secretsmanager")
        existing = read(path)
        cloud = Cloud.synthesize(directory, session.client("cloudformation"))
        adopted = plan(cx_api.CloudAssembly(directory).get_nested_assembly(f"assembly-{name}"), existing)
        kept = managed.arns(cognito, adopted)
        if kept and not take_over:
            raise AdoptionError("\n".join(["nothing was changed:", *managed.offer(kept)]))
        managed.hold(secrets, kept)
        require_room(cognito, cloud, adopted, kept, Place(environment=environment))
        require_own_names(cognito, adopted)
        _require_same(cognito, adopted, align=align)
        wait_for_age(cognito, adopted)
        cloud.adopt(adopted)
        cloud.cdk("deploy", "--require-approval=never", f"{name}/*")
        _require_same(cognito, adopted, align=False)
        if drifted := cloud.drifted(sorted({each.stack_name for each in adopted})):
            raise AdoptionError("\n".join(drifted))
        cloud.cdk("diff", "--method=template", "--fail", f"{name}/*")
        if take_over:
            parameter = session.client("ssm").get_parameter(Name=environment.parameter("token-endpoint"))["Parameter"]
            endpoint = OAuthTokenEndpoint(parameter["Value"])
            clients = (each for each in adopted if each.type == CLIENT)
            steps = (
                managed.TakeOver(cognito, secrets, endpoint, Place(environment=environment), each).advance()
                for each in clients
            )
            if next_steps := [step for step in steps if step]:
                raise AdoptionError("\n".join(["adopted, and not over yet:", *next_steps]))
    print(f"{len(adopted)} resources adopted; they are what the templates say, and a deploy would change nothing")


def require_room(cognito: Any, cloud: Cloud, adopted: list[Adopted], kept: Mapping[str, str], at: Place) -> None:
    """Raises AdoptionError for clients with two secrets already, which are all that Cognito takes.

    The first rotation registers ours, and would delete the older of two, which callers may use, to make room. A client
    that its stack holds already has ours. Of `kept`, whose secrets Cognito keeps, a person knows which is the older.
    """
    present = {name: cloud.resources(name) for name in {each.stack_name for each in adopted}}
    full = [
        f"{each.name}: {managed.full(at, each.identifier, live.listed(cognito, each.identifier))}"
        if each.name in kept
        else f"{each.name}: has two secrets, and the first rotation would delete the older one, whoever uses it: see "
        "which one callers use, and delete the other (docs/adopting.md)"
        for each in adopted
        if each.type == CLIENT
        and each.logical_id not in present[each.stack_name]
        and len(live.secrets(cognito, each.identifier)) > 1
    ]
    if full:
        raise AdoptionError("\n".join(["nothing was changed:", *full]))


def require_own_names(cognito: Any, adopted: Iterable[Adopted]) -> None:
    """Raises AdoptionError for names that another app client of the pool has too: their rotations would be refused."""
    wanted = {each.wanted["ClientName"]: each for each in adopted if each.type == CLIENT}
    pools = {each.identifier["UserPoolId"] for each in wanted.values()}
    taken = [
        f"{wanted[found['ClientName']].name}: the pool has {found['ClientName']} as {found['ClientId']} too: "
        "rename or delete the one that is not adopted"
        for pool in sorted(pools)
        for page in cognito.get_paginator("list_user_pool_clients").paginate(UserPoolId=pool)
        for found in page["UserPoolClients"]
        if found["ClientName"] in wanted and found["ClientId"] != wanted[found["ClientName"]].identifier["ClientId"]
    ]
    if taken:
        raise AdoptionError("\n".join(["nothing was changed:", *taken]))


def wait_for_age(cognito: Any, adopted: Iterable[Adopted]) -> None:
    """Wait until no app client's secret is so young that the rotation would take it for one that nobody was given yet.

    lambdas/rotation/rotation.py takes two minutes for that, and ends such a secret with the first rotation.
    """
    made = [made for each in adopted if each.type == CLIENT for made in live.secrets(cognito, each.identifier)]
    if made and (left := (max(made) + _OF_AGE - datetime.now(UTC)).total_seconds()) > 0:
        print(
            f"an app client was made a moment ago: waiting {left:.0f} s, so that its secret is known for its callers'"
        )
        time.sleep(left)


def _require_same(cognito: object, adopted: list[Adopted], *, align: bool) -> None:
    found = _differences(cognito, adopted)
    for line in found:
        print(line)
    if any(each.stops for each in found):
        raise AdoptionError("nothing was changed: mend what stops the adoption (docs/adopting.md)")
    if found and not align:
        raise AdoptionError("nothing was changed: ALIGN=yes gives what exists the template's values, and adopts it")
    if found:
        names = {each.name for each in found}
        for resource in adopted:
            if resource.name in names:
                live.align(cognito, resource)
        if left := _differences(cognito, adopted):
            raise AdoptionError("\n".join(["still different after aligning:", *map(str, left)]))


def _differences(cognito: object, adopted: list[Adopted]) -> list[Difference]:
    return [
        found for resource in adopted for found in difference.differences(resource, live.describe(cognito, resource))
    ]


if __name__ == "__main__":
    main()
