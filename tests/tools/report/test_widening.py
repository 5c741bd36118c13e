"""What gives somebody more is counted for the headline, and what gives less or the same is not."""

import json
from typing import Any

import pytest

from tools.report import markdown, widening
from tools.report.facts import Report, RouteChange
from tools.report.resources import ResourceChange
from tools.report.statements import Statement
from tools.routes import OPEN, Route

POOL = "COGNITO_USER_POOLS pool"


def route(*scopes: str, authorizer: str = POOL, environment: str = "dev") -> Route:
    return Route(environment=environment, api="a", method="GET", path="/", authorizer=authorizer, scopes=scopes)


def statement(effect: str = "Allow", *actions: str, **more: Any) -> Statement:
    facts = {"environment": "dev", "holder": "${role}", "resources": ("*",)} | more
    return Statement(effect=effect, actions=actions or ("s3:GetObject",), **facts)


METHODS = {
    "a new method": (None, route("read"), True, False),
    "a new method without a scope": (None, route(), True, True),
    "a removed method": (route("read"), None, False, False),
    "one scope more": (route("read"), route("read", "write"), True, False),
    "another scope": (route("write"), route("read"), True, False),
    "one scope fewer": (route("read", "write"), route("write"), False, False),
    "no scope left": (route("read"), route(), True, True),
    "no authorizer": (route("read"), route(authorizer=OPEN), True, True),
    "another authorizer": (route("read"), route("read", authorizer="COGNITO_USER_POOLS other"), True, False),
    "closed to some": (route(authorizer=OPEN), route(), False, False),
    "closed": (route(), route("read"), True, False),
}


@pytest.mark.parametrize("name", METHODS)
def test_a_method_widens_when_something_new_opens_it_and_fails_when_nothing_is_needed(name: str) -> None:
    before, after, more, fails = METHODS[name]
    change = RouteChange(before=before, after=after)
    assert (widening.widens(change), widening.opened(change)) == (more, fails)


def denies(*excepted: str) -> Statement:
    return statement("Deny", condition=json.dumps({"ArnNotEquals": {"aws:PrincipalArn": list(excepted)}}))


STATEMENTS = {
    "allowed": ((), (statement(),), 1),
    "no longer allowed": ((statement(),), (), 0),
    "one action more": ((statement(),), (statement("Allow", "s3:GetObject", "s3:PutObject"),), 1),
    "one action fewer": ((statement("Allow", "s3:GetObject", "s3:PutObject"),), (statement(),), 0),
    "on more": ((statement(resources=("a",)),), (statement(resources=("a", "b")),), 1),
    "without its condition": ((statement(condition="c"),), (statement(),), 1),
    "under a condition": ((statement(),), (statement(condition="c"),), 0),
    "all but fewer": ((statement("Allow", "not a", "not b"),), (statement("Allow", "not a"),), 1),
    "for anybody": ((statement(principals=("p",)),), (statement(principals=("p", "*")),), 1),
    "of another": ((statement(),), (statement(holder="${other}"),), 1),
    "denied": ((), (statement("Deny"),), 0),
    "no longer denied": ((statement("Deny"),), (), 1),
    "denied more": ((statement("Deny"),), (statement("Deny", "s3:GetObject", "s3:PutObject"),), 0),
    "one excepted more": ((denies("a"),), (denies("a", "b"),), 1),
    "one excepted fewer": ((denies("a", "b"),), (denies("a"),), 0),
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_counts_when_it_allows_more_or_denies_less(name: str) -> None:
    removed, added, count = STATEMENTS[name]
    assert len(widening.statements(Report(base="b", statements_removed=removed, statements_added=added))) == count


def test_a_denial_that_goes_with_what_it_protects_gives_nobody_more() -> None:
    gone = ResourceChange(
        environment="dev", stack="s", resource="dev/role", logical_id="R", type="AWS::IAM::Role", action="removed"
    )
    assert not widening.statements(Report(base="b", statements_removed=(denies("a"),), resources=(gone,)))


def test_the_headline_counts_what_is_the_same_everywhere_once() -> None:
    routes = tuple(
        RouteChange(before=route("write", environment=name), after=route("read", environment=name))
        for name in ("dev", "prod")
    )
    added = tuple(statement(environment=name) for name in ("dev", "prod"))
    text = markdown.write(Report(base="b", routes=routes, statements_added=added))
    assert text.splitlines()[2] == "Somebody gets more access: 1 method, 1 IAM statement (against `b`)"


def test_no_more_than_before_is_said_to_be_so() -> None:
    routes = (RouteChange(before=route("read", "write"), after=route("write")),)
    assert markdown.write(Report(base="b", routes=routes)).splitlines()[2] == "Nobody gets more access (against `b`)"
