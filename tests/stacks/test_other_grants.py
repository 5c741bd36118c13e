"""No template opens another way to an access token: dynamic registration, client metadata documents, token exchange."""

from typing import Any, Final

import pytest

from tests.stacks.synthesis import SynthesizedStack

POOL: Final = "AWS::Cognito::UserPool"
CLIENT: Final = "AWS::Cognito::UserPoolClient"
DYNAMIC: Final = "DcrConfiguration"
DOCUMENTS: Final = "AWS::Cognito::CIMDPolicy"
"""As botocore's model calls them; CloudFormation has no word for them yet (docs/awaited.md)."""
GRANTS: Final = ["client_credentials"]
FLOWS: Final = ["ALLOW_REFRESH_TOKEN_AUTH"]


def opened(resources: dict[str, Any]) -> list[str]:
    """Resources that let somebody else than an app client of the registry have a token, or it another than its own."""
    found = []
    for name, resource in resources.items():
        properties = resource.get("Properties", {})
        if resource["Type"] == POOL and DYNAMIC in properties:
            found.append(f"{name}: {DYNAMIC}")
        if "CIMD" in resource["Type"]:
            found.append(f"{name}: {resource['Type']}")
        if resource["Type"] == CLIENT:
            flows = set(properties["ExplicitAuthFlows"]) - set(FLOWS)
            grants = set(properties["AllowedOAuthFlows"]) - set(GRANTS)
            found += [f"{name}: {each}" for each in sorted(flows | grants)]
    return found


def test_no_template_opens_another_way_to_a_token(stacks: dict[str, SynthesizedStack]) -> None:
    assert [found for stack in stacks.values() for found in opened(stack.template["Resources"])] == []


@pytest.mark.parametrize(
    ("kind", "properties", "found"),
    [
        (POOL, {DYNAMIC: {"EnableStatus": "Disabled"}}, DYNAMIC),
        (DOCUMENTS, {}, DOCUMENTS),
        (CLIENT, {"ExplicitAuthFlows": ["ALLOW_TOKEN_EXCHANGE_DELEGATION"], "AllowedOAuthFlows": []}, "DELEGATION"),
        (CLIENT, {"ExplicitAuthFlows": FLOWS, "AllowedOAuthFlows": ["code"]}, "code"),
    ],
)
def test_each_planted_way_is_found(kind: str, properties: dict[str, Any], found: str) -> None:
    [line] = opened({"Planted": {"Type": kind, "Properties": properties}})
    assert line.startswith("Planted: ")
    assert line.endswith(found)
