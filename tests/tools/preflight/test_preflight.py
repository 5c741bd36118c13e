"""Each row of `make preflight`: against an account in which a deploy works, and against one fault at a time."""

import pytest

from stacks.environments import ENVIRONMENTS
from stacks.registry import Group
from tests.tools.answers import Answers, Error, denied
from tests.tools.preflight.lines import (
    ACCOUNT,
    GOOD,
    MANAGED,
    POLICIES,
    READER,
    Lines,
    decide,
    resources,
    stacks,
    with_reader,
)
from tools.check import run
from tools.preflight.checks import CHECKS
from tools.preflight.leftovers import NAMED, UNNAMED
from tools.preflight.plan import Plan
from tools.row import Row, State, table
from tools.template import Assembly

STAGING = next(each for each in ENVIRONMENTS if each.name == "staging")


def look(assembly: Assembly, groups: tuple[Group, ...], changed: Lines, *, emulated: bool = False) -> list[Row]:
    cloud = Answers(lines=GOOD | changed, emulated=emulated)
    plan = Plan(environment=STAGING, groups=groups, assembly=assembly, bootstrap_version=6, cloud=cloud)
    return run(CHECKS, plan, emulated=emulated)


def test_an_account_that_is_ready_has_every_row_good(assembly: Assembly, groups: tuple[Group, ...]) -> None:
    rows = look(assembly, with_reader(groups, READER), {})
    assert [(row.name, row.state, row.found) for row in rows if row.state is not State.GOOD] == []
    assert [row.name for row in rows] == [
        "account", "alone", "bootstrap", "bootstrap", "permissions", "concurrency", "domain", "trail", "readers",
        "managed secrets", "declared", "leftovers",
    ]  # fmt: skip


def own_pool(pool: str) -> Lines:
    return {
        "cloudformation.ListStacks": stacks("otto-staging-delivery", "otto-staging-identity"),
        "cloudformation.ListStackResources": resources(("AWS::Cognito::UserPool", "us-east-1_ours")),
        "cognito-idp.DescribeUserPoolDomain": {"DomainDescription": {"UserPoolId": pool, "AWSAccountId": ACCOUNT}},
    }


SECRET = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret"

FAULTS: list[tuple[str, Lines, str, str]] = [
    ("account", {"cloudformation.ListStacks": stacks()}, "has no otto-staging-delivery", "delivery/account"),
    (
        "account",
        {"cloudformation.ListStacks": stacks("otto-prod-identity", "otto-prod-delivery")},
        f"{ACCOUNT} has no otto-staging-delivery, and otto-prod-delivery of prod",
        "aws sts get-caller-identity",
    ),
    (
        "account",
        {"cloudformation.ListStacks": stacks("otto-staging-delivery", "otto-dev-identity")},
        "and otto-dev-identity of dev",
        "aws sts get-caller-identity",
    ),
    ("bootstrap", {"ssm.GetParameter": Error("ParameterNotFound")}, "none", f"cdk bootstrap aws://{ACCOUNT}/us-east-1"),
    ("bootstrap", {"ssm.GetParameter": {"Parameter": {"Value": "5"}}}, "version 5", ",".join(POLICIES)),
    (
        "bootstrap",
        {
            "iam.ListAttachedRolePolicies": {
                "AttachedPolicies": [{"PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}]
            }
        },
        "AdministratorAccess",
        ",".join(POLICIES),
    ),
    (
        "bootstrap",
        {
            "iam.ListAttachedRolePolicies": {
                "AttachedPolicies": [
                    *({"PolicyArn": each} for each in POLICIES),
                    {"PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
                ]
            }
        },
        "otto-staging-cloudformation, otto-staging-cloudformation-by-tag, AdministratorAccess",
        ",".join(POLICIES),
    ),
    ("permissions", {"iam.SimulatePrincipalPolicy": decide("implicitDeny")}, "denied: ", "deploy delivery/staging"),
    (
        "concurrency",
        {
            "lambda.GetAccountSettings": {
                "AccountLimit": {"ConcurrentExecutions": 10, "UnreservedConcurrentExecutions": 10}
            }
        },
        "10 of 10 free",
        "--quota-code L-B99A9384 --desired-value 1000",
    ),
    (
        "concurrency",
        {
            "lambda.GetAccountSettings": {
                "AccountLimit": {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 310}
            }
        },
        "310 of 1000 free",
        "--desired-value 1001",
    ),
    ("domain", own_pool("us-east-1_other"), "held by us-east-1_other", "aws cognito-idp delete-user-pool-domain"),
    (
        "domain",
        {
            "cognito-idp.DescribeUserPoolDomain": {
                "DomainDescription": {"UserPoolId": "p", "AWSAccountId": "999999999999"}
            }
        },
        "taken in another account",
        "choose another prefix",
    ),
    ("trail", {"cloudtrail.DescribeTrails": {"trailList": []}}, "no trail logs", "aws cloudtrail create-trail"),
    ("trail", {"cloudtrail.GetTrailStatus": {"IsLogging": False}}, "no trail logs", "start-logging"),
    (
        "trail",
        {"cloudtrail.GetEventSelectors": {"EventSelectors": [{"ReadWriteType": "ReadOnly"}]}},
        "no trail logs",
        "create-trail",
    ),
    (
        "trail",
        {
            "cloudtrail.GetEventSelectors": {
                "AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}]}]
            }
        },
        "no trail logs",
        "create-trail",
    ),
    ("readers", {"iam.GetRole": Error("NoSuchEntity")}, f"no {READER} (of ", "make the role first"),
    (
        "leftovers",
        {"logs.DescribeLogGroups": {"logGroups": [{"logGroupName": "aws-waf-logs-otto-staging-apis"}]}},
        "AWS::Logs::LogGroup without a stack: aws-waf-logs-otto-staging-apis",
        "--import-existing-resources; or else: aws logs delete-log-group --log-group-name aws-waf-",
    ),
    (
        "leftovers",
        {"secretsmanager.ListSecrets": {"SecretList": [{"Name": "otto/staging/clients/smoke"}]}},
        "AWS::SecretsManager::Secret without a stack: otto/staging/clients/smoke",
        "aws secretsmanager delete-secret --force-delete-without-recovery --secret-id otto/staging/clients/smoke",
    ),
    (
        "declared",
        {"cloudformation.ListStacks": stacks("otto-staging-delivery", "otto-qa-identity")},
        "declared alone; otto-qa-identity, which the app does not have",
        "docs/runbook.md#deployed-and-not-declared",
    ),
    (
        "declared",
        {"cloudformation.ListStacks": stacks("otto-staging-delivery", "otto-staging-an-api")},
        "otto-staging-an-api, which the app does not have",
        "docs/runbook.md#deployed-and-not-declared",
    ),
    (
        "declared",
        {
            "cloudformation.ListStacks": stacks("otto-staging-delivery", "otto-staging-clients-internal"),
            "cloudformation.ListStackResources": resources(
                ("AWS::SecretsManager::Secret", f"{SECRET}:otto/staging/clients/removed-client-aB1dE2"),
                ("AWS::SecretsManager::Secret", f"{SECRET}:otto/staging/clients/smoke-aB1dE2"),
            ),
            "secretsmanager.ListSecrets": {
                "SecretList": [
                    {
                        "Name": "otto/staging/clients/removed-client",
                        "Tags": [{"Key": "client-owner", "Value": "growth"}],
                    },
                    {"Name": "otto/staging/clients/by-hand"},
                ]
            },
        },
        "by-hand (owner unknown) deployed alone; removed-client (owner growth) deployed alone",
        "docs/runbook.md#deployed-and-not-declared",
    ),
    (
        "declared",
        {
            "cloudformation.ListStacks": stacks("otto-staging-delivery", "otto-staging-clients-exports"),
            "cloudformation.ListStackResources": resources(
                ("AWS::SecretsManager::Secret", f"{SECRET}:otto/staging/clients/smoke-aB1dE2")
            ),
        },
        "smoke in the stack of 'exports'",
        "docs/runbook.md#deployed-and-not-declared",
    ),
    (
        "managed secrets",
        MANAGED,
        "otto/staging/clients/smoke: Cognito keeps and rotates the secret of app client smoke-id itself, in arn:aws:m",
        "docs/runbook.md#managed-secret",
    ),
    (
        "leftovers",
        {"sns.ListTopics": {"Topics": [{"TopicArn": f"arn:aws:sns:us-east-1:{ACCOUNT}:otto-staging-pages"}]}},
        "AWS::SNS::Topic without a stack: otto-staging-pages",
        "aws sns delete-topic",
    ),
    (
        "leftovers",
        {"dynamodb.ListTables": {"TableNames": ["otto-staging-profiles-TableCD117FA1-X", "otto-prod-x"]}},
        "otto-staging-profiles-TableCD117FA1-X: no stack owns it",
        "docs/restoring.md; or else: aws dynamodb delete-table",
    ),
]


@pytest.mark.parametrize(("name", "changed", "found", "fix"), FAULTS)
def test_each_fault_is_one_bad_row_with_its_fix(
    assembly: Assembly, groups: tuple[Group, ...], name: str, changed: Lines, found: str, fix: str
) -> None:
    rows = look(assembly, with_reader(groups, READER), changed)
    [bad] = [row for row in rows if row.state is not State.GOOD]
    assert (bad.name, bad.state) == (name, State.BAD)
    assert found in bad.found
    assert fix in bad.fix
    assert f"to fix {name}: {bad.fix}" in table(rows).splitlines()


def test_a_reader_of_another_account_is_bad(assembly: Assembly, groups: tuple[Group, ...]) -> None:
    other = READER.replace(ACCOUNT, "210987654321")
    [bad] = [row for row in look(assembly, with_reader(groups, other), {}) if row.state is State.BAD]
    assert (bad.name, f"{other} (of " in bad.found, "is of another account" in bad.found) == ("readers", True, True)


UNREADABLE = [
    ("account", "cloudformation.ListStacks", "cloudformation:ListStacks"),
    ("alone", "cognito-idp.ListUserPools", "cognito-idp:ListUserPools"),
    ("bootstrap", "iam.ListAttachedRolePolicies", "iam:ListAttachedRolePolicies"),
    ("permissions", "iam.SimulatePrincipalPolicy", "iam:SimulatePrincipalPolicy"),
    ("concurrency", "lambda.GetAccountSettings", "lambda:GetAccountSettings"),
    ("domain", "cognito-idp.DescribeUserPoolDomain", "cognito-idp:DescribeUserPoolDomain"),
    ("trail", "cloudtrail.GetEventSelectors", "cloudtrail:GetEventSelectors"),
    ("readers", "iam.GetRole", "iam:GetRole"),
    ("leftovers", "logs.DescribeLogGroups", "logs:DescribeLogGroups"),
]


@pytest.mark.parametrize(("name", "line", "action"), UNREADABLE)
def test_a_missing_permission_is_named_and_is_neither_good_nor_bad(
    assembly: Assembly, groups: tuple[Group, ...], name: str, line: str, action: str
) -> None:
    rows = look(assembly, with_reader(groups, READER), {line: denied(action)})
    [row] = [row for row in rows if row.name == name and row.state is not State.GOOD]
    assert row.state is State.UNREAD
    assert row.found == f"could not be read: {line.partition('.')[2]} is denied"
    assert row.fix == f"allow {action} to whoever runs this"
    assert not [row for row in rows if row.state is State.BAD]


def test_an_answer_that_nobody_foresaw_is_a_row_and_no_traceback(assembly: Assembly, groups: tuple[Group, ...]) -> None:
    rows = look(assembly, groups, {"ssm.GetParameter": {"Parameter": {"Value": "many"}}})
    [row] = [row for row in rows if row.state is not State.GOOD]
    assert (row.name, row.state) == ("bootstrap", State.UNREAD)
    assert row.found.startswith("could not be read: ValueError at _version:")


def test_what_the_environments_own_stacks_hold_is_no_leftover_and_free_for_them(
    assembly: Assembly, groups: tuple[Group, ...]
) -> None:
    changed = own_pool("us-east-1_ours") | {
        "cloudformation.ListStackResources": resources(
            ("AWS::Cognito::UserPool", "us-east-1_ours"),
            ("AWS::Lambda::Function", "otto-staging-profiles-Handler"),
            ("AWS::Logs::LogGroup", "aws-waf-logs-otto-staging-apis"),
            (
                "AWS::SecretsManager::Secret",
                f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:otto/staging/clients/smoke-aB1dE2",
            ),
            ("AWS::WAFv2::WebACL", "otto-staging-apis|1234|REGIONAL"),
        ),
        "lambda.GetAccountSettings": {
            "AccountLimit": {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 111}
        },
        "logs.DescribeLogGroups": {"logGroups": [{"logGroupName": "aws-waf-logs-otto-staging-apis"}]},
        "secretsmanager.ListSecrets": {"SecretList": [{"Name": "otto/staging/clients/smoke"}]},
        "wafv2.ListWebACLs": {"WebACLs": [{"Name": "otto-staging-apis"}]},
    }
    rows = look(assembly, groups, changed)
    assert [(row.name, row.found) for row in rows if row.state is not State.GOOD] == []


def test_at_the_emulator_what_it_cannot_answer_is_counted_apart(assembly: Assembly, groups: tuple[Group, ...]) -> None:
    rows = look(assembly, groups, {}, emulated=True)
    apart = {row.name for row in rows if row.state is State.ELSEWHERE}
    assert apart == {"account", "alone", "permissions", "concurrency", "trail"}
    assert not [row for row in rows if row.state in (State.BAD, State.UNREAD)]


def named_types(assembly: Assembly) -> set[str]:
    """Types of which a template fixes a name that says whose it is."""
    return {
        resource["Type"]
        for stack in assembly.stacks.values()
        if stack.environment in {environment.name for environment in ENVIRONMENTS}
        for resource in stack.resources.values()
        for key, value in resource.get("Properties", {}).items()
        if (key.endswith("Name") or key in ("Domain", "Identifier")) and isinstance(value, str)
        if "otto" in value
    }


def test_every_type_that_a_template_names_is_looked_for_or_listed_with_its_reason(assembly: Assembly) -> None:
    assert named_types(assembly) == NAMED.keys() | UNNAMED.keys()
