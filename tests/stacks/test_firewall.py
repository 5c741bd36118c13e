"""Where there is a firewall, every API and pool is behind it, it limits each caller, and it tells nobody's secrets."""

import copy
import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from itertools import product
from typing import Any

import pytest

from lambdas.profiles.request import LARGEST
from stacks.environments import ENVIRONMENTS, Environment
from tests.stacks.synthesis import SynthesizedStack, Template

GUARDED = [environment for environment in ENVIRONMENTS if environment.firewall]
PROTECTED = {"AWS::ApiGateway::Stage": "/stages/", "AWS::Cognito::UserPool": "userpool"}
MANAGED = {
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesCommonRuleSet",
}


def exposed(template: Template) -> Iterator[str]:
    """Every stage and pool that no web ACL is in front of."""
    resources = template["Resources"]
    behind = [
        json.dumps(resource["Properties"]["ResourceArn"])
        for resource in resources.values()
        if resource["Type"] == "AWS::WAFv2::WebACLAssociation"
    ]
    for logical_id, resource in resources.items():
        if resource["Type"] in PROTECTED and not any(f'"{logical_id}"' in arn for arn in behind):
            yield logical_id


def access_lists(template: Template) -> dict[str, dict[str, Any]]:
    return {
        resource["Properties"]["Name"].split("-", 2)[2]: resource["Properties"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::WAFv2::WebACL"
    }


def telling(template: Template) -> Iterator[str]:
    """Every web ACL that could show a token, a secret or a profile's address in a log or a sample."""
    for name, access_list in access_lists(template).items():
        hidden = {
            (each["Field"]["FieldType"], *each["Field"].get("FieldKeys", ()))
            for each in access_list["DataProtectionConfig"]["DataProtections"]
            if each["Action"] == "SUBSTITUTION"
            and not each.get("ExcludeRateBasedDetails")
            and not each.get("ExcludeRuleMatchDetails")
        }
        if not hidden >= {("SINGLE_HEADER", "authorization"), ("QUERY_STRING",), ("BODY",)}:
            yield f"{name}: not hidden"
        configs = [access_list["VisibilityConfig"], *(rule["VisibilityConfig"] for rule in access_list["Rules"])]
        if any(config["SampledRequestsEnabled"] for config in configs):
            yield f"{name}: sampled"


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda environment: environment.name)
def test_everything_is_behind_the_firewall_where_there_is_one(
    stacks: dict[str, SynthesizedStack], environment: Environment
) -> None:
    mine = {name: stack.template for name, stack in stacks.items() if stack.environment == environment.name}
    found = {name: list(exposed(template)) for name, template in mine.items()}
    alone = {name: ids for name, ids in found.items() if ids}
    assert (alone == {}) is (environment.firewall is not None)
    assert (environment.stack("firewall") in mine) is (environment.firewall is not None)


def test_production_has_a_firewall() -> None:
    assert {environment.name for environment in GUARDED} >= {"prod"}


@pytest.mark.parametrize("stack", ["identity", "profiles"])
def test_a_planted_exposure_is_found(stacks: dict[str, SynthesizedStack], stack: str) -> None:
    template = copy.deepcopy(stacks[f"otto-prod-{stack}"].template)
    [association] = [key for key, value in template["Resources"].items() if value["Type"].endswith("WebACLAssociation")]
    del template["Resources"][association]
    [found] = exposed(template)
    assert template["Resources"][found]["Type"] in PROTECTED


def test_no_firewall_tells_a_secret(stacks: dict[str, SynthesizedStack]) -> None:
    assert [found for stack in stacks.values() for found in telling(stack.template)] == []


def test_a_planted_tell_is_found(stacks: dict[str, SynthesizedStack]) -> None:
    template = copy.deepcopy(stacks["otto-prod-firewall"].template)
    lists = access_lists(template)
    lists["apis"]["Rules"][1]["VisibilityConfig"]["SampledRequestsEnabled"] = True
    lists["tokenendpoint"]["DataProtectionConfig"]["DataProtections"][0]["ExcludeRateBasedDetails"] = True
    assert sorted(telling(template)) == ["apis: sampled", "tokenendpoint: not hidden"]


@pytest.fixture(params=GUARDED, ids=lambda environment: environment.name)
def lists(request: pytest.FixtureRequest, stacks: dict[str, SynthesizedStack]) -> dict[str, dict[str, Any]]:
    return access_lists(stacks[request.param.stack("firewall")].template)


def rules(access_list: dict[str, Any]) -> dict[str, dict[str, Any]]:
    assert len({rule["Priority"] for rule in access_list["Rules"]}) == len(access_list["Rules"])
    return {rule["Name"]: rule for rule in access_list["Rules"]}


def test_a_caller_is_limited_by_its_token_and_an_address_by_itself(lists: dict[str, dict[str, Any]]) -> None:
    found = rules(lists["apis"])
    caller = found["PerCaller"]["Statement"]["RateBasedStatement"]
    [key] = caller["CustomKeys"]
    assert (caller["AggregateKeyType"], key["Header"]["Name"]) == ("CUSTOM_KEYS", "authorization")
    address = found["PerAddress"]["Statement"]["RateBasedStatement"]
    assert (address["AggregateKeyType"], caller["Limit"], address["Limit"]) == ("IP", 6_000, 30_000)
    assert caller["EvaluationWindowSec"] == address["EvaluationWindowSec"] == 60
    assert found["PerCaller"]["Action"] == found["PerAddress"]["Action"] == {"Block": {}}


TRANSFORMATIONS: dict[str, Callable[[str], str]] = {
    "NONE": lambda value: value,
    "LOWERCASE": str.lower,
    "COMPRESS_WHITE_SPACE": lambda value: re.sub(r"\s+", " ", value),
}
"""https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-transformation.html"""


def callers(access_list: dict[str, Any], headers: Iterable[str]) -> set[str]:
    """As how many callers the rule counts who sends these."""
    [key] = rules(access_list)["PerCaller"]["Statement"]["RateBasedStatement"]["CustomKeys"]
    steps = sorted(key["Header"]["TextTransformations"], key=lambda each: int(each["Priority"]))
    return {reduce(lambda value, each: TRANSFORMATIONS[each["Type"]](value), steps, header) for header in headers}


def test_a_token_is_one_caller_however_its_scheme_is_spelled(lists: dict[str, dict[str, Any]]) -> None:
    schemes = {"".join(letters) for letters in product(*((each.lower(), each.upper()) for each in "bearer"))}
    spelled = [f"{scheme}{space}a.b.c" for scheme in schemes for space in (" ", "  ", "\t ")]
    assert len(spelled) == 192
    assert len(callers(lists["apis"], spelled)) == 1
    assert len(callers(lists["apis"], ["Bearer a.b.c", "Bearer a.b.d"])) == 2


def test_a_planted_untransformed_key_counts_each_spelling(lists: dict[str, dict[str, Any]]) -> None:
    planted = copy.deepcopy(lists["apis"])
    [key] = rules(planted)["PerCaller"]["Statement"]["RateBasedStatement"]["CustomKeys"]
    key["Header"]["TextTransformations"] = [{"Priority": 0, "Type": "NONE"}]
    assert len(callers(planted, ["Bearer a.b.c", "bearer a.b.c"])) == 2


def test_an_address_is_limited_at_the_token_endpoint(lists: dict[str, dict[str, Any]]) -> None:
    rule = rules(lists["tokenendpoint"])["PerAddress"]
    rate = rule["Statement"]["RateBasedStatement"]
    path = rate["ScopeDownStatement"]["ByteMatchStatement"]
    assert (rate["AggregateKeyType"], rate["Limit"], rate["EvaluationWindowSec"]) == ("IP", 300, 60)
    assert (path["SearchString"], path["PositionalConstraint"]) == ("/oauth2/token", "EXACTLY")
    assert rule["Action"] == {"Block": {}}


def test_what_is_larger_than_a_function_takes_is_refused(lists: dict[str, dict[str, Any]]) -> None:
    body, header = (
        part["SizeConstraintStatement"]
        for part in rules(lists["apis"])["Oversized"]["Statement"]["OrStatement"]["Statements"]
    )
    assert (body["Size"], body["FieldToMatch"]) == (LARGEST, {"Body": {"OversizeHandling": "MATCH"}})
    # WAF sees as much of a body as it is told to; less than the limit would refuse what the function takes.
    assert lists["apis"]["AssociationConfig"]["RequestBody"] == {"API_GATEWAY": {"DefaultSizeInspectionLimit": "KB_64"}}
    assert (header["Size"], header["FieldToMatch"]) == (4096, {"SingleHeader": {"Name": "authorization"}})


def test_managed_rules_refuse_all_but_what_machines_and_json_need(lists: dict[str, dict[str, Any]]) -> None:
    for name, counted in (
        (
            "apis",
            {
                "NoUserAgent_HEADER",
                "SizeRestrictions_BODY",
                "CrossSiteScripting_BODY",
                "EC2MetaDataSSRF_BODY",
                "GenericLFI_BODY",
                "GenericRFI_BODY",
                "RestrictedExtensions_QUERYARGUMENTS",
            },
        ),
        ("tokenendpoint", {"NoUserAgent_HEADER"}),
    ):
        groups = {
            statement["Name"]: statement
            for rule in lists[name]["Rules"]
            if (statement := rule["Statement"].get("ManagedRuleGroupStatement"))
        }
        assert groups.keys() == MANAGED
        overrides = {
            (group, each["Name"], *each["ActionToUse"])
            for group, statement in groups.items()
            for each in statement.get("RuleActionOverrides", [])
        }
        assert overrides == {("AWSManagedRulesCommonRuleSet", rule, "Count") for rule in counted}


def test_what_is_refused_is_logged_with_retention(stacks: dict[str, SynthesizedStack]) -> None:
    for environment in GUARDED:
        stack = stacks[environment.stack("firewall")]
        groups = {
            resource["Properties"]["LogGroupName"]: resource["Properties"]["RetentionInDays"]
            for _, resource in stack.of_type("AWS::Logs::LogGroup")
        }
        assert groups == {f"aws-waf-logs-otto-{environment.name}-{name}": 365 for name in ("apis", "tokenendpoint")}
        for _, logging in stack.of_type("AWS::WAFv2::LoggingConfiguration"):
            properties = logging["Properties"]
            [destination] = properties["LogDestinationConfigs"]
            assert ":log-group:" in json.dumps(destination)
            assert not json.dumps(destination).rstrip('"]}').endswith(":*")
            assert properties["LoggingFilter"]["DefaultBehavior"] == "DROP"
