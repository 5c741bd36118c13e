# ruff: noqa: E501 - each line told is one line here
"""What is told before a resource is imported: every difference, and which of them would hurt a caller."""

from pathlib import Path
from typing import Any

import pytest

from tools.adopt.difference import differences
from tools.adopt.plan import CLIENT, DOMAIN, POOL, SERVER, Adopted

POOL_ID = "us-east-1_Ab1Cd2Ef3"
WANTED: dict[str, dict[str, Any]] = {
    CLIENT: {
        "ClientName": "x",
        "GenerateSecret": True,
        "UserPoolId": POOL_ID,
        "AllowedOAuthScopes": ["s/api.read"],
        "SupportedIdentityProviders": [],
        "TokenValidityUnits": {"AccessToken": "minutes"},
    },
    DOMAIN: {"UserPoolId": POOL_ID, "Domain": "dev-sellwithotto-ai"},
    SERVER: {"UserPoolId": POOL_ID, "Identifier": "s", "Scopes": [{"ScopeName": "r", "ScopeDescription": "Read"}]},
    POOL: {"UserPoolTier": "ESSENTIALS"},
}
ALIKE: dict[str, dict[str, Any]] = {
    CLIENT: {
        "ClientName": "x",
        "GenerateSecret": True,
        "UserPoolId": POOL_ID,
        "AllowedOAuthScopes": ["s/api.read"],
        "TokenValidityUnits": {"AccessToken": "minutes", "RefreshToken": "days"},
        "RefreshTokenValidity": 30,
        "CreationDate": "2024-01-01",
    },
    DOMAIN: WANTED[DOMAIN] | {"S3Bucket": "", "Status": "ACTIVE"},
    SERVER: {"UserPoolId": POOL_ID, "Identifier": "s", "Scopes": [{"ScopeDescription": "Read", "ScopeName": "r"}]},
    POOL: {
        "UserPoolTier": "ESSENTIALS",
        "MfaConfiguration": "OFF",
        "Name": "Otto APIs",
        "EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT"},
        "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": []},
        "UserPoolAddOns": {"AdvancedSecurityMode": "OFF"},
    },
}


def lines(kind: str, live: dict[str, Any] | None) -> list[str]:
    adopted = Adopted(
        stack="dev/s",
        stack_name="otto-dev-s",
        logical_id="L",
        type=kind,
        identifier={"Id": "it"},
        wanted=WANTED[kind],
        template=Path(),
        importable={},
    )
    return [
        str(found).removeprefix(f"{kind.removeprefix('AWS::Cognito::')} it: ") for found in differences(adopted, live)
    ]


@pytest.mark.parametrize("kind", ALIKE)
def test_what_the_template_says_is_no_difference_whatever_else_cognito_answers(kind: str) -> None:
    assert lines(kind, ALIKE[kind]) == []


@pytest.mark.parametrize("kind", ALIKE)
def test_what_does_not_exist_stops(kind: str) -> None:
    assert lines(kind, None) == ['existence: is null, the template says "exists": there is none']


@pytest.mark.parametrize(
    ("kind", "change", "line"),
    [
        (CLIENT, {"TokenValidityUnits": {"AccessToken": "hours"}}, 'TokenValidityUnits: is {"AccessToken": "hours"}, the template says {"AccessToken": "minutes"}'),
        (CLIENT, {"AllowedOAuthScopes": []}, 'AllowedOAuthScopes: is [], the template says ["s/api.read"]'),
        (CLIENT, {"AllowedOAuthScopes": ["s/api.read", "s/api.write"]}, 'AllowedOAuthScopes: is ["s/api.read", "s/api.write"], the template says ["s/api.read"]: callers would lose s/api.write: put it into the code or the registry first'),
        (CLIENT, {"GenerateSecret": False}, "GenerateSecret: is false, the template says true: it cannot be changed in place: CloudFormation would replace the resource"),
        (CLIENT, {"CallbackURLs": ["https://a.example"]}, 'CallbackURLs: is ["https://a.example"], the template says []'),
        (CLIENT, {"SupportedIdentityProviders": ["COGNITO"]}, 'SupportedIdentityProviders: is ["COGNITO"], the template says []'),
        (DOMAIN, {"UserPoolId": "us-east-1_Other"}, f'UserPoolId: is "us-east-1_Other", the template says "{POOL_ID}": it cannot be changed in place: CloudFormation would replace the resource'),
        (SERVER, {"Scopes": [{"ScopeName": "r", "ScopeDescription": "Read"}, {"ScopeName": "w", "ScopeDescription": "W"}]}, 'Scopes: is [{"ScopeName": "r", "ScopeDescription": "Read"}, {"ScopeName": "w", "ScopeDescription": "W"}], the template says [{"ScopeName": "r", "ScopeDescription": "Read"}]: callers would lose w: put it into the code or the registry first'),
        (POOL, {"UserPoolTier": "LITE"}, 'UserPoolTier: is "LITE", the template says "ESSENTIALS"'),
        (POOL, {"AutoVerifiedAttributes": ["email"]}, 'AutoVerifiedAttributes: is ["email"], the template says []'),
        (POOL, {"EmailConfiguration": {"EmailSendingAccount": "DEVELOPER"}}, 'EmailConfiguration: is {"EmailSendingAccount": "DEVELOPER"}, the template says {"EmailSendingAccount": "COGNITO_DEFAULT"}'),
        (POOL, {"DeviceConfiguration": {"ChallengeRequiredOnNewDevice": True}}, 'DeviceConfiguration: is {"ChallengeRequiredOnNewDevice": true}, the template says {}'),
        (POOL, {"UserPoolAddOns": {"AdvancedSecurityMode": "AUDIT"}}, 'UserPoolAddOns: is {"AdvancedSecurityMode": "AUDIT"}, the template says {"AdvancedSecurityMode": "OFF"}'),
        (POOL, {"UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email"]}}, 'UserAttributeUpdateSettings: is {"AttributesRequireVerificationBeforeUpdate": ["email"]}, the template says {}'),
        (POOL, {"MfaConfiguration": "ON"}, 'MfaConfiguration: is "ON", the template says "OFF"'),
    ],
)  # fmt: skip
def test_each_difference_is_told(kind: str, change: dict[str, Any], line: str) -> None:
    assert lines(kind, ALIKE[kind] | change) == [line]
