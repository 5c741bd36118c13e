"""Readers of a secret are whom its resource policy allows, whatever the registry says."""

from typing import Any

from tools.report import clients
from tools.report.entries import Entry
from tools.template import Assembly, Stack


def test_a_clients_readers_are_whom_its_secrets_policy_allows() -> None:
    def statement(effect: str, principal: Any) -> dict[str, Any]:
        return {"Effect": effect, "Principal": principal, "Action": "secretsmanager:GetSecretValue", "Resource": "*"}

    template = {
        "Resources": {
            "Client": {
                "Type": "AWS::Cognito::UserPoolClient",
                "Properties": {"ClientName": "reader", "UserPoolId": "p", "AllowedOAuthFlows": ["client_credentials"]},
            },
            "Secret": {
                "Type": "AWS::SecretsManager::Secret",
                "Properties": {"GenerateSecretString": {"SecretStringTemplate": {"Fn::Sub": '{"id":"${Client}"}'}}},
            },
            "Policy": {
                "Type": "AWS::SecretsManager::ResourcePolicy",
                "Properties": {
                    "SecretId": {"Ref": "Secret"},
                    "ResourcePolicy": {
                        "Statement": [
                            statement("Allow", {"AWS": ["arn:aws:iam::1:role/b", "arn:aws:iam::1:role/a"]}),
                            statement("Deny", "*"),
                        ]
                    },
                },
            },
        }
    }  # fmt: skip
    entry = Entry(name="reader", path="", facts={}, environments={"dev": {"readers": ["arn:aws:iam::1:role/written"]}})
    assembly = Assembly({"s": Stack(name="s", environment="dev", template=template)})
    [client] = clients.find(assembly, {"reader": entry}).values()
    assert client.readers == ("arn:aws:iam::1:role/a", "arn:aws:iam::1:role/b")
    assert client.access_token_minutes == 60


def test_a_base_from_before_secrets_had_policies_has_the_registrys_readers() -> None:
    template = {
        "Resources": {
            "Client": {
                "Type": "AWS::Cognito::UserPoolClient",
                "Properties": {"ClientName": "reader", "UserPoolId": "p"},
            }
        }
    }
    entry = Entry(name="reader", path="", facts={}, environments={"dev": {"readers": ["arn:aws:iam::1:role/written"]}})
    assembly = Assembly({"s": Stack(name="s", environment="dev", template=template)})
    [client] = clients.find(assembly, {"reader": entry}).values()
    assert client.readers == ("arn:aws:iam::1:role/written",)
