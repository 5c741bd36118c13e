"""Each check of `make verify`: good where AWS is as we assume, and wrong in each way that it can be."""

import socket
import ssl
import subprocess

import pytest
import urllib3

from tests.tools.answers import denied, payload
from tests.tools.preflight.lines import MANAGED, Lines, decide
from tests.tools.verify.staging import (
    ADDED,
    LINES,
    Platform,
    alarms,
    answer,
    deploy,
    drift,
    listed,
    log_events,
    message,
    metric_data,
    parameters,
    pool_clients,
    report,
    rows_of,
    secret_versions,
    sums,
    token_event,
)  # fmt: skip
from tools.resumption import seconds_for
from tools.row import State
from tools.template import Assembly
from tools.verify import audit, credentials
from tools.verify.checks import CHECKS

ELSEWHERE = {"difference", "transport", "refusal codes", "firewall rate"}
"""Shown below by themselves, or at the emulator."""


def test_every_check_is_good_where_aws_is_as_we_assume(assembly: Assembly) -> None:
    names = {check.name for check in CHECKS} - ELSEWHERE
    rows = rows_of(assembly, names, {}, Platform())
    assert [(row.name, row.found) for row in rows if row.state is not State.GOOD] == []
    assert len(rows) > len(names)


WRONG: list[tuple[str, Lines, dict[str, urllib3.HTTPResponse], dict[str, str]]] = [
    (
        "concurrency",
        {
            "lambda.GetAccountSettings": {
                "AccountLimit": {"ConcurrentExecutions": 10, "UnreservedConcurrentExecutions": 10}
            },
            "lambda.GetFunctionConcurrency": {},
        },
        {},
        {"concurrency": "10 of 10 free"},
    ),
    ("permissions", {"iam.SimulatePrincipalPolicy": decide("explicitDeny")}, {}, {"permissions": "denied: "}),
    (
        "sdk",
        {"lambda.Invoke": payload({"boto3": "1.40.0", "add_user_pool_client_secret": False})},
        {},
        {"sdk": "boto3 1.40.0, does not know AddUserPoolClientSecret"},
    ),
    ("sdk", {"lambda.Invoke": payload({"errorMessage": "no"})}, {}, {"sdk": "the function does not tell"}),
    ("secrets", {"cognito-idp.ListUserPoolClientSecrets": listed()}, {}, {"secrets": "0 listed"}),
    (
        "secrets",
        {"cognito-idp.ListUserPoolClientSecrets": listed(ADDED, {"ClientSecretId": "first"})},
        {},
        {"secrets": "2 listed, 1 with id and date"},
    ),
    (
        "secrets",
        {"secretsmanager.DescribeSecret": secret_versions(["AWSCURRENT", "registered-beside:a"], ["AWSPENDING"])},
        {},
        {"secrets": "not registered"},
    ),
    (
        "wrong secret",
        {},
        {"wrong secret": answer(400, {"error": "unauthorized_client"})},
        {"wrong secret": "400 unauthorized_client"},
    ),
    (
        "token event",
        {"logs.FilterLogEvents": log_events(token_event(requestParameters={"grant_type": ["client_credentials"]}))},
        {},
        {"token event": "no event names the client"},
    ),
    (
        "token event",
        {"logs.FilterLogEvents": log_events()},
        {},
        {
            "token event": "no event names the client",
            "tokens counted": "TokensIssued 0",
            "token contributor": "not named",
        },
    ),
    ("token event", {"cloudwatch.GetMetricStatistics": sums()}, {}, {"tokens counted": "TokensIssued 0"}),
    ("token event", {"cloudwatch.GetInsightRuleReport": report("-")}, {}, {"token contributor": "not named"}),
    ("foreign hand", {"sqs.ReceiveMessage": {}}, {}, {"foreign hand": "no message names the client"}),
    (
        "foreign hand",
        {"sqs.ReceiveMessage": message(by="", at="now", client_id="thrown")},
        {},
        {"foreign hand": "lacks by"},
    ),
    (
        "foreign hand",
        {"cloudwatch.GetMetricStatistics": sums(TriggeredRules=2.0, FailedInvocations=2.0)},
        {},
        {"foreign rule": "TriggeredRules 2, FailedInvocations 2"},
    ),
    (
        "references",
        {"cloudformation.DescribeStacks": parameters("us-east-1_gone")},
        {},
        {"references": "stale: otto-staging-identity: /otto/staging/m2m/user-pool-id"},
    ),
    (
        "unknown operation",
        {},
        {"unknown": answer(403, {"message": "Invalid key=value pair"})},
        {"unknown operation": "GET without a token: 403"},
    ),
    (
        "refusals",
        {},
        {"write": answer(401, {}, {})},
        {
            "a reader's write": "401; no WWW-Authenticate; no Content-Type",
            "a write without a token": "401; no WWW-Authenticate; no Content-Type",
        },
    ),
    (
        "bodies",
        {},
        {"body": answer(413, {"type": "urn:otto:problem:body-too-large"})},
        {"large body": "413 body-too-large", "huge body": "413 body-too-large"},
    ),
    (
        "suspended client",
        {},
        {"suspended": answer(400, {"error": "invalid_client"})},
        {"suspended client": "200, then 400 invalid_client"},
    ),
    ("suspended client", {}, {"suspended": answer(200, {})}, {"suspended client": "200, then 200 "}),
    ("suspended client", {}, {"thrown": answer(400, {"error": "invalid_grant"})}, {"suspended client": "400, then"}),
    (
        "many clients",
        {"secretsmanager.DescribeSecret": secret_versions(["AWSCURRENT"], ["AWSPENDING"])},
        {},
        {"many clients": "0 of 2 after 0 s"},
    ),
    ("issuer", {"ssm.GetParameter": {"Parameter": {"Value": "https://another"}}}, {}, {"issuer": "https://issuer; "}),
    (
        "managed secrets",
        MANAGED | {"cloudformation.ListStacks": LINES["cloudformation.ListStacks"]},
        {},
        {"managed secrets": "otto/staging/clients/smoke: Cognito keeps"},
    ),
    (
        "other grants",
        {"cognito-idp.DescribeUserPool": {"UserPool": {"DcrConfiguration": {}}}},
        {},
        {"dynamic registration": "Enabled; 0 app clients"},
    ),
    (
        "other grants",
        {"cognito-idp.DescribeUserPool": {"UserPool": {"DcrConfiguration": {"EnableStatus": "Enabled"}}}},
        {},
        {"dynamic registration": "Enabled; 0 app clients"},
    ),
    (
        "other grants",
        {"cognito-idp.ListUserPoolClients": pool_clients(("smoke", "REGULAR"), ("stranger", "DCR"))},
        {},
        {"dynamic registration": "Disabled; 1 app clients"},
    ),
    (
        "other grants",
        {"cognito-idp.ListCIMDPolicies": {"CIMDPolicies": [{"CIMDPolicyId": "p", "PolicyName": "agents"}]}},
        {},
        {"client metadata": "agents"},
    ),
    (
        "other grants",
        {
            "cognito-idp.DescribeUserPoolClient": {
                "UserPoolClient": {"ExplicitAuthFlows": ["ALLOW_TOKEN_EXCHANGE_DELEGATION"]}
            }
        },
        {},
        {"token exchange": "smoke (smoke-id)"},
    ),
    (
        "limit of other methods",
        {},
        {"limit": answer(405, {"type": "urn:otto:problem:method-not-allowed"})},
        {"limit of other methods": "429 for 0 of 200"},
    ),
    (
        "limit of other methods",
        {},
        {"method": answer(403, {"type": "urn:otto:problem:refused"})},
        {"limit of other methods": "429 for 180 of 200, 403 refused"},
    ),
    (
        "unknown operation",
        {},
        {"method": answer(403, {"type": "urn:otto:problem:refused"})},
        {"unknown operation": "PATCH without a token: 403 refused; PATCH with a token: 403 refused; OPTIONS"},
    ),
    (
        "encodings",
        {},
        {name: answer(404, {"type": "urn:otto:problem:profile-not-found"}) for name in ("address", "text")},
        {
            "address not utf-8": "404 profile-not-found, not read as U+FFFD",
            "body not utf-8": "404 profile-not-found, not read as U+FFFD",
        },
    ),
    ("head", {}, {"head": answer(403, {}, {})}, {"head": "403, no Content-Type; Content-Length: none"}),
    (
        "alarms",
        {"cloudwatch.DescribeAlarms": alarms("INSUFFICIENT_DATA")},
        {},
        {"alarms": "undecided: otto-staging-CompositeAlarm, otto-staging-MetricAlarm"},
    ),
    ("alarms", {"cloudwatch.DescribeAlarms": {}}, {}, {"alarms": "0 of 0 have decided"}),
    (
        "refusal codes",
        {},
        {},
        {
            "client refusals": "an unknown client: taken, not ResourceNotFoundException; characters that no secret has",
            "secret refusals": "a name that is taken: taken, not ResourceExistsException; a version that is missing",
        },
    ),
    ("firewall", {"wafv2.GetWebACLForResource": {}}, {}, {"firewall": "none, none"}),
    (
        "drift",
        {"cloudformation.DescribeStackDriftDetectionStatus": drift("DRIFTED")},
        {},
        {"drift": "otto-staging-identity: DRIFTED"},
    ),
    (
        "drift",
        {"cloudformation.DescribeStackDriftDetectionStatus": drift("IN_SYNC", "DETECTION_IN_PROGRESS")},
        {},
        {"drift": "otto-staging-identity: no answer"},
    ),
    (
        "metrics",
        {"cloudwatch.GetMetricData": metric_data([])},
        {},
        {"metrics": "without a value: ClientAuthentication"},
    ),
    ("queries", {"logs.GetQueryResults": {"status": "Failed"}}, {}, {"queries": "otto-staging/slow: Failed"}),
    ("queries", {"logs.DescribeQueryDefinitions": {"queryDefinitions": []}}, {}, {"queries": "0 complete"}),
]


@pytest.mark.parametrize(("check", "changed", "wrong", "found"), WRONG)
def test_each_assumption_that_fails_is_its_row(
    assembly: Assembly,
    monkeypatch: pytest.MonkeyPatch,
    check: str,
    changed: Lines,
    wrong: dict[str, urllib3.HTTPResponse],
    found: dict[str, str],
) -> None:
    monkeypatch.setattr(credentials, "seconds_for", lambda _: 0)
    rows = rows_of(assembly, {check}, changed, Platform(wrong))
    bad = {row.name: row for row in rows if row.state is not State.GOOD}
    assert {row.state for row in bad.values()} == {State.BAD}
    assert bad.keys() == found.keys()
    for name, text in found.items():
        assert text in bad[name].found
        assert bad[name].fix


def test_every_check_is_shown_failing() -> None:
    by_themselves = {"difference", "transport", "firewall rate"}
    assert {check for check, *_ in WRONG} | by_themselves == {check.name for check in CHECKS}


def test_a_denied_call_is_a_row_that_names_its_permission(assembly: Assembly) -> None:
    [row] = rows_of(
        assembly, {"drift"}, {"cloudformation.DetectStackDrift": denied("cloudformation:DetectStackDrift")}, Platform()
    )
    assert (row.state, row.fix) == (State.UNREAD, "allow cloudformation:DetectStackDrift to whoever runs this")


def test_the_firewall_stops_an_address_or_its_row_fails(assembly: Assembly) -> None:
    [row] = rows_of(assembly, {"firewall rate"}, {}, Platform())
    assert (row.state, row.found) == (State.BAD, "not stopped after 400 requests")
    [row] = rows_of(assembly, {"firewall rate"}, {}, Platform({"wrong secret": answer(403, {})}))
    assert (row.state, row.found) == (State.GOOD, "stopped after 1 requests")


class Connection:
    """A TLS connection that is refused, or that answers with one line."""

    def __init__(self, line: str) -> None:
        self._line = line

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def sendall(self, _: bytes) -> None:
        pass

    def recv(self, _: int) -> bytes:
        return self._line.encode()


@pytest.fixture(params=["refused", "taken"])
def old_tls(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the server does with TLS 1.1, and, taken, with another host's connection."""

    def wrap(context: ssl.SSLContext, *_: object, **__: object) -> Connection:
        if context.maximum_version == ssl.TLSVersion.TLSv1_1 and request.param == "refused":
            raise ssl.SSLError(1, "[SSL: TLSV1_ALERT_PROTOCOL_VERSION] tlsv1 alert protocol version")
        return Connection("HTTP/1.1 401 Unauthorized\r\n" if request.param == "taken" else "HTTP/1.1 403 Forbidden\r\n")

    monkeypatch.setattr(ssl.SSLContext, "wrap_socket", wrap)
    monkeypatch.setattr(socket, "create_connection", lambda *_: Connection(""))
    return str(request.param)


def test_old_tls_and_another_host_are_refused_or_their_rows_fail(assembly: Assembly, old_tls: str) -> None:
    rows = rows_of(assembly, {"transport"}, {}, Platform())
    expected = State.GOOD if old_tls == "refused" else State.BAD
    assert {row.name: row.state for row in rows} == {
        "api status": State.GOOD,
        "old tls": expected,
        "other host": expected,
    }


@pytest.mark.usefixtures("old_tls")
def test_settings_that_are_not_in_force_yet_are_a_row_that_fails(assembly: Assembly) -> None:
    updating = {"apigateway.GetRestApi": {"name": "otto-staging-profiles", "apiStatus": "UPDATING"}}
    row, *_ = rows_of(assembly, {"transport"}, updating, Platform())
    assert (row.name, row.found, row.state) == ("api status", "UPDATING", State.BAD)
    assert row.fix == "wait: such a change takes a quarter of an hour"


@pytest.mark.parametrize(
    ("status", "printed", "found", "state"),
    [
        (0, "✨  Number of stacks with differences: 0", "Number of stacks with differences: 0", State.GOOD),
        (1, "✨  Number of stacks with differences: 2", "Number of stacks with differences: 2", State.BAD),
        (1, "no credentials", "cdk diff ends with status 1", State.BAD),
    ],
)
def test_a_difference_is_a_row_that_fails(
    assembly: Assembly, monkeypatch: pytest.MonkeyPatch, status: int, printed: str, found: str, state: State
) -> None:
    ended = subprocess.CompletedProcess(["cdk"], status, stdout="", stderr=f"{printed}\n")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: ended)
    [row] = rows_of(assembly, {"difference"}, {}, Platform())
    assert (row.found, row.state) == (found, state)
    assert row.fix == ("" if state is State.GOOD else "make diff ENV=staging")


def test_many_clients_have_the_time_of_make_credentials(assembly: Assembly) -> None:
    deployment = deploy(assembly, {}, Platform())
    deployment.clients = 11
    [row] = credentials.look_at_many(deployment)
    assert seconds_for(11) > seconds_for(10)
    assert row.expected == f"11 new clients have credentials in {seconds_for(11):.0f} s"


def test_both_shapes_of_a_token_event_are_told_apart() -> None:
    both = token_event(clientId="a", requestParameters={"client_id": ["a"]})
    assert audit._places(both, "a") == ["additionalEventData.clientId", "requestParameters.client_id"]
    assert audit._places(token_event(requestParameters={"client_id": ["a"]}), "a") == ["requestParameters.client_id"]
    assert audit._places(token_event(requestParameters=None), "a") == []
