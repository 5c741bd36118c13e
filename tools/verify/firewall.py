"""The web ACLs stand where they should, and stop one address that asks for too many tokens."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from tools.row import Row, State, judge
from tools.verify.deployment import Deployment

_NONE = "this environment has no firewall"
_EXPECTED = "a web ACL of ours before the stage and before the pool"
_EXTRA = 100


def look(deployment: Deployment) -> Iterator[Row]:
    environment = deployment.environment
    if not environment.firewall:
        yield Row(name="firewall", found=_NONE, expected=_EXPECTED, state=State.ELSEWHERE)
        return
    api = (urlsplit(deployment.target.api).hostname or "").partition(".")[0]
    account, region = deployment.plan.account, environment.region
    protected = {
        "apis": f"arn:aws:apigateway:{region}::/restapis/{api}/stages/{environment.name}",
        "tokenendpoint": f"arn:aws:cognito-idp:{region}:{account}:userpool/{deployment.user_pool}",
    }
    waf = deployment.client("wafv2")
    found = {
        name: waf.get_web_acl_for_resource(ResourceArn=arn).get("WebACL", {}).get("Name", "none")
        for name, arn in protected.items()
    }
    yield judge(
        "firewall",
        found=", ".join(found.values()),
        expected=_EXPECTED,
        good=all(each == environment.stack(name) for name, each in found.items()),
        fix=deployment.at.make("deploy"),
    )


def look_at_rate(deployment: Deployment) -> Iterator[Row]:
    """Ask with a wrong secret, which costs nothing; for a minute after it this address gets no token."""
    limits = deployment.environment.firewall
    if not limits:
        yield Row(name="firewall rate", found=_NONE, expected="one address is stopped", state=State.ELSEWHERE)
        return
    asked, stopped = 0, False
    while not stopped and asked < limits.tokens_per_address + _EXTRA and not deployment.stopped.is_set():
        asked += 1
        stopped = deployment.request_token(deployment.target.credentials.client_id, "wrong").status == 403
    # WAF counts with a delay of its own; what it says last counts.
    stopped = stopped or bool(
        deployment.poll(
            lambda: deployment.request_token(deployment.target.credentials.client_id, "wrong").status == 403,
            min(60, deployment.patience),
        )
    )
    yield judge(
        "firewall rate",
        found=f"{'stopped' if stopped else 'not stopped'} after {asked} requests",
        expected=f"one address is stopped after {limits.tokens_per_address} token requests in a minute",
        good=stopped,
        fix="stacks/firewall_rules.py: the rule's path and limit",
    )
