"""The firewall's rules, and which of AWS's managed ones do not fit callers that are machines sending JSON."""

from typing import Final

from aws_cdk import aws_wafv2 as wafv2

from stacks.environments import FirewallLimits

Rule = wafv2.CfnWebACL.RuleProperty
Statement = wafv2.CfnWebACL.StatementProperty

_WINDOW: Final = 60
"""Seconds over which AWS WAF counts."""
_API_BODY: Final = 64 * 1024
"""Bytes: what the functions take."""
_TOKEN_BODY: Final = 8 * 1024
"""Bytes: a token request is a few hundred, and 50 scopes' names are the longest thing it can say."""
_AUTHORIZATION: Final = 4 * 1024
"""Bytes: an access token is about 1,000."""

# https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html. Not here: the list of
# anonymous addresses, which names the hosting providers that our callers run at; SQL, PHP, Linux and Windows, none of
# which is behind these APIs.
_COUNTED_FOR_APIS: Final = (
    "NoUserAgent_HEADER",  # HTTP libraries need not send one
    "SizeRestrictions_BODY",  # 8 KB: the functions take more, and the first rule here says how much
    # A profile's texts are data that nothing renders or runs; the functions answer with nosniff.
    "CrossSiteScripting_BODY",
    "EC2MetaDataSSRF_BODY",
    "GenericLFI_BODY",
    "GenericRFI_BODY",
    "RestrictedExtensions_QUERYARGUMENTS",  # a profile's address may end in .log or .ini
)
_COUNTED_FOR_TOKENS: Final = ("NoUserAgent_HEADER",)


def of_apis(limits: FirewallLimits) -> list[Rule]:
    oversized = Statement(
        or_statement=wafv2.CfnWebACL.OrStatementProperty(
            statements=[_larger(_body(), _API_BODY), _larger(_header("authorization"), _AUTHORIZATION)]
        )
    )
    # One access token is one caller, in whatever case its scheme is written (RFC 9110 11.1): whoever gets many to count
    # as many is stopped at the token endpoint.
    caller = wafv2.CfnWebACL.RateBasedStatementCustomKeyProperty(
        header=wafv2.CfnWebACL.RateLimitHeaderProperty(
            name="authorization", text_transformations=_transformed("LOWERCASE", "COMPRESS_WHITE_SPACE")
        )
    )
    return [
        _block(0, "Oversized", oversized),
        _block(1, "PerCaller", _rate(limits.requests_per_caller, "CUSTOM_KEYS", custom_keys=[caller])),
        _block(2, "PerAddress", _rate(limits.requests_per_address, "IP")),
        *_managed(3, _COUNTED_FOR_APIS),
    ]


def of_token_endpoint(limits: FirewallLimits) -> list[Rule]:
    """By address alone: WAF sees no app client here (docs/decisions/counting-tokens-and-rotations.md)."""
    token_requests = Statement(
        byte_match_statement=wafv2.CfnWebACL.ByteMatchStatementProperty(
            field_to_match=wafv2.CfnWebACL.FieldToMatchProperty(uri_path={}),
            positional_constraint="EXACTLY",
            search_string="/oauth2/token",
            text_transformations=_transformed("NONE"),
        )
    )
    return [
        _block(0, "Oversized", _larger(_body(), _TOKEN_BODY)),
        _block(1, "PerAddress", _rate(limits.tokens_per_address, "IP", scope_down_statement=token_requests)),
        *_managed(2, _COUNTED_FOR_TOKENS),
    ]


def visibility(name: str) -> wafv2.CfnWebACL.VisibilityConfigProperty:
    """Metrics, and no samples: a sampled request is shown whole in the console."""
    return wafv2.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=False
    )


def _managed(first: int, counted: tuple[str, ...]) -> list[Rule]:
    """AWS's own rules: known bad addresses, exploits in any field, and the OWASP core."""
    groups = {
        "AWSManagedRulesAmazonIpReputationList": (),
        "AWSManagedRulesKnownBadInputsRuleSet": (),
        "AWSManagedRulesCommonRuleSet": counted,
    }
    return [
        Rule(
            name=name,
            priority=priority,
            override_action=wafv2.CfnWebACL.OverrideActionProperty(none={}),
            statement=Statement(
                managed_rule_group_statement=wafv2.CfnWebACL.ManagedRuleGroupStatementProperty(
                    vendor_name="AWS", name=name, rule_action_overrides=[_count(rule) for rule in only_counted] or None
                )
            ),
            visibility_config=visibility(name),
        )
        for priority, (name, only_counted) in enumerate(groups.items(), start=first)
    ]


def _block(priority: int, name: str, statement: Statement) -> Rule:
    return Rule(
        name=name,
        priority=priority,
        action=wafv2.CfnWebACL.RuleActionProperty(block={}),
        statement=statement,
        visibility_config=visibility(name),
    )


def _count(rule: str) -> wafv2.CfnWebACL.RuleActionOverrideProperty:
    return wafv2.CfnWebACL.RuleActionOverrideProperty(
        name=rule, action_to_use=wafv2.CfnWebACL.RuleActionProperty(count={})
    )


def _rate(
    limit: int,
    aggregate_key_type: str,
    *,
    custom_keys: list[wafv2.CfnWebACL.RateBasedStatementCustomKeyProperty] | None = None,
    scope_down_statement: Statement | None = None,
) -> Statement:
    return Statement(
        rate_based_statement=wafv2.CfnWebACL.RateBasedStatementProperty(
            limit=limit,
            evaluation_window_sec=_WINDOW,
            aggregate_key_type=aggregate_key_type,
            custom_keys=custom_keys,
            scope_down_statement=scope_down_statement,
        )
    )


def _larger(field: wafv2.CfnWebACL.FieldToMatchProperty, size: int) -> Statement:
    return Statement(
        size_constraint_statement=wafv2.CfnWebACL.SizeConstraintStatementProperty(
            field_to_match=field, comparison_operator="GT", size=size, text_transformations=_transformed("NONE")
        )
    )


def _body() -> wafv2.CfnWebACL.FieldToMatchProperty:
    # A body that is larger than WAF inspects is larger than ours may be.
    return wafv2.CfnWebACL.FieldToMatchProperty(body=wafv2.CfnWebACL.BodyProperty(oversize_handling="MATCH"))


def _header(name: str) -> wafv2.CfnWebACL.FieldToMatchProperty:
    return wafv2.CfnWebACL.FieldToMatchProperty(single_header={"Name": name})


def _transformed(*kinds: str) -> list[wafv2.CfnWebACL.TextTransformationProperty]:
    """In this order. https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-transformation.html"""
    return [
        wafv2.CfnWebACL.TextTransformationProperty(priority=priority, type=kind) for priority, kind in enumerate(kinds)
    ]
