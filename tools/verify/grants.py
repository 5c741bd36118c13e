"""The ways to an access token that this platform does not use, which CloudFormation cannot switch off or compare.

Field names and values are those of botocore 1.44.8's cognito-idp model (2026-11-25).
"""

from collections.abc import Iterator
from typing import Final

from tools.row import Row, judge
from tools.verify.deployment import Deployment

EXPECTED: Final = "no dynamic registration, no client metadata documents, no token exchange"
_EXCHANGE: Final = "ALLOW_TOKEN_EXCHANGE_"
_FIX: Final = "docs/runbook.md#foreign-grants"


def look(deployment: Deployment) -> Iterator[Row]:
    users, pool = deployment.client("cognito-idp"), deployment.user_pool
    listing = deployment.plan.cloud.pages
    dynamic = users.describe_user_pool(UserPoolId=pool)["UserPool"].get("DcrConfiguration")
    # Given without this value, it is on.
    status = "Disabled" if dynamic is None else dynamic.get("EnableStatus", "Enabled")
    registered = listing(
        "cognito-idp", "list_user_pool_clients", "UserPoolClients", UserPoolId=pool, ClientType="DCR", MaxResults=60
    )
    yield judge(
        "dynamic registration",
        found=f"{status}; {len(registered)} app clients registered by it",
        expected="Disabled; none",
        good=status == "Disabled" and not registered,
        fix=_FIX,
    )
    policies = listing("cognito-idp", "list_cimd_policies", "CIMDPolicies", UserPoolId=pool)
    documents = [str(each.get("PolicyName") or each.get("CIMDPolicyId")) for each in policies]
    yield judge(
        "client metadata",
        found=", ".join(documents) or "no policy",
        expected="no policy that takes a URL for a client's id",
        good=not documents,
        fix=_FIX,
    )
    exchanging = [
        f"{each['ClientName']} ({each['ClientId']})"
        for each in listing("cognito-idp", "list_user_pool_clients", "UserPoolClients", UserPoolId=pool, MaxResults=60)
        if _exchanges(deployment, each["ClientId"])
    ]
    yield judge(
        "token exchange",
        found=", ".join(exchanging) or "no app client may",
        expected="no app client may exchange a token for another",
        good=not exchanging,
        fix=_FIX,
    )


def _exchanges(deployment: Deployment, client_id: str) -> bool:
    answer = deployment.client("cognito-idp").describe_user_pool_client(
        UserPoolId=deployment.user_pool, ClientId=client_id
    )
    return any(flow.startswith(_EXCHANGE) for flow in answer["UserPoolClient"].get("ExplicitAuthFlows", []))
