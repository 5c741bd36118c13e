"""An account that keeps what `make verify` makes in it, and whose calls can be made to end a run."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.tools.preflight.lines import ACCOUNT, Lines
from tests.tools.verify.staging import LINES, SECRET

QUEUE = "https://queue"
_ARN = f"arn:aws:sns:us-east-1:{ACCOUNT}:otto-staging-alarms:s"


def _add(kept: set[str], member: str, name: str) -> dict[str, Any]:
    kept.add(name)
    return {member: name}


def _remove(kept: set[str], name: str) -> dict[str, Any]:
    kept.remove(name)
    return {}


@dataclass
class Account:
    """`clients` by id, `secrets` by name; `before` is asked before each call, and `after` once it has taken effect."""

    clients: dict[str, str] = field(default_factory=lambda: {"smoke-id": "smoke"})
    secrets: set[str] = field(default_factory=lambda: {"otto/staging/clients/smoke"})
    queues: set[str] = field(default_factory=set)
    subscriptions: set[str] = field(default_factory=set)
    before: Callable[[str], Any] = lambda _: None
    after: Callable[[str], Any] = lambda _: None
    _ids: Any = field(default_factory=lambda: (f"id{number}" for number in itertools.count()))

    @property
    def left(self) -> list[str]:
        """Everything in it that a run made."""
        made = {*self.clients.values(), *self.secrets} - {"smoke", "otto/staging/clients/smoke"}
        return sorted(made | self.queues | self.subscriptions)

    @property
    def lines(self) -> Lines:
        kept: Lines = {
            "cognito-idp.CreateUserPoolClient": self._create_client,
            "cognito-idp.DeleteUserPoolClient": lambda request: self.clients.pop(request["ClientId"]) and {},
            "cognito-idp.ListUserPoolClients": lambda _: {
                "UserPoolClients": [{"ClientId": key, "ClientName": name} for key, name in self.clients.items()]
            },
            "secretsmanager.CreateSecret": self._create_secret,
            "secretsmanager.DeleteSecret": lambda request: _remove(self.secrets, request["SecretId"]),
            "secretsmanager.ListSecrets": lambda _: {
                "SecretList": [{"Name": name, "ARN": name} for name in sorted(self.secrets)]
            },
            "sqs.CreateQueue": lambda _: _add(self.queues, "QueueUrl", QUEUE),
            "sqs.DeleteQueue": lambda request: _remove(self.queues, request["QueueUrl"]),
            "sqs.ListQueues": lambda _: {"QueueUrls": sorted(self.queues)} if self.queues else {},
            "sns.Subscribe": lambda _: _add(self.subscriptions, "SubscriptionArn", _ARN),
            "sns.Unsubscribe": lambda request: _remove(self.subscriptions, request["SubscriptionArn"]),
            "sns.ListSubscriptions": lambda _: {
                "Subscriptions": [
                    {"SubscriptionArn": arn, "Endpoint": f"arn:aws:sqs:us-east-1:{ACCOUNT}:otto-staging-verify"}
                    for arn in self.subscriptions
                ]
            },
        }
        return {line: self._watched(line, answer) for line, answer in (LINES | kept).items()}

    def _watched(self, line: str, answer: Any) -> Callable[[Mapping[str, Any]], Any]:
        def call(request: Mapping[str, Any]) -> Any:
            refused = self.before(line)
            answered = refused or (answer(request) if callable(answer) else answer)
            self.after(line)
            return answered

        return call

    def _create_client(self, request: Mapping[str, Any]) -> dict[str, Any]:
        key = next(self._ids)
        self.clients[key] = request["ClientName"]
        return {"UserPoolClient": {"ClientId": key, "ClientSecret": SECRET}}

    def _create_secret(self, request: Mapping[str, Any]) -> dict[str, Any]:
        self.secrets.add(request["Name"])
        return {"VersionId": "0" * 32}
