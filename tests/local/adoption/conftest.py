"""An account as a person made it in the console: a pool, its domain, a resource server and two app clients."""

import base64
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
import pytest
import yaml

from local.emulator import process
from local.emulator.process import Emulator
from stacks import registry

ROOT = Path(__file__).parents[3]
SERVER = "otto-dev-api-resource-server"
_INTERNAL = next(group for group in registry.load() if group.name == "internal")
SCOPES = {client.name: list(client.environments["dev"].scopes) for client in _INTERNAL.clients_in("dev")}
"""What each app client of one stack may do, as the registry says it."""


@dataclass(frozen=True)
class Account:
    """What exists, and the credentials that its callers hold."""

    emulator: Emulator
    user_pool: str
    credentials: Mapping[str, tuple[str, str]] = field(repr=False)
    map: Path

    def client(self, service: str) -> Any:
        return self.emulator.client(service)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command as a person with credentials for this account would."""
        settings = {
            "AWS_ENDPOINT_URL": self.emulator.endpoint,
            "AWS_REGION": process.REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": str(self.emulator.credentials),
            "CDK_VALIDATION": "false",
        }
        environment = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"]} | settings
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )

    def adopt(self, *options: str) -> subprocess.CompletedProcess[str]:
        return self.run(sys.executable, "-m", "tools.adopt", "dev", str(self.map), *options)

    def cdk(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        output = str(self.map.with_name("cdk.out"))
        return self.run(str(ROOT / "node_modules/.bin/cdk"), *arguments, "--output", output)


def token(account: Account, client_id: str, secret: str) -> dict[str, Any]:
    """The claims of a token that these credentials get."""
    basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    request = urllib.request.Request(  # noqa: S310
        f"{account.emulator.address}/oauth2/token",
        data=b"grant_type=client_credentials",
        headers={"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        encoded = json.load(answer)["access_token"]
    claims: dict[str, Any] = jwt.decode(encoded, options={"verify_signature": False})
    return claims


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    """An emulator of its own: adoption starts from an account without any of our stacks."""
    running = process.start(state=tmp_path / "emulator", port=process.free_port())
    try:
        yield _made_by_hand(running, tmp_path / "existing.yaml")
    finally:
        process.stop(tmp_path / "emulator")


def _made_by_hand(running: Emulator, path: Path) -> Account:
    cognito = running.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="Otto APIs")["UserPool"]["Id"]
    cognito.create_user_pool_domain(UserPoolId=pool, Domain="dev-sellwithotto-ai")
    cognito.create_resource_server(
        UserPoolId=pool,
        Identifier=SERVER,
        Name="api",
        Scopes=[{"ScopeName": name, "ScopeDescription": name} for name in ("api.read", "api.write")],
    )
    credentials = {}
    for name, scopes in SCOPES.items():
        made = cognito.create_user_pool_client(
            UserPoolId=pool,
            ClientName=name,
            GenerateSecret=True,
            AllowedOAuthFlows=["client_credentials"],
            AllowedOAuthFlowsUserPoolClient=True,
            AllowedOAuthScopes=[f"{SERVER}/{scope}" for scope in scopes],
            ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        )["UserPoolClient"]
        credentials[name] = (made["ClientId"], made["ClientSecret"])
    clients = {name: client_id for name, (client_id, _) in credentials.items()}
    path.write_text(yaml.safe_dump({"user_pool": pool, "clients": clients}))
    return Account(emulator=running, user_pool=pool, credentials=credentials, map=path)
