"""What a change would lose: credentials, data or an address that callers use. Each must be acknowledged by name."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from tools.report.resources import ResourceChange

Kind = Literal["removed", "replaced", "regenerated"]

EFFECT: Final = {
    "AWS::Cognito::UserPool": "every app client of it and every token it issued",
    "AWS::Cognito::UserPoolDomain": "the token endpoint, for every caller, until the new one answers",
    "AWS::Cognito::UserPoolResourceServer": "its scopes, and with them every token until clients have them again",
    "AWS::Cognito::UserPoolClient": "its client id and secret: whoever uses them can get no token",
    "AWS::SecretsManager::Secret": "the stored credentials: whoever reads them finds none, or others",
    "AWS::DynamoDB::Table": "the data in it",
    "AWS::DynamoDB::GlobalTable": "the data in it",
    "AWS::ApiGateway::RestApi": "the API's address",
}
"""The stateful or credential-bearing types, and what is lost with one of them."""

# Secrets Manager generates or writes a new value whenever either of these changes:
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html
_VALUE: Final = ("GenerateSecretString", "SecretString")


@dataclass(frozen=True, kw_only=True)
class Loss:
    """`acknowledged` is the reason that the change itself gives for it; None fails the report."""

    resource: str
    environment: str
    stack: str
    type: str
    kind: Kind
    loses: str
    because: tuple[str, ...]
    retained: bool
    acknowledged: str | None = None


def losses(changes: Iterable[ResourceChange]) -> tuple[Loss, ...]:
    """Each stateful or credential-bearing resource that is removed or replaced, or whose secret value is remade."""
    return tuple(
        Loss(
            resource=change.resource,
            environment=change.environment,
            stack=change.stack,
            type=change.type,
            kind=kind,
            loses=EFFECT[change.type],
            because=because,
            retained=change.retained,
        )
        for change in changes
        if change.type in EFFECT
        for kind, because in _kinds(change)
    )


def _kinds(change: ResourceChange) -> Iterable[tuple[Kind, tuple[str, ...]]]:
    if change.action == "removed":
        yield "removed", change.because
    elif change.action in {"replaced", "may be replaced"}:
        yield "replaced", change.because
    elif remade := [item.path for item in change.properties if item.path.split(".")[0] in _VALUE]:
        yield "regenerated", (f"{', '.join(remade)} changes, and a live secret then gets another value",)
