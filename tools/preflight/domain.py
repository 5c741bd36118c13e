"""The domain prefix of the token endpoint, which is one for the whole region, is free or ours."""

from collections.abc import Iterator

from tools.preflight.plan import Plan
from tools.row import Row, judge


def look(plan: Plan) -> Iterator[Row]:
    prefix = plan.environment.domain_prefix
    description = plan.cloud.client("cognito-idp").describe_user_pool_domain(Domain=prefix)["DomainDescription"]
    pool, owner = description.get("UserPoolId", ""), description.get("AWSAccountId", "")
    ours = {name for kind, name in plan.owned if kind == "AWS::Cognito::UserPool"}
    found, fix = f"{prefix} is free", ""
    if pool in ours:
        found = f"{prefix} is ours"
    elif pool and owner in ("", plan.account):
        found = f"{prefix} is held by {pool}, which no stack of {plan.environment.name} owns"
        fix = f"bring the pool in (docs/adopting.md), or: {_delete(prefix, pool)}"
    elif description:
        found = f"{prefix} is taken in another account"
        fix = "give it up there, or choose another prefix: it is in the token endpoint that callers know"
    yield judge("domain", found=found, expected="free, or ours", good=not fix, fix=fix)


def _delete(prefix: str, pool: str) -> str:
    return f"aws cognito-idp delete-user-pool-domain --domain {prefix} --user-pool-id {pool}"
