"""The app clients of an assembly, as its templates make them: what each may do, whoever reads its credentials."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tools.report.entries import Entry
from tools.report.statements import principals, statements_of
from tools.template import Assembly, Reference, references

Node = tuple[str, str]
CLIENT = "AWS::Cognito::UserPoolClient"
_SECRET = "AWS::SecretsManager::Secret"  # noqa: S105
_POLICY = "AWS::SecretsManager::ResourcePolicy"
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-cognito-userpoolclient-tokenvalidityunits.html
_MINUTES = {"seconds": 1 / 60, "minutes": 1, "hours": 60, "days": 1440}


@dataclass(frozen=True, kw_only=True)
class Client:
    """`scopes` is None for a suspended client whose registry entry cannot be read: its template grants none."""

    environment: str
    name: str
    stack: str
    pool: str
    scopes: tuple[str, ...] | None
    access_token_minutes: float
    suspended: bool
    readers: tuple[str, ...]
    expected_tokens_per_day: int | None
    entry: Entry | None


def find(assembly: Assembly, entries: Mapping[str, Entry]) -> dict[tuple[str, str], Client]:
    """Every app client, by environment and name."""
    readers = _readers(assembly)
    found = {}
    for stack, logical_id, properties in assembly.of_type(CLIENT):
        name = assembly.text(properties.get("ClientName", logical_id))
        grant = entries[name].grant(stack.environment) if name in entries else {}
        suspended = "client_credentials" not in properties.get("AllowedOAuthFlows", [])
        expected = grant.get("expected_tokens_per_day")
        found[stack.environment, name] = Client(
            environment=stack.environment,
            name=name,
            stack=stack.name,
            pool=assembly.text(properties["UserPoolId"]),
            scopes=_written(grant, "scopes") if suspended else _scopes(assembly, properties),
            access_token_minutes=_minutes(properties),
            suspended=suspended,
            # A base from before secrets had resource policies says its readers in the registry alone.
            readers=readers.get((stack.name, logical_id), _written(grant, "readers") or ()),
            expected_tokens_per_day=expected if isinstance(expected, int) else None,
            entry=entries.get(name),
        )
    return found


def _scopes(assembly: Assembly, properties: Mapping[str, Any]) -> tuple[str, ...]:
    texts = [assembly.text(scope) for scope in properties.get("AllowedOAuthScopes", [])]
    return tuple(sorted(text.rsplit("/", 1)[-1] for text in texts))


def _written(grant: Mapping[str, Any], key: str) -> tuple[str, ...] | None:
    values = grant.get(key)
    return tuple(sorted(map(str, values))) if isinstance(values, list) else None


def _minutes(properties: Mapping[str, Any]) -> float:
    # Cognito's default is one hour; a number without a unit is hours.
    unit = properties.get("TokenValidityUnits", {}).get("AccessToken", "hours")
    minutes = properties.get("AccessTokenValidity", 1) * _MINUTES[unit]
    return int(minutes) if minutes == int(minutes) else minutes


def _readers(assembly: Assembly) -> dict[Node, tuple[str, ...]]:
    """Who may read each client's secret by its resource policy: the client is the one whose id the secret holds.

    What rotates a secret must read it, and is not somebody whom the registry lets in.
    """
    rotators = _rotators(assembly)
    owner: dict[Node, Node] = {}
    for stack, logical_id, properties in assembly.of_type(_SECRET):
        for reference in references(properties):
            if assembly.stacks[reference.stack].resources.get(reference.logical_id, {}).get("Type") == CLIENT:
                owner[stack.name, logical_id] = reference.node
    found: dict[Node, set[str]] = {}
    for _, _, properties in assembly.of_type(_POLICY):
        secret = properties.get("SecretId")
        if isinstance(secret, Reference) and secret.node in owner:
            allowed = {
                reader
                for statement in statements_of(properties.get("ResourcePolicy"))
                if statement.get("Effect") == "Allow"
                for reader in principals(assembly, statement)
            }
            allowed -= rotators.get(secret.node, set())
            found.setdefault(owner[secret.node], set()).update(allowed)
    return {client: tuple(sorted(allowed)) for client, allowed in found.items()}


def _rotators(assembly: Assembly) -> dict[Node, set[str]]:
    """The role of the function that rotates each secret, as a policy names it."""
    found: dict[Node, set[str]] = {}
    for _, _, properties in assembly.of_type("AWS::SecretsManager::RotationSchedule"):
        secret, function = properties.get("SecretId"), properties.get("RotationLambdaARN")
        if isinstance(secret, Reference) and isinstance(function, Reference):
            role = assembly.properties(function.node).get("Role")
            found.setdefault(secret.node, set()).add(assembly.text(role))
    return found
