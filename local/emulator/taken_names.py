"""A name that something has already: a stack that would make another of that name is refused, and nothing changes.

Extends ministack 1.5.33, which refuses the names of secrets, parameters and domain prefixes, and writes over whatever
has any other: `services.cloudformation.stacks._provision_keeping_seed`, by which a stack makes what it did not have.

AWS's contract of resource types has every one whose primary identifier is not read-only created twice, "with the
expectation that the second create operation will fail with the AlreadyExists error code":
https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/contract-tests.html (2026-11-25). Of the others, the
handler of a rule looks for it first, in aws-cloudformation-resource-providers-events' `CreateHandler.java`; a topic was
refused in https://github.com/awslabs/fhir-works-on-aws-deployment/issues/754; the services refuse the rest:
https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html (EntityAlreadyExists, as of a role) and
https://docs.aws.amazon.com/waf/latest/APIReference/API_CreateWebACL.html (WAFDuplicateItemException). The message is
that of a log group in https://github.com/serverless/serverless/issues/12312. Of a domain prefix, which is one pool's,
Cognito's words are those of https://github.com/aws-samples/amazon-elasticsearch-service-with-cognito/issues/7.
"""

import json
from collections.abc import Callable
from typing import Any, Final

from local.emulator.actions import Members, RefusedError, guarding
from local.emulator.hooks import Hook

_KEEPING: Final = Hook("services.cloudformation.stacks", "_provision_keeping_seed", ("args",))
_ALARMS: Final = Hook("services.cloudwatch", "_alarms")
_DASHBOARDS: Final = Hook("services.cloudwatch", "_dashboards")
_POOLS: Final = Hook("services.cognito", "_user_pools")
_DOMAINS: Final = Hook("services.cognito", "_pool_domain_map")
_CREATE_DOMAIN: Final = Hook("services.cognito", "_create_user_pool_domain", ("data",))
_RULES: Final = Hook("services.eventbridge", "_rules")
_RULE_KEY: Final = Hook("services.eventbridge", "_rule_key", ("rule_name", "bus_name"))
_BUS: Final = Hook("services.cloudformation.provisioners", "_eb_rule_bus_name", ("props",))
_ROLES: Final = Hook("services.iam", "_roles")
_POLICIES: Final = Hook("services.iam", "_policies")
_LOG_GROUPS: Final = Hook("services.cloudwatch_logs", "_log_groups")
_LOG_POLICIES: Final = Hook("services.cloudwatch_logs", "_resource_policies")
_TOPICS: Final = Hook("services.sns", "_topics")
_ACLS: Final = Hook("services.waf", "_web_acls")
HOOKS: Final = (
    _KEEPING, _ALARMS, _DASHBOARDS, _POOLS, _RULES, _RULE_KEY, _BUS, _ROLES, _POLICIES, _LOG_GROUPS, _LOG_POLICIES,
    _TOPICS, _ACLS, _DOMAINS, _CREATE_DOMAIN,
)  # fmt: skip

Taken = Callable[[str, Members], bool]
"""Whether something has the name; the other properties say where it counts."""


def _among(store: Hook) -> Taken:
    return lambda name, _: name in store.value


def _in_pool(identifier: str, props: Members) -> bool:
    return identifier in (_POOLS.value.get(props["UserPoolId"]) or {}).get("_resource_servers", {})


def _policy(name: str, _: Members) -> bool:
    return any(each["PolicyName"] == name for each in _POLICIES.value.values())


def _rule(name: str, props: Members) -> bool:
    return _RULE_KEY(name, _BUS(props)) in _RULES.value


def _topic(name: str, _: Members) -> bool:
    return any(each["name"] == name for each in _TOPICS.value.values())


def _acl(name: str, props: Members) -> bool:
    return any((each["Name"], each["Scope"]) == (name, props["Scope"]) for each in _ACLS.value.values())


TYPES: Final[dict[str, tuple[str, Taken]]] = {
    "AWS::CloudWatch::Alarm": ("AlarmName", _among(_ALARMS)),
    "AWS::CloudWatch::Dashboard": ("DashboardName", _among(_DASHBOARDS)),
    "AWS::Cognito::UserPoolResourceServer": ("Identifier", _in_pool),
    "AWS::Events::Rule": ("Name", _rule),
    "AWS::IAM::ManagedPolicy": ("ManagedPolicyName", _policy),
    "AWS::IAM::Role": ("RoleName", _among(_ROLES)),
    "AWS::Logs::LogGroup": ("LogGroupName", _among(_LOG_GROUPS)),
    "AWS::Logs::ResourcePolicy": ("PolicyName", _among(_LOG_POLICIES)),
    "AWS::SNS::Topic": ("TopicName", _topic),
    "AWS::WAFv2::WebACL": ("Name", _acl),
}
"""Each type that a template gives a name, with the property that holds it."""


def _failed(code: str, message: str) -> ValueError:
    """A handler's failure, as CloudFormation tells it."""
    return ValueError(f'Resource handler returned message: "{message}" (HandlerErrorCode: {code})')


def _refusing(original: Callable[..., Any]) -> Callable[..., Any]:
    def provision(kind: str, logical_id: str, props: Members, stack_name: str) -> Any:
        named, is_taken = TYPES.get(kind, ("", None))
        if is_taken and named in props and is_taken(props[named], props):
            identifier = json.dumps({f"/properties/{named}": props[named]}, separators=(",", ":"))
            raise _failed("AlreadyExists", f"Resource of type '{kind}' with identifier '{identifier}' already exists.")
        return original(kind, logical_id, props, stack_name)

    return provision


def _require_free_domain(data: Members) -> None:
    if data.get("Domain") in _DOMAINS.value:
        raise RefusedError("InvalidParameterException", "Domain already associated with another user pool.")


def install() -> None:
    """Refuse what would be made under a name that is taken."""
    _CREATE_DOMAIN.replace(guarding(_require_free_domain))
    _KEEPING.replace(_refusing)
