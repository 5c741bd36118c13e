"""The rotation function and the secrets that it makes."""

import base64
import json
import time
from collections.abc import Iterator
from typing import Final

from stacks import scopes
from stacks.registry.own import SMOKE
from tools.credentials import unready
from tools.resumption import Resumption, seconds_for
from tools.row import Row, judge
from tools.verify import throwaway
from tools.verify.deployment import Deployment, error_code

_RUNBOOK: Final = "docs/runbook.md#rotation-failed"
_SUSPENDED: Final = {"unauthorized_client", "invalid_grant", "invalid_scope", "unsupported_grant_type", "access_denied"}
"""What the rotation function takes for an app client that is known and may have no token."""


def look_at_sdk(deployment: Deployment) -> Iterator[Row]:
    name = deployment.physical("rotation", "AWS::Lambda::Function", "Handler")
    answer = deployment.client("lambda").invoke(FunctionName=name, Payload=json.dumps({"Step": "version"}))
    told = json.loads(answer["Payload"].read())
    knows = isinstance(told, dict) and told.get("add_user_pool_client_secret") is True
    yield judge(
        "sdk",
        found=f"boto3 {told['boto3']}, {'knows' if knows else 'does not know'} AddUserPoolClientSecret"
        if isinstance(told, dict) and "boto3" in told
        else "the function does not tell",
        expected="the runtime's boto3 knows AddUserPoolClientSecret",
        good=knows,
        fix="ship boto3 with the rotation function: no app client gets credentials without that call",
    )


def look_at_secrets(deployment: Deployment) -> Iterator[Row]:
    """Two rows of the client `smoke`: what Cognito lists after a rotation, and what it still shows."""
    asked = {"UserPoolId": deployment.user_pool, "ClientId": deployment.target.credentials.client_id}
    users = deployment.client("cognito-idp")
    listed = users.list_user_pool_client_secrets(**asked)["ClientSecrets"]
    whole = [each for each in listed if each.get("ClientSecretId") and each.get("ClientSecretCreateDate")]
    registered = not list(unready(deployment.at, [SMOKE], deployment.client("secretsmanager").describe_secret))
    yield judge(
        "secrets",
        found=f"{len(listed)} listed, {len(whole)} with id and date; "
        f"the current one is {'registered' if registered else 'not registered'}",
        expected="1, or 2 after a second rotation, with id and date; the current one registered",
        good=len(listed) == len(whole) in (1, 2) and registered,
        fix=_RUNBOOK,
    )
    shown = "ClientSecret" in users.describe_user_pool_client(**asked)["UserPoolClient"]
    yield judge(
        "described secret",
        found=f"DescribeUserPoolClient shows {'a secret' if shown else 'no secret'} after a rotation",
        expected="either: recorded, for nothing rests on it",
        good=True,
        fix="",
    )


def look_at_many(deployment: Deployment) -> Iterator[Row]:
    """As a first deploy of a large group: all rotations at once."""
    name = deployment.physical("rotation", "AWS::Lambda::Function", "Handler")
    function = deployment.client("lambda").get_function_configuration(FunctionName=name)["FunctionArn"]
    clients = [throwaway.create(deployment) for _ in range(deployment.clients)]
    started = time.monotonic()
    for client in clients:
        throwaway.start_rotation(deployment, client, function)
    manager = deployment.client("secretsmanager")
    refused: list[str] = []
    resumption = Resumption(deployment.at, manager.rotate_secret, refused.append)
    waiting = {client.name: "" for client in clients}

    def all_ready() -> bool:
        """As `make credentials` waits: what was given up is started again."""
        still = dict(unready(deployment.at, list(waiting), manager.describe_secret))
        resumption.look(still)
        waiting.clear()
        waiting.update(still)
        return not waiting

    allowed = seconds_for(len(clients))
    deployment.poll(all_ready, allowed)
    yield judge(
        "many clients",
        found="; ".join(
            [f"{len(clients) - len(waiting)} of {len(clients)} after {time.monotonic() - started:.0f} s", *refused]
        ),
        expected=f"{len(clients)} new clients have credentials in {allowed:.0f} s",
        good=not waiting,
        fix=_RUNBOOK,
    )


def look_at_wrong_secret(deployment: Deployment) -> Iterator[Row]:
    answer = deployment.request_token(deployment.target.credentials.client_id, "wrong")
    told = f"{answer.status} {error_code(answer)}"
    yield judge(
        "wrong secret",
        found=told,
        expected="400 or 401 invalid_client",
        good=told in ("400 invalid_client", "401 invalid_client"),
        fix="lambdas/rotation/token_endpoint.py judges secrets by this answer",
    )


def look_at_suspended(deployment: Deployment) -> Iterator[Row]:
    """Take a client's access away as the runbook does, and ask at once."""
    client = throwaway.create(deployment)
    before = deployment.request_token(client.client_id, client.secret).status
    throwaway.suspend(deployment, client)
    answer = deployment.request_token(client.client_id, client.secret)
    code = error_code(answer)
    yield judge(
        "suspended client",
        found=f"{before}, then {answer.status} {code}",
        expected="200, then an error that is not invalid_client",
        good=before == 200 and answer.status in (400, 401, 403) and code in _SUSPENDED,
        fix="lambdas/rotation/token_endpoint.py judges by it; docs/runbook.md says that access ends at once",
    )


def look_at_issuer(deployment: Deployment) -> Iterator[Row]:
    """Compare the issuer in a token, which whoever verifies it knows beforehand, with the one that is published."""
    name = deployment.environment.parameter("issuer")
    published = deployment.client("ssm").get_parameter(Name=name)["Parameter"]["Value"]
    claims = deployment.smoke_token(scopes.READ).split(".")[1]
    issuer = json.loads(base64.urlsafe_b64decode(f"{claims}=="))["iss"]
    pool = deployment.client("cognito-idp").describe_user_pool(UserPoolId=deployment.user_pool)["UserPool"]
    kind = pool.get("IssuerConfiguration", {}).get("Type", "none told")
    yield judge(
        "issuer",
        found=f"{issuer}; the pool's type of issuer: {kind}",
        expected=str(published),
        good=issuer == published,
        fix=f"{name} says another: no service that verifies tokens takes them",
    )
