"""The platform as its users meet it: credentials from Secrets Manager, tokens and profiles over HTTP."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import urllib3

from local.emulator.process import Emulator
from stacks import registry
from stacks.environments import ENVIRONMENTS
from stacks.registry.own import SMOKE
from tools.credentials import unready
from tools.place import Place

SERVER = "otto-dev-api-resource-server"
READ, WRITE = f"{SERVER}/api.read", f"{SERVER}/api.write"
CLIENTS = {
    client.name: {f"{SERVER}/{scope}" for scope in client.environments["dev"].scopes}
    for group in registry.load()
    for client in group.clients_in("dev")
}
"""The app clients of `dev` and what each may do, whichever there are: the registry keeps `SMOKE` alone."""

Answer = urllib3.BaseHTTPResponse


@dataclass(frozen=True)
class Platform:
    """`dev`, deployed by `make up` on an emulator of its own."""

    emulator: Emulator
    state: Path
    shown: str
    """What `make up` printed."""

    @property
    def assembly(self) -> Path:
        """What `make up` deployed."""
        return self.state / "deploy.out"

    def parameter(self, name: str) -> str:
        return str(self.emulator.client("ssm").get_parameter(Name=f"/otto/dev/m2m/{name}")["Parameter"]["Value"])

    def credentials(self, client: str) -> dict[str, str]:
        manager = self.emulator.client("secretsmanager")
        value: dict[str, str] = json.loads(
            manager.get_secret_value(SecretId=f"otto/dev/clients/{client}")["SecretString"]
        )
        return value

    def wait_for_credentials(self, *clients: str, seconds: float = 60) -> None:
        """Wait until the clients' rotations have ended, as a delivery does."""
        deadline = time.monotonic() + seconds
        while waiting := self.unready(*clients):
            assert time.monotonic() < deadline, waiting
            time.sleep(0.1)

    def unready(self, *clients: str) -> dict[str, str]:
        """What `make credentials` says of each client that is not ready."""
        at = Place(environment=ENVIRONMENTS[0], endpoint=self.emulator.endpoint)
        return dict(unready(at, list(clients), self.emulator.client("secretsmanager").describe_secret))

    def request_token(self, client_id: str, client_secret: str, **form: str) -> Answer:
        return urllib3.request(
            "POST",
            self.parameter("token-endpoint"),
            body=urlencode({"grant_type": "client_credentials", "client_id": client_id} | form),
            headers=urllib3.make_headers(basic_auth=f"{client_id}:{client_secret}")
            | {"Content-Type": "application/x-www-form-urlencoded"},
        )

    def token(self, client: str = SMOKE, **form: str) -> str:
        answer = self.request_token(**self.credentials(client), **form)
        assert answer.status == 200, answer.data
        return str(answer.json()["access_token"])

    def call(self, method: str, uri: str, *, token: str | None = None, **options: Any) -> Answer:
        """Call the profiles API as a client that may do all, or with `token`; an empty token sends no Authorization."""
        token = self.token() if token is None else token
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        headers |= options.pop("headers", {})
        url = f"{self.parameter('profiles-api-url')}?{urlencode({'uri': uri})}"
        return urllib3.request(method, url, headers=headers, **options)
