"""The two requests of the guide: obtain an access token, use it. Shown as curl commands, and sent."""

import json
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import urllib3

from local import cloud
from local.emulator.process import Emulator
from local.failure import CommandError
from stacks import scopes
from stacks.environments import ENVIRONMENTS
from stacks.registry import AppClient, Group

ENVIRONMENT = next(environment for environment in ENVIRONMENTS if environment.name == cloud.ENVIRONMENT)
PROFILE = "https://www.linkedin.com/in/arjaynacion"


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """What Secrets Manager holds for one app client."""

    client_id: str
    client_secret: str

    def __repr__(self) -> str:
        return f"Credentials(client_id={self.client_id!r})"

    def curl_config(self) -> str:
        """A curl configuration file, so that the secret is in no process argument and no shell history."""
        return f'user = "{self.client_id}:{self.client_secret}"\ndata = "client_id={self.client_id}"\n'


def choose(groups: Iterable[Group]) -> AppClient | None:
    """An app client to show the guide with, whichever there are: one that may write before one that may read alone."""
    clients = [client for group in groups for client in group.clients_in(ENVIRONMENT.name)]
    able = [client for client in clients if scopes.READ in _usable(client)]
    # Those for people to try the APIs with before a service's own.
    able.sort(key=lambda client: (scopes.WRITE not in _usable(client), client.kind != "testing", client.name))
    return able[0] if able else None


def may_write(client: AppClient) -> bool:
    return scopes.WRITE in _usable(client)


def _usable(client: AppClient) -> tuple[str, ...]:
    grant = client.environments[ENVIRONMENT.name]
    return () if grant.suspended else grant.scopes


def credentials(emulator: Emulator, client: str) -> Credentials:
    """Read the credentials of an app client. Raises CommandError for one that does not exist."""
    manager = emulator.client("secretsmanager")
    name = ENVIRONMENT.credentials(client)
    try:
        value = json.loads(manager.get_secret_value(SecretId=name)["SecretString"])
    except manager.exceptions.ResourceNotFoundException:
        prefix = ENVIRONMENT.credentials("")
        pages = manager.get_paginator("list_secrets").paginate(Filters=[{"Key": "name", "Values": [prefix]}])
        known = sorted(secret["Name"].removeprefix(prefix) for page in pages for secret in page["SecretList"])
        if not known:
            raise CommandError(f"no app client of {ENVIRONMENT.name} is deployed: make up") from None
        raise CommandError(
            f"CLIENT={client!r}: no app client of this name in {ENVIRONMENT.name}, expected one of {', '.join(known)}"
        ) from None
    return Credentials(client_id=value["client_id"], client_secret=value["client_secret"])


def discover(emulator: Emulator, name: str) -> str:
    """The value of a discovery parameter, such as `token-endpoint`. Raises CommandError where it is not yet."""
    parameters, path = emulator.client("ssm"), ENVIRONMENT.parameter(name)
    try:
        return str(parameters.get_parameter(Name=path)["Parameter"]["Value"])
    except parameters.exceptions.ParameterNotFound:
        raise CommandError(f"{path} is not there, so the platform is not whole: make up") from None


def curl_address(url: str) -> str:
    """The line of a curl configuration file with an address: this run's own is in no process argument either."""
    return f'url = "{url}"\n'


def token_command(config_file: str) -> str:
    """RFC 6749 §4.4.2: the access token request, authenticated by HTTP Basic (§2.3.1)."""
    scope = f"{ENVIRONMENT.resource_server}/{scopes.READ}"
    return (
        f"curl --silent --config {shlex.quote(config_file)} \\\n"
        f"  --data grant_type=client_credentials --data scope={scope}"
    )


def request_token(emulator: Emulator, client: Credentials, scope: str | None = None) -> dict[str, Any]:
    """The token endpoint's answer. Raises CommandError with its `error` (RFC 6749 §5.2)."""
    form = {"grant_type": "client_credentials", "client_id": client.client_id}
    if scope:
        form["scope"] = f"{ENVIRONMENT.resource_server}/{scope}"
    endpoint = discover(emulator, "token-endpoint")
    answer = urllib3.request(
        "POST",
        endpoint,
        body=urlencode(form),
        headers=urllib3.make_headers(basic_auth=f"{client.client_id}:{client.client_secret}")
        | {"Content-Type": "application/x-www-form-urlencoded"},
    )
    if answer.status != 200:
        raise CommandError(f"{endpoint} answered {answer.status} {answer.data.decode(errors='replace')}")
    return dict(answer.json())


def profile_command(config_file: str, access_token: str) -> str:
    """RFC 6750 §2.1: the token in the Authorization header."""
    return (
        f"curl --silent --get --config {shlex.quote(config_file)} \\\n"
        f"  --header 'Authorization: Bearer {access_token}' \\\n  --data-urlencode uri={PROFILE}"
    )


def request_profile(emulator: Emulator, access_token: str, uri: str = PROFILE) -> urllib3.BaseHTTPResponse:
    return urllib3.request(
        "GET",
        discover(emulator, "profiles-api-url"),
        fields={"uri": uri},
        headers={"Authorization": f"Bearer {access_token}"},
    )
