"""Statements of IAM policies as plain values, which can be read again without a call to jsii for each field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from aws_cdk import aws_iam as iam


@dataclass(frozen=True, kw_only=True)
class Statement:
    """Allows these actions on these resources, where `conditions` hold."""

    actions: Sequence[str]
    resources: Sequence[str]
    conditions: Mapping[str, Mapping[str, str | Sequence[str]]] = field(default_factory=lambda: MappingProxyType({}))

    def to_json(self) -> dict[str, Any]:
        """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html"""
        allowed = {"Effect": "Allow", "Action": list(self.actions), "Resource": list(self.resources)}
        conditions = {
            operator: {key: value if isinstance(value, str) else list(value) for key, value in keys.items()}
            for operator, keys in self.conditions.items()
        }
        return allowed | ({"Condition": conditions} if conditions else {})


def tags(of: str, application: str, environment: str) -> dict[str, str]:
    """The two tags of all that is ours, as a condition on a resource (`ResourceTag`) or on a request (`RequestTag`)."""
    return {f"aws:{of}/application": application, f"aws:{of}/environment": environment}


def document(statements: Sequence[Statement]) -> iam.PolicyDocument:
    return iam.PolicyDocument.from_json({"Statement": [statement.to_json() for statement in statements]})
