"""Adoption with the real CDK CLI on the emulator: the same ids and secrets get tokens, and nothing has drifted."""

import json
import re
import sys

from local.emulator import process
from local.emulator.key import ACCOUNT
from stacks.registry.own import SMOKE
from tests.local.adoption.conftest import SCOPES, SERVER, Account, token
from tools.adopt.cloud import Cloud


def granted(account: Account) -> dict[str, tuple[str, list[str]]]:
    """For each client, the id and the scopes in the token that its old credentials get."""
    found = {}
    for name, (client_id, secret) in account.credentials.items():
        claims = token(account, client_id, secret)
        found[name] = (claims["client_id"], sorted(claims["scope"].split()))
    return found


def test_adopted_clients_keep_ids_and_secrets_and_nothing_is_left_to_change(account: Account) -> None:
    before = granted(account)
    assert before == {
        name: (account.credentials[name][0], [f"{SERVER}/{scope}" for scope in scopes])
        for name, scopes in SCOPES.items()
    }
    # A named environment: for any other, the CLI synthesizes to find out which there are.
    assert account.cdk("bootstrap", f"aws://{ACCOUNT}/{process.REGION}").returncode == 0

    refused = account.adopt()
    assert refused.returncode == 1
    assert refused.stderr.splitlines() == [
        "adopt: nothing was changed: ALIGN=yes gives what exists the template's values, and adopts it"
    ]
    client_id = account.credentials[SMOKE][0]
    assert (
        f"UserPoolClient {client_id}: ExplicitAuthFlows: "
        'is ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"], the template says ["ALLOW_REFRESH_TOKEN_AUTH"]'
    ) in refused.stdout.splitlines()
    names = {stack["StackName"] for stack in account.client("cloudformation").describe_stacks()["Stacks"]}
    assert names == {"CDKToolkit"}

    adopted = account.adopt("--align")
    assert adopted.returncode == 0, adopted.stdout + adopted.stderr
    assert granted(account) == before
    for _, secret in account.credentials.values():
        assert secret not in adopted.stdout + adopted.stderr

    diff = account.cdk("diff", "--method=template", "--fail", "dev/*")
    assert diff.returncode == 0, diff.stdout + diff.stderr
    cloudformation = account.client("cloudformation")
    resources = cloudformation.list_stack_resources(StackName="otto-dev-identity")["StackResourceSummaries"]
    physical = {each["ResourceType"]: each["PhysicalResourceId"] for each in resources}
    assert physical["AWS::Cognito::UserPool"] == account.user_pool
    assert physical["AWS::Cognito::UserPoolDomain"] == "dev-sellwithotto-ai"
    assert physical["AWS::Cognito::UserPoolResourceServer"] == SERVER
    pools = account.client("cognito-idp").list_user_pools(MaxResults=60)["UserPools"]
    assert [each["Id"] for each in pools] == [account.user_pool]

    ready = account.run(sys.executable, "-m", "tools.credentials", "dev")
    assert ready.returncode == 0, ready.stderr
    for name, (client_id, secret) in account.credentials.items():
        stored = account.client("secretsmanager").get_secret_value(SecretId=f"otto/dev/clients/{name}")
        ours = json.loads(stored["SecretString"])
        assert (ours["client_id"], ours["client_secret"] == secret) == (client_id, False)
        assert token(account, client_id, ours["client_secret"])["client_id"] == client_id
    assert granted(account) == before

    again = account.adopt()
    assert again.returncode == 0, again.stdout + again.stderr

    stacks = ["otto-dev-identity", "otto-dev-clients-internal"]
    cloud = Cloud("", cloudformation)
    assert cloud.drifted(stacks) == []
    changed = account.credentials[SMOKE][0]
    live = account.client("cognito-idp")
    settings = live.describe_user_pool_client(UserPoolId=account.user_pool, ClientId=changed)["UserPoolClient"]
    wanted = {key: settings[key] for key in ("AllowedOAuthFlows", "AllowedOAuthFlowsUserPoolClient", "ClientName")}
    wanted["PreventUserExistenceErrors"] = "LEGACY"
    live.update_user_pool_client(UserPoolId=account.user_pool, ClientId=changed, **wanted)
    (drifted,) = cloud.drifted(stacks)
    assert re.fullmatch("otto-dev-clients-internal: smokeAppClient[0-9A-F]{8}: MODIFIED", drifted)


def test_adoption_stops_before_a_caller_loses_a_scope(account: Account) -> None:
    cognito = account.client("cognito-idp")
    reader = next(name for name, scopes in SCOPES.items() if scopes == ["api.read"])
    client_id = account.credentials[reader][0]
    cognito.update_user_pool_client(
        UserPoolId=account.user_pool,
        ClientId=client_id,
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthScopes=[f"{SERVER}/api.read", f"{SERVER}/api.write"],
    )
    refused = account.adopt("--align")
    assert refused.returncode == 1
    assert refused.stderr == "adopt: nothing was changed: mend what stops the adoption (docs/adopting.md)\n"
    assert (
        f'UserPoolClient {client_id}: AllowedOAuthScopes: is ["{SERVER}/api.read", "{SERVER}/api.write"], '
        f'the template says ["{SERVER}/api.read"]: '
        f"callers would lose {SERVER}/api.write: put it into the code or the registry first"
    ) in refused.stdout.splitlines()
    live = cognito.describe_user_pool_client(UserPoolId=account.user_pool, ClientId=client_id)["UserPoolClient"]
    assert live["AllowedOAuthScopes"] == [f"{SERVER}/api.read", f"{SERVER}/api.write"]
