"""Each check of `make verify` that the emulator cannot answer: good, and wrong in each way, by answers made by hand.

Their shapes are botocore's, their values those of the pages that tools/verify and docs/assumptions.yaml name.
"""

import io
import json
import re
import socket
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
import urllib3
from botocore.response import StreamingBody

from otto_m2m.aws import Credentials
from stacks.environments import ENVIRONMENTS
from stacks.registry.texts import KEBAB
from tests.tools.answers import Answers, denied
from tests.tools.preflight.lines import ACCOUNT, GOOD, Lines, decide, resources, stacks
from tools.check import run
from tools.place import Place
from tools.preflight.plan import Plan
from tools.row import Row, State, table
from tools.smoke.checks import Target
from tools.template import Assembly
from tools.verify import audit, throwaway
from tools.verify.checks import CHECKS
from tools.verify.deployment import Deployment

NOW = datetime(2026, 11, 25, tzinfo=UTC)
SECRET = "a-secret-that-nothing-may-show"
API = "https://abc123.execute-api.us-east-1.amazonaws.com/staging/profiles"
TOKEN = {"access_token": "a-token-that-nothing-may-show", "token_type": "Bearer", "expires_in": 3600}
STAGING = ENVIRONMENTS[1]


def answer(status: int, content: Mapping[str, Any], **headers: str) -> urllib3.HTTPResponse:
    return urllib3.HTTPResponse(body=json.dumps(content).encode(), status=status, headers=headers)


class Platform:
    """Answers as the deployed platform should; `wrong` puts an answer in the place of another."""

    def __init__(self, wrong: Mapping[str, urllib3.HTTPResponse] | None = None) -> None:
        self.wrong = wrong or {}

    def request(self, method: str, url: str, **options: Any) -> urllib3.HTTPResponse:
        name = self._name(method, url, options)
        return self.wrong.get(name) or self._right(name)

    def _name(self, method: str, url: str, options: Mapping[str, Any]) -> str:
        if url.endswith("/oauth2/token"):
            right = urllib3.make_headers(basic_auth=f"smoke-id:{SECRET}")["authorization"]
            return "token" if options["headers"]["authorization"] == right else "wrong secret"
        if method == "PUT":
            return "body" if len(options["body"]) > 2 else "write"
        return "method" if method == "PATCH" else "unknown"

    def _right(self, name: str) -> urllib3.HTTPResponse:
        problem = {"Content-Type": "application/problem+json", "WWW-Authenticate": 'Bearer realm="server"'}
        match name:
            case "token":
                return answer(200, TOKEN)
            case "wrong secret":
                return answer(400, {"error": "invalid_client"})
            case "body":
                return answer(403, {"type": "urn:otto:problem:firewall-refused"})
            case "write":
                return answer(401, {"type": "urn:otto:problem:unauthorized"}, **problem)
            case "method":
                return answer(405, {"type": "urn:otto:problem:method-not-allowed"})
        return answer(404, {"type": "urn:otto:problem:no-such-operation"})


def payload(told: Any) -> Any:
    """What a function answers, as Invoke streams it."""
    text = json.dumps(told).encode()
    return lambda _: {"Payload": StreamingBody(io.BytesIO(text), len(text))}


def log_events(*messages: Mapping[str, Any]) -> dict[str, Any]:
    return {"events": [{"message": json.dumps(each)} for each in messages]}


def token_event(**data: Any) -> dict[str, Any]:
    return {"detail": {"eventName": "Token_POST", "additionalEventData": data}}


def secret_versions(*labels: list[str]) -> dict[str, Any]:
    return {"VersionIdsToStages": {f"{index:032}": each for index, each in enumerate(labels)}}


def listed(*secrets: dict[str, Any]) -> dict[str, Any]:
    return {"ClientSecrets": list(secrets)}


def parameters(resolved: str) -> dict[str, Any]:
    stack = {
        "StackName": "s",
        "CreationTime": NOW,
        "StackStatus": "CREATE_COMPLETE",
        "Parameters": [
            {"ParameterKey": "P", "ParameterValue": "/otto/staging/m2m/user-pool-id", "ResolvedValue": resolved}
        ],
    }
    return {"Stacks": [stack]}


def drift(status: str, detection: str = "DETECTION_COMPLETE") -> dict[str, Any]:
    return {
        "StackId": "s",
        "StackDriftDetectionId": "d",
        "DetectionStatus": detection,
        "StackDriftStatus": status,
        "Timestamp": NOW,
    }


def sums(**values: float) -> Any:
    return lambda request: {"Datapoints": [{"Timestamp": NOW, "Sum": values.get(request["MetricName"], 0.0)}]}


def metric_data(values: list[float]) -> Any:
    return lambda request: {
        "MetricDataResults": [
            {"Label": each["Label"], "Values": [1.0] if each["Label"] != "ClientAuthentication" else values}
            for each in request["MetricDataQueries"]
        ]
    }


def report(*clients: str) -> dict[str, Any]:
    return {"Contributors": [{"Keys": [each], "ApproximateAggregateValue": 1.0, "Datapoints": []} for each in clients]}


def message(**told: str) -> dict[str, Any]:
    return {"Messages": [{"Body": json.dumps({"Message": json.dumps(told)})}]}


def web_acl(request: Mapping[str, Any]) -> dict[str, Any]:
    name = "otto-staging-tokenendpoint" if "userpool" in request["ResourceArn"] else "otto-staging-apis"
    seen = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"}
    arn = "arn:aws:wafv2:us-east-1:1:x"
    return {"WebACL": {"Name": name, "Id": "i", "ARN": arn, "DefaultAction": {}, "VisibilityConfig": seen}}


ADDED = {"ClientSecretId": "second", "ClientSecretCreateDate": NOW}
LINES: Lines = GOOD | {
    "cloudformation.ListStacks": stacks("otto-staging-delivery", "otto-staging-identity"),
    "cloudformation.ListStackResources": lambda _: {
        "StackResourceSummaries": [
            resources(("AWS::Lambda::Function", "rotation"))["StackResourceSummaries"][0]
            | {"LogicalResourceId": "HandlerFunction"}
        ]
    },
    "cloudformation.DescribeStacks": parameters("30"),
    "cloudformation.DetectStackDrift": {"StackDriftDetectionId": "d"},
    "cloudformation.DescribeStackDriftDetectionStatus": drift("IN_SYNC"),
    "lambda.Invoke": payload({"boto3": "1.43.1", "botocore": "1.43.1", "add_user_pool_client_secret": True}),
    "cognito-idp.ListUserPoolClientSecrets": listed({**ADDED, "ClientSecretId": "first"}, ADDED),
    "cognito-idp.DescribeUserPoolClient": {"UserPoolClient": {"ClientSecret": SECRET}},
    "cognito-idp.CreateUserPoolClient": {"UserPoolClient": {"ClientId": "thrown", "ClientSecret": SECRET}},
    "cognito-idp.AddUserPoolClientSecret": {"ClientSecretDescriptor": ADDED},
    "cognito-idp.DeleteUserPoolClientSecret": {},
    "secretsmanager.DescribeSecret": secret_versions(["AWSPREVIOUS"], ["AWSCURRENT", "registered-beside:first"]),
    "logs.FilterLogEvents": log_events(token_event(clientId="smoke-id")),
    "cloudwatch.GetMetricStatistics": sums(TokensIssued=1.0, TriggeredRules=2.0),
    "cloudwatch.GetInsightRuleReport": report("smoke-id"),
    "cloudwatch.GetMetricData": metric_data([1.0]),
    "logs.DescribeQueryDefinitions": {
        "queryDefinitions": [{"name": "otto-staging/slow", "logGroupNames": ["g"], "queryString": "fields time"}]
    },
    "logs.StartQuery": {"queryId": "q"},
    "logs.GetQueryResults": {"status": "Complete"},
    "sqs.CreateQueue": {"QueueUrl": "https://queue"},
    "sqs.GetQueueAttributes": {"Attributes": {"QueueArn": "arn:aws:sqs:us-east-1:1:q"}},
    "sqs.SetQueueAttributes": {},
    "sqs.ReceiveMessage": message(by="me", at="now", client_id="thrown"),
    "sns.Subscribe": {"SubscriptionArn": "arn:aws:sns:us-east-1:1:t:s"},
    "wafv2.GetWebACLForResource": web_acl,
}


def rows_of(assembly: Assembly, names: set[str], changed: Lines, http: Platform) -> list[Row]:
    cloud = Answers(lines=LINES | changed)
    plan = Plan(environment=STAGING, groups=(), assembly=assembly, bootstrap_version=6, cloud=cloud)
    target = Target(
        token_endpoint="https://domain/oauth2/token",
        api=API,
        resource_server="server",
        credentials=Credentials("smoke-id", SECRET),
    )
    deployment = Deployment(
        at=Place(environment=STAGING),
        plan=plan,
        target=target,
        patience=0,
        pause=0,
        clients=2,
        http=http,  # type: ignore[arg-type]
    )
    rows = run([check for check in CHECKS if check.name in names], deployment, emulated=False)
    assert SECRET not in table(rows)
    assert "a-token-that" not in table(rows)
    return rows


ELSEWHERE = {"difference", "transport", "many clients", "suspended client", "firewall rate"}
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
    ("secrets", {"cognito-idp.ListUserPoolClientSecrets": listed(ADDED)}, {}, {"secrets": "1 listed"}),
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
        {"write": answer(401, {})},
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
    check: str,
    changed: Lines,
    wrong: dict[str, urllib3.HTTPResponse],
    found: dict[str, str],
) -> None:
    rows = rows_of(assembly, {check}, changed, Platform(wrong))
    bad = {row.name: row for row in rows if row.state is not State.GOOD}
    assert {row.state for row in bad.values()} == {State.BAD}
    assert bad.keys() == found.keys()
    for name, text in found.items():
        assert text in bad[name].found
        assert bad[name].fix


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
    rows = rows_of(assembly, {"transport"}, {"apigateway.GetRestApi": {"name": "otto-staging-profiles"}}, Platform())
    expected = State.GOOD if old_tls == "refused" else State.BAD
    assert {row.name: row.state for row in rows} == {
        "api status": State.GOOD,
        "old tls": expected,
        "other host": expected,
    }


def test_both_shapes_of_a_token_event_are_told_apart() -> None:
    both = token_event(clientId="a", requestParameters={"client_id": ["a"]})
    assert audit._places(both, "a") == ["additionalEventData.clientId", "requestParameters.client_id"]
    assert audit._places(token_event(requestParameters={"client_id": ["a"]}), "a") == ["requestParameters.client_id"]
    assert audit._places(token_event(requestParameters=None), "a") == []


def test_no_file_of_the_registry_can_have_the_name_of_a_throw_away_client() -> None:
    assert not re.fullmatch(KEBAB, f"{throwaway.MARK}0")


def test_the_queue_and_its_subscription_are_removed_as_well(assembly: Assembly) -> None:
    arn = f"arn:aws:sns:us-east-1:{ACCOUNT}:otto-staging-alarms:s"
    cloud = Answers(
        lines=LINES
        | {
            "ssm.GetParameter": {"Parameter": {"Value": "us-east-1_pool"}},
            "cognito-idp.ListUserPoolClients": {
                "UserPoolClients": [
                    {"ClientName": "verify.1", "ClientId": "c"},
                    {"ClientName": "smoke", "ClientId": "s"},
                ]
            },
            "cognito-idp.DeleteUserPoolClient": {},
            "sns.ListSubscriptions": {
                "Subscriptions": [
                    {"SubscriptionArn": arn, "Endpoint": f"arn:aws:sqs:us-east-1:{ACCOUNT}:otto-staging-verify"}
                ]
            },
            "sns.Unsubscribe": {},
            "sqs.ListQueues": {"QueueUrls": ["https://queue"]},
            "sqs.DeleteQueue": {},
        }
    )
    plan = Plan(environment=STAGING, groups=(), assembly=assembly, bootstrap_version=6, cloud=cloud)
    target = Target(token_endpoint="", api="", resource_server="", credentials=Credentials("", ""))
    assert throwaway.remove_all(Deployment(at=Place(environment=STAGING), plan=plan, target=target)) == []
    deleted = [(line, dict(request)) for line, request in cloud.asked if "Delete" in line or "Unsub" in line]
    assert deleted == [
        ("cognito-idp.DeleteUserPoolClient", {"UserPoolId": "us-east-1_pool", "ClientId": "c"}),
        ("sns.Unsubscribe", {"SubscriptionArn": arn}),
        ("sqs.DeleteQueue", {"QueueUrl": "https://queue"}),
    ]
