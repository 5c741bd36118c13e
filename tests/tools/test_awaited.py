"""docs/awaited.md: nothing in it has arrived, and what arrives with an upgrade is told with the decision it reopens."""

import functools
import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, get_type_hints

import botocore.session
import pytest
from aws_cdk import aws_apigateway, aws_cognito
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER  # type: ignore[import-untyped]
from mypy_boto3_cognito_idp.type_defs import UserPoolClientTypeTypeDef

PAGE: Final = Path(__file__).parents[2] / "docs" / "awaited.md"
ROW: Final = re.compile(
    r"^\| (?P<what>[^|]+) \| [^|]+ \| \[[\w-]+\]\((?P<decision>[^)#]+)(?:#(?P<part>[\w-]+))?\) \|$", re.MULTILINE
)
POOL: Final = "AWS::Cognito::UserPool"
CLIENT: Final = "AWS::Cognito::UserPoolClient"
AUTHORIZER: Final = "AWS::ApiGateway::Authorizer"


@dataclass(frozen=True)
class Pins:
    """What the installed versions can say, in lower case and without underscores, by the type that says it."""

    properties: Mapping[str, frozenset[str]]
    """CloudFormation's and the CDK's, of each type."""
    types: frozenset[str]
    """CloudFormation's, of Cognito."""
    flows: frozenset[str]
    """Of an app client: CloudFormation's and botocore's."""
    typed: frozenset[str]
    """What boto3's types know of an app client."""


@functools.cache
def read() -> Pins:
    def schema(kind: str) -> Any:
        return PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema["properties"]

    made: Mapping[str, Any] = {
        POOL: aws_cognito.CfnUserPool, CLIENT: aws_cognito.CfnUserPoolClient, AUTHORIZER: aws_apigateway.CfnAuthorizer,
    }  # fmt: skip
    model: Any = botocore.session.get_session().get_service_model("cognito-idp").shape_for("ExplicitAuthFlowsType")
    return Pins(
        properties={
            kind: frozenset(map(_plain, [*schema(kind), *inspect.signature(construct.__init__).parameters]))
            for kind, construct in made.items()
        },
        types=frozenset(
            kind
            for kind in PROVIDER_SCHEMA_MANAGER.get_resource_types("us-east-1")
            if kind.startswith("AWS::Cognito::")
        ),
        flows=frozenset([*schema(CLIENT)["ExplicitAuthFlows"]["items"]["enum"], *model.enum]),
        typed=frozenset(map(_plain, get_type_hints(UserPoolClientTypeTypeDef))),
    )


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


ARRIVED: Final[Mapping[str, Callable[[Pins], bool]]] = {
    "managed secrets in CloudFormation": lambda pins: any("publishsecrets" in each for each in pins.properties[CLIENT]),
    "two-secret resources": lambda pins: any("Secret" in each for each in pins.types),
    "boto3's types for managed secrets": lambda pins: "clientsecretarn" in pins.typed,
    "the REST JWT authorizer": lambda pins: "jwtconfiguration" in pins.properties[AUTHORIZER],
    "`ALLOW_CLIENT_TOKEN_AUTH`": lambda pins: "ALLOW_CLIENT_TOKEN_AUTH" in pins.flows,
    "dynamic registration in CloudFormation": lambda pins: "dcrconfiguration" in pins.properties[POOL],
    "client metadata documents in CloudFormation": lambda pins: any("CIMD" in each.upper() for each in pins.types),
}
"""How each row of the page begins, and what tells that it is there."""


def rows() -> dict[str, str]:
    """The decision that each row reopens, by how the row begins."""
    found = {match["what"]: match["decision"] for match in ROW.finditer(PAGE.read_text())}
    return {begins: decision for begins in ARRIVED for what, decision in found.items() if what.startswith(begins)}


def arrived(pins: Pins) -> list[str]:
    decisions = rows()
    return [f"{what}: reopen docs/{decisions[what]}" for what, has in ARRIVED.items() if has(pins)]


def test_nothing_that_is_awaited_has_arrived() -> None:
    assert arrived(read()) == []


def test_every_row_is_looked_for_and_reopens_a_decision_that_exists() -> None:
    matches = list(ROW.finditer(PAGE.read_text()))
    assert len(matches) == len(ARRIVED) == len(rows())
    for match in matches:
        record = (PAGE.parent / match["decision"]).read_text()
        assert f"## {match['part']}".replace("-", " ").lower() in record.lower() or match["part"] is None


def with_property(pins: Pins, kind: str, name: str) -> Pins:
    return replace(pins, properties={**pins.properties, kind: pins.properties[kind] | {_plain(name)}})


@pytest.mark.parametrize(
    ("plant", "what"),
    [
        (lambda pins: with_property(pins, CLIENT, "PublishSecretsInAWSSecretsManager"), "managed secrets in"),
        (lambda pins: with_property(pins, CLIENT, "publish_secrets_in_aws_secrets_manager"), "managed secrets in"),
        (lambda pins: replace(pins, types=pins.types | {"AWS::Cognito::UserPoolClientSecret"}), "two-secret resources"),
        (lambda pins: replace(pins, typed=pins.typed | {"clientsecretarn"}), "boto3's types"),
        (lambda pins: with_property(pins, AUTHORIZER, "jwt_configuration"), "the REST JWT authorizer"),
        (lambda pins: replace(pins, flows=pins.flows | {"ALLOW_CLIENT_TOKEN_AUTH"}), "`ALLOW_CLIENT_TOKEN_AUTH`"),
        (lambda pins: with_property(pins, POOL, "DcrConfiguration"), "dynamic registration"),
        (lambda pins: replace(pins, types=pins.types | {"AWS::Cognito::CIMDPolicy"}), "client metadata documents"),
    ],
)
def test_a_planted_schema_that_has_one_names_the_decision(plant: Callable[[Pins], Pins], what: str) -> None:
    [line] = arrived(plant(read()))
    assert line.startswith(what)
    assert re.search(r": reopen docs/decisions/[\w-]+\.md$", line)


def test_a_schema_of_cloudformations_that_has_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    real = PROVIDER_SCHEMA_MANAGER.get_resource_schema

    def planted(region: str, kind: str) -> Any:
        schema = real(region, kind).schema
        more = {"PublishSecretsInAWSSecretsManager": {"type": "boolean"}} if kind == CLIENT else {}
        return SimpleNamespace(schema={**schema, "properties": schema["properties"] | more})

    monkeypatch.setattr(PROVIDER_SCHEMA_MANAGER, "get_resource_schema", planted)
    assert arrived(read.__wrapped__()) == [
        "managed secrets in CloudFormation: reopen docs/decisions/managed-secrets.md"
    ]


def test_a_replica_can_be_declared_so_it_is_not_awaited() -> None:
    assert "AWS::Cognito::UserPoolReplica" in read().types
    assert hasattr(aws_cognito, "CfnUserPoolReplica")
