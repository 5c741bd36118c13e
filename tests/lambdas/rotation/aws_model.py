"""Cognito's two-secret rules and Secrets Manager's staging rules in memory, behind real boto3 clients.

Rules from API_AddUserPoolClientSecret, API_DeleteUserPoolClientSecret, API_UpdateSecretVersionStage,
API_PutSecretValue and API_RotateSecret. Requests and responses pass through botocore's serializer, validator, parser.
"""

import base64
import copy
import functools
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import boto3
import urllib3
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config

POOL = "us-east-1_example01"
EPOCH = 1_800_000_000.0


@functools.cache
def _client(service: str, config: Config) -> Any:
    session = boto3.Session(region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    # botocore makes the header User-Agent anew for each request: a fifth of a request's time.
    return session.client(service, config=config.merge(Config(user_agent="tests")))  # type: ignore[call-overload]


class Fault(Exception):  # noqa: N818 - it is what AWS answers, not what went wrong here
    """An AWS error. AWS's words may quote what was sent, so this model's always do."""

    def __init__(self, code: str, status: int = 400) -> None:
        super().__init__(code)
        self.code, self.status = code, status


@dataclass
class Version:
    text: str | None = None
    labels: set[str] = field(default_factory=set)
    created: float = EPOCH


@dataclass
class StoredSecret:
    """A secret and its labelled versions; one without labels may be deleted at any time, so it is at once."""

    tags: dict[str, str]
    versions: dict[str, Version]
    rotates: bool = True
    deleted: bool = False

    def holder(self, label: str) -> str | None:
        return next((name for name, version in self.versions.items() if label in version.labels), None)

    def label(self, label: str, to: str | None, off: str | None) -> None:
        holder = self.holder(label)
        for version in (to, off):
            if version and version not in self.versions:
                raise Fault("ResourceNotFoundException")
        if (holder and holder not in {to, off}) or (off and off != holder):
            raise Fault("InvalidParameterException")
        self.attach(label, to)

    def attach(self, label: str, to: str | None) -> None:
        holder = self.holder(label)
        if holder:
            self.versions[holder].labels.discard(label)
        if to:
            self.versions[to].labels.add(label)
        if label == "AWSCURRENT" and holder and holder != to:
            self.attach("AWSPREVIOUS", holder)
        self.versions = {name: version for name, version in self.versions.items() if version.labels}


@dataclass
class Registered:
    value: str
    created: float


@dataclass
class AppClient:
    name: str
    secrets: dict[str, Registered]
    suspended: bool = False
    managed: str | None = None
    """The ARN of the secret that Cognito keeps itself."""


class Aws:
    """One pool, its token endpoint and the secrets, with its own clock; `before` and `after` surround every call."""

    def __init__(self) -> None:
        self.now = EPOCH
        self.made = 0
        self.clients: dict[str, AppClient] = {}
        self.secrets: dict[str, StoredSecret] = {}
        self.values: set[str] = set()
        self.propagation = 0.0
        self.tokens = 0
        self.page = 60
        self.before: Callable[[str, dict[str, Any]], None] = lambda _operation, _request: None
        self.after: Callable[[str, dict[str, Any]], None] = lambda _operation, _request: None

    def restore(self, other: "Aws") -> None:
        """Become what `other` is, with the same clock; the hooks stay."""
        kept = {name: value for name, value in vars(other).items() if name not in {"before", "after"}}
        vars(self).update(copy.deepcopy(kept))

    def number(self) -> int:
        self.made += 1
        return self.made

    def value(self) -> str:
        made = f"CANARY{self.number():04d}".ljust(64, "x")
        self.values.add(made)
        return made

    def create_app_client(self, name: str) -> str:
        client_id = f"client{self.number()}"
        self.clients[client_id] = AppClient(name, {})
        self.register(client_id, self.value())
        return client_id

    def register(self, client_id: str, value: str) -> str:
        secret_id = f"{client_id}--{self.number()}"
        self.clients[client_id].secrets[secret_id] = Registered(value, self.now)
        return secret_id

    def accepts(self, text: str | None) -> bool:
        """Whether a version's credentials authenticate their client, suspended or not."""
        try:
            fields = json.loads(text or "")
            known = self.clients[fields["client_id"]].secrets.values()
            return fields["client_secret"] in {each.value for each in known}
        except (ValueError, KeyError, TypeError):
            return False

    def client(self, service: str, config: Config) -> Any:
        """A real client whose requests this model answers; it answers the model made last."""
        made = _client(service, config)
        made.meta.events.unregister("before-send", unique_id="model")
        made.meta.events.register("before-send", self._send, unique_id="model")
        return made

    def _send(self, request: Any, **_: Any) -> AWSResponse:
        operation = request.headers["X-Amz-Target"].decode().split(".")[1]
        sent = json.loads(request.body)
        status = 200
        try:
            self.before(operation, sent)
            answer = getattr(self, re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower())(sent)
            self.after(operation, sent)
        except Fault as fault:
            answer, status = {"__type": fault.code, "message": f"refused: {request.body!r}"}, fault.status
        raw = SimpleNamespace(stream=lambda **_: iter([json.dumps(answer).encode()]))
        return AWSResponse(request.url, status, HTTPHeaders(), raw)

    def request(
        self, _method: str, _url: str, *, headers: dict[str, str], fields: dict[str, str], **_: Any
    ) -> SimpleNamespace:
        """The token endpoint, in urllib3's terms."""
        try:
            self.before("Token", {})
        except Fault as fault:
            if not fault.status:
                raise urllib3.exceptions.NewConnectionError(None, headers["authorization"]) from None  # type: ignore[arg-type]
            return SimpleNamespace(status=fault.status, data=fault.code.encode())
        client_id, value = base64.b64decode(headers["authorization"].split()[1]).decode().split(":", 1)
        assert fields == {"grant_type": "client_credentials", "client_id": client_id}
        client = self.clients.get(client_id)
        known = [each for each in client.secrets.values() if each.value == value] if client else []
        if not client or not any(each.created + self.propagation <= self.now for each in known):
            return SimpleNamespace(status=400, data=b'{"error":"invalid_client"}')
        if client.suspended:
            return SimpleNamespace(status=400, data=b'{"error":"unauthorized_client"}')
        self.tokens += 1
        return SimpleNamespace(status=200, data=json.dumps({"access_token": f"token of {value}"}).encode())

    def list_user_pool_clients(self, sent: dict[str, Any]) -> dict[str, Any]:
        if sent["UserPoolId"] != POOL:
            raise Fault("ResourceNotFoundException")
        assert 1 <= sent["MaxResults"] <= 60
        begin = int(sent.get("NextToken", 0))
        end = begin + min(sent["MaxResults"], self.page)
        listed = list(self.clients.items())
        told = [{"ClientId": each, "ClientName": client.name, "UserPoolId": POOL} for each, client in listed[begin:end]]
        return {"UserPoolClients": told} | ({"NextToken": str(end)} if end < len(listed) else {})

    def describe_user_pool_client(self, sent: dict[str, Any]) -> dict[str, Any]:
        client = self._app_client(sent)
        shown = {"ClientSecretArn": client.managed} if client.managed else {"ClientSecret": self.value()}
        return {"UserPoolClient": {"ClientId": sent["ClientId"], "ClientName": client.name} | shown}

    def rotate_managed(self, client_id: str) -> None:
        """Cognito's own rotation: "if the app client has two secrets, that first rotation deletes the older one"."""
        secrets = self.clients[client_id].secrets
        if len(secrets) == 2:
            del secrets[min(secrets, key=lambda each: secrets[each].created)]
        self.register(client_id, self.value())

    def list_user_pool_client_secrets(self, sent: dict[str, Any]) -> dict[str, Any]:
        return {
            "ClientSecrets": [
                {"ClientSecretId": name, "ClientSecretCreateDate": each.created}
                for name, each in self._app_client(sent).secrets.items()
            ]
        }

    def add_user_pool_client_secret(self, sent: dict[str, Any]) -> dict[str, Any]:
        client = self._app_client(sent)
        if not re.fullmatch(r"[\w+]{24,64}", sent["ClientSecret"]):
            raise Fault("InvalidParameterException")
        if len(client.secrets) == 2:
            raise Fault("LimitExceededException")
        secret_id = self.register(sent["ClientId"], sent["ClientSecret"])
        return {"ClientSecretDescriptor": {"ClientSecretId": secret_id, "ClientSecretCreateDate": self.now}}

    def delete_user_pool_client_secret(self, sent: dict[str, Any]) -> dict[str, Any]:
        secrets = self._app_client(sent).secrets
        if sent["ClientSecretId"] not in secrets:
            raise Fault("ResourceNotFoundException")
        if len(secrets) == 1:
            raise Fault("InvalidParameterException")
        del secrets[sent["ClientSecretId"]]
        return {}

    def _app_client(self, sent: dict[str, Any]) -> AppClient:
        if sent["UserPoolId"] != POOL or sent["ClientId"] not in self.clients:
            raise Fault("ResourceNotFoundException")
        return self.clients[sent["ClientId"]]

    def describe_secret(self, sent: dict[str, Any]) -> dict[str, Any]:
        secret = self._secret(sent)
        return {
            "Name": sent["SecretId"],
            "RotationEnabled": secret.rotates,
            "Tags": [{"Key": key, "Value": value} for key, value in secret.tags.items()],
            "VersionIdsToStages": {name: sorted(version.labels) for name, version in secret.versions.items()},
        } | ({"DeletedDate": self.now} if secret.deleted else {})

    def get_secret_value(self, sent: dict[str, Any]) -> dict[str, Any]:
        version = self._secret(sent).versions.get(sent["VersionId"])
        if version is None or version.text is None:
            raise Fault("ResourceNotFoundException")
        return {"SecretString": version.text, "CreatedDate": version.created}

    def put_secret_value(self, sent: dict[str, Any]) -> dict[str, Any]:
        secret = self._secret(sent)
        version = secret.versions.setdefault(sent["ClientRequestToken"], Version())
        if version.text not in {None, sent["SecretString"]}:
            raise Fault("ResourceExistsException")
        if version.text is None:
            version.text, version.created = sent["SecretString"], self.now
        for label in sent["VersionStages"]:
            secret.attach(label, sent["ClientRequestToken"])
        return {}

    def update_secret_version_stage(self, sent: dict[str, Any]) -> dict[str, Any]:
        self._secret(sent).label(sent["VersionStage"], sent.get("MoveToVersionId"), sent.get("RemoveFromVersionId"))
        return {}

    def get_random_password(self, sent: dict[str, Any]) -> dict[str, Any]:
        assert sent == {"PasswordLength": 64, "ExcludePunctuation": True}
        return {"RandomPassword": self.value()}

    def _secret(self, sent: dict[str, Any]) -> StoredSecret:
        if sent["SecretId"] not in self.secrets:
            raise Fault("ResourceNotFoundException")
        return self.secrets[sent["SecretId"]]
