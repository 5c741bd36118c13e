"""Requests as a client writes them to the wire, so that one can be wrong in anything."""

import http.client
import socket
from dataclasses import dataclass, replace
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local.emulator import key
from local.emulator.process import REGION, Emulator

HEALTH = "/_ministack/health"
LIST = b'{"MaxResults": 1}'


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    text: str


@dataclass(frozen=True)
class Request:
    """One request; `headers` go out as they are, and nothing is added to them."""

    target: str
    headers: tuple[tuple[str, str], ...]
    method: str = "GET"
    body: bytes = b""

    def but(self, **changes: Any) -> "Request":
        return replace(self, **changes)

    def with_header(self, name: str, *values: str) -> "Request":
        """The same with one header replaced, repeated, or without it."""
        kept = [each for each in self.headers if each[0].lower() != name.lower()]
        return self.but(headers=(*kept, *((name, value) for value in values)))

    def send(self, emulator: Emulator) -> Answer:
        lines = [f"{self.method} {self.target} HTTP/1.1", *(f"{name}: {value}" for name, value in self.headers)]
        with socket.create_connection(("127.0.0.1", emulator.port), timeout=10) as connection:
            connection.sendall("\r\n".join([*lines, "", ""]).encode() + self.body)
            answer = http.client.HTTPResponse(connection, method=self.method)
            answer.begin()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, headers, answer.read().decode())


def by_address(emulator: Emulator, path: str = HEALTH) -> Request:
    """A request to the address of the emulator's run."""
    target = f"/{key.read(emulator.state).path}{path}"
    return Request(target, (("Host", f"127.0.0.1:{emulator.port}"), ("Connection", "close")))


def signed(
    emulator: Emulator, *, access_key: str = key.ACCOUNT, secret: str | None = None, token: str | None = None
) -> Request:
    """A ListSecrets, signed as boto3 signs it."""
    headers = {"X-Amz-Target": "secretsmanager.ListSecrets", "Content-Type": "application/x-amz-json-1.1"}
    made = AWSRequest("POST", f"{emulator.endpoint}/", headers=headers, data=LIST)
    held = Credentials(access_key, key.read(emulator.state).secret if secret is None else secret, token)
    SigV4Auth(held, "secretsmanager", REGION).add_auth(made)
    own = (("Host", f"127.0.0.1:{emulator.port}"), ("Content-Length", str(len(LIST))), ("Connection", "close"))
    return Request("/", (*own, *made.headers.items()), "POST", LIST)
