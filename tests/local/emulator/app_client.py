"""An app client at the emulator, and what its secrets get."""

import base64
import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any, Literal

from local.emulator.process import Emulator


@dataclass(frozen=True)
class Client:
    """An app client that may use client credentials, and its first secret."""

    emulator: Emulator
    pool: str
    id: str
    secret: str

    @property
    def cognito(self) -> Any:
        return self.emulator.client("cognito-idp")

    @property
    def names(self) -> dict[str, str]:
        return {"UserPoolId": self.pool, "ClientId": self.id}

    def ids(self) -> list[str]:
        listed = self.cognito.list_user_pool_client_secrets(**self.names)["ClientSecrets"]
        return [each["ClientSecretId"] for each in listed]

    def token(self, secret: str, form: Literal["basic", "post"] = "basic") -> tuple[int, str]:
        """The status and the error of a token request, in either form of RFC 6749 §2.3.1."""
        body, headers = {"grant_type": "client_credentials"}, {}
        if form == "post":
            body |= {"client_id": self.id, "client_secret": secret}
        else:
            headers["Authorization"] = "Basic " + base64.b64encode(f"{self.id}:{secret}".encode()).decode()
        request = urllib.request.Request(  # noqa: S310
            f"{self.emulator.address}/oauth2/token", urllib.parse.urlencode(body).encode(), headers
        )
        try:
            with urllib.request.urlopen(request) as answer:  # noqa: S310
                return answer.status, ""
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, json.load(refused)["error"]


def make_client(emulator: Emulator, name: str, **more: Any) -> Client:
    """An app client that may use client credentials."""
    cognito = emulator.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName=name)["UserPool"]["Id"]
    cognito.create_resource_server(
        UserPoolId=pool, Identifier="api", Name="api", Scopes=[{"ScopeName": "read", "ScopeDescription": "read"}]
    )
    made = cognito.create_user_pool_client(
        UserPoolId=pool,
        ClientName=name,
        GenerateSecret=True,
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthScopes=["api/read"],
        **more,
    )["UserPoolClient"]
    return Client(emulator, pool, made["ClientId"], made.get("ClientSecret", ""))
