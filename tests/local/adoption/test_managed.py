"""A client made in today's console, whose secret Cognito keeps: named before anything is changed, and taken over."""

import json
import sys
from typing import Any, Final

from local.emulator import process
from local.emulator.key import ACCOUNT
from stacks.registry.own import SMOKE
from tests.local.adoption.conftest import Account, token

PUBLISH: Final = "PublishSecretsInAWSSecretsManager"
SETTINGS: Final = (
    "ClientName", "AllowedOAuthFlows", "AllowedOAuthFlowsUserPoolClient", "AllowedOAuthScopes", "ExplicitAuthFlows",
    "PreventUserExistenceErrors", "EnableTokenRevocation", "AccessTokenValidity", "TokenValidityUnits",
)  # fmt: skip


def set_publishing(account: Account, names: dict[str, str], *, wanted: bool) -> None:
    """What a person does: all that the client has, and this one setting."""
    cognito = account.client("cognito-idp")
    shown = cognito.describe_user_pool_client(**names)["UserPoolClient"]
    kept = {name: shown[name] for name in SETTINGS if shown.get(name) is not None}
    cognito.update_user_pool_client(**names, **kept, **{PUBLISH: wanted})


def read(account: Account, arn: str) -> str:
    stored = json.loads(account.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])
    return str(stored["clientSecretValue"])


def test_a_managed_client_is_named_and_taken_over_in_steps_and_no_step_sends_false(account: Account) -> None:
    cognito = account.client("cognito-idp")
    client_id, _ = account.credentials[SMOKE]
    names = {"UserPoolId": account.user_pool, "ClientId": client_id}
    set_publishing(account, names, wanted=True)
    shown: dict[str, Any] = cognito.describe_user_pool_client(**names)["UserPoolClient"]
    arn = shown["ClientSecretArn"]
    assert account.cdk("bootstrap", f"aws://{ACCOUNT}/{process.REGION}").returncode == 0

    refused = account.adopt("--align")
    said = refused.stdout + refused.stderr
    assert refused.returncode == 1
    assert f"UserPoolClient {client_id}: Cognito keeps and rotates its secret itself, in {arn}" in said
    assert "replace" not in said
    assert "take it out of the map" in said
    assert "TAKE_OVER=yes" in said
    assert cognito.describe_user_pool_client(**names)["UserPoolClient"] == shown

    full = account.adopt("--align", "--take-over")
    assert full.returncode == 1
    older, newer = (each["ClientSecretId"] for each in cognito.list_user_pool_client_secrets(**names)["ClientSecrets"])
    assert f"--client-secret-id {older}" in full.stderr
    assert newer not in full.stderr
    cognito.delete_user_pool_client_secret(**names, ClientSecretId=older)

    both = account.adopt("--align", "--take-over")
    assert f"otto/dev/clients/{SMOKE} and {arn} both work now" in both.stderr, both.stdout + both.stderr
    ours = json.loads(
        account.client("secretsmanager").get_secret_value(SecretId=f"otto/dev/clients/{SMOKE}")["SecretString"]
    )
    for secret in (ours["client_secret"], read(account, arn)):
        assert token(account, client_id, secret)["client_id"] == client_id
    assert account.adopt("--align").returncode == 1, "still managed, which is said as at first"

    set_publishing(account, names, wanted=False)
    over = account.adopt("--align", "--take-over")
    assert over.returncode == 0, over.stdout + over.stderr
    ready = account.run(sys.executable, "-m", "tools.credentials", "dev")
    assert ready.returncode == 0, ready.stderr
    assert token(account, client_id, ours["client_secret"])["client_id"] == client_id
    assert account.cdk("diff", "--method=template", "--fail", "dev/*").returncode == 0
