"""One service's credentials, rotated by the real handler as Secrets Manager rotates them, with faults where wanted."""

import contextlib
import io
import json
import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from unittest.mock import patch

from lambdas.rotation import handler
from lambdas.rotation.aws import CONFIG
from lambdas.rotation.cognito import UserPool
from lambdas.rotation.patience import Patience
from lambdas.rotation.ports import RotationFailed
from lambdas.rotation.secrets_manager import SecretsManager
from lambdas.rotation.token_endpoint import OAuthTokenEndpoint
from tests.lambdas.rotation.aws_model import POOL, Aws, StoredSecret, Version

PREFIX = "otto/dev/clients/"
NAME = f"{PREFIX}lead-enricher"
STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
WRITES = {
    "PutSecretValue",
    "UpdateSecretVersionStage",
    "AddUserPoolClientSecret",
    "DeleteUserPoolClientSecret",
}
TIMEOUT = 180.0


class Killed(BaseException):
    """The process is gone, between two instructions."""


class Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@dataclass
class Service:
    """A deployed client. `effects` records what the function changed, in order, by step."""

    aws: Aws = field(default_factory=Aws)
    name: str = NAME
    effects: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    disturb: Callable[[int, str], None] = field(default=lambda _number, _when: None)
    step: str = ""

    def __post_init__(self) -> None:
        client_id = self.aws.create_app_client(self.client)
        first = Version(self.credentials(client_id, self.aws.value()), {"AWSCURRENT"})
        self.aws.secrets[self.name] = StoredSecret(
            {"client-id": client_id}, {"generated-by-cloudformation-01234": first}
        )
        self.aws.before, self.aws.after = partial(self._around, "before"), partial(self._around, "after")
        self.adapters = (
            SecretsManager(self.aws.client("secretsmanager", CONFIG), PREFIX),
            UserPool(self.aws.client("cognito-idp", CONFIG), POOL, lambda: self.aws.now),
            OAuthTokenEndpoint("https://auth.example/oauth2/token", self.aws),  # type: ignore[arg-type]
        )

    @staticmethod
    def credentials(client_id: str, value: str) -> str:
        return json.dumps({"client_id": client_id, "client_secret": value})

    @property
    def secret(self) -> StoredSecret:
        return self.aws.secrets[self.name]

    @property
    def client(self) -> str:
        return self.name.rpartition("/")[2]

    @property
    def client_id(self) -> str:
        """The app client that the pool has under the secret's name."""
        return next(each for each, client in self.aws.clients.items() if client.name == self.client)

    def replace(self) -> str:
        """A deployment that replaces the app client, and with it the tag and the generated value."""
        old, new = self.client_id, self.aws.create_app_client(self.client)
        self.secret.tags["client-id"] = new
        self.store(self.credentials(new, self.aws.value()))
        del self.aws.clients[old]
        return new

    @property
    def registered(self) -> set[str]:
        return {each.value for each in self.aws.clients[self.client_id].secrets.values()}

    def text(self, label: str) -> str | None:
        version = self.secret.holder(label)
        return self.secret.versions[version].text if version else None

    def works(self, label: str = "AWSCURRENT") -> bool:
        return self.aws.accepts(self.text(label))

    def store(self, text: str) -> None:
        """A person's edit: a new version becomes the current one."""
        version = f"by-hand-{self.aws.number():032}"
        self.secret.versions[version] = Version(text, created=self.aws.now)
        self.secret.attach("AWSCURRENT", version)

    def start(self) -> str:
        """The version to rotate to: an unfinished rotation is attempted again (API_RotateSecret)."""
        pending = self.secret.holder("AWSPENDING")
        if pending and pending != self.secret.holder("AWSCURRENT"):
            return pending
        version = f"rotation-{self.aws.number():032}"
        self.secret.versions[version] = Version()
        self.secret.attach("AWSPENDING", version)
        return version

    def rotate(self) -> None:
        version = self.start()
        for step in STEPS:
            self.invoke(step, version)

    def invoke(self, step: str, version: str, name: str = "") -> None:
        self.ask({"Step": step, "SecretId": name or self.name, "ClientRequestToken": version})

    def compare(self, *names: str) -> Any:
        return self.ask({"Step": "compare", "Secrets": list(names)})

    def ask(self, event: dict[str, Any]) -> Any:
        """One invocation. Whatever it says, raises or logs is checked to hold none of the values that ever were."""
        started, lines, written = self.aws.now, Lines(), io.StringIO()
        outer, self.step = self.step, event["Step"]
        logging.getLogger().addHandler(lines)
        try:
            with (
                patch.object(handler, "_world", lambda: self.adapters),
                patch.object(handler, "Patience", partial(Patience, sleep=self.sleep, jitter=lambda _low, high: high)),
                patch("botocore.endpoint.time.sleep", self.sleep),
                contextlib.redirect_stdout(written),
            ):
                context = Context(lambda: int(1000 * (TIMEOUT - (self.aws.now - started))))
                return handler.handle(event, context)
        except RotationFailed as failure:
            lines.lines.extend(traceback.format_exception(failure, chain=True))
            raise
        finally:
            logging.getLogger().removeHandler(lines)
            lines.lines.extend(written.getvalue().splitlines())
            self.said.extend(lines.lines)
            self.step = outer
            assert not [value for value in self.aws.values if any(value in line for line in lines.lines)]

    def sleep(self, seconds: float) -> None:
        self.aws.now += seconds

    def _around(self, when: str, operation: str, sent: dict[str, Any]) -> None:
        if operation not in WRITES:
            self.disturb(0, f"{when} {operation}")
            return
        if when == "before":
            self.effects.append(f"{self.step}: {operation}{_labelled(sent)}")
        self.disturb(len(self.effects), f"{when} {operation}")


def _labelled(sent: dict[str, Any]) -> str:
    label = str(sent.get("VersionStage", "")).split(":")[0]
    sign = "+" if "MoveToVersionId" in sent else "-"
    return f" {sign}{label}" if label else ""


@dataclass(frozen=True)
class Context:
    get_remaining_time_in_millis: Callable[[], int]
    aws_request_id: str = "a-request-of-lambda"
