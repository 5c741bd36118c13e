"""A deployed `staging` in which everything is as we assume, by answers made by hand, and how to change it.

Their shapes are botocore's, their values those of the pages that tools/verify and docs/assumptions.yaml name.
"""

import base64
import json
import threading
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import urllib3

from otto_m2m.aws import Credentials
from stacks.environments import ENVIRONMENTS
from tests.tools.answers import Answers, payload
from tests.tools.preflight.lines import ACCOUNT, GOOD, Lines, resources, stacks
from tools.check import run
from tools.place import Place
from tools.preflight.plan import Plan
from tools.row import Row, table
from tools.smoke.checks import Target
from tools.template import Assembly
from tools.verify.checks import CHECKS
from tools.verify.deployment import Deployment

NOW = datetime(2026, 11, 25, tzinfo=UTC)
SECRET = "a-secret-that-nothing-may-show"
API = "https://abc123.execute-api.us-east-1.amazonaws.com/staging/profiles"
ISSUER = "https://issuer"
CLAIMS = base64.urlsafe_b64encode(json.dumps({"iss": ISSUER}).encode()).decode().rstrip("=")
TOKEN = {"access_token": f"a-token-that-nothing-may-show.{CLAIMS}.x", "token_type": "Bearer", "expires_in": 3600}
STAGING = ENVIRONMENTS[1]
HEADERS = {"Content-Type": "application/problem+json", "WWW-Authenticate": 'Bearer realm="server"'}


def answer(status: int, content: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> urllib3.HTTPResponse:
    sent = HEADERS if headers is None else headers
    return urllib3.HTTPResponse(body=json.dumps(content).encode(), status=status, headers=sent)


def problem(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": f"urn:otto:problem:{kind}"} | more


RIGHT: dict[str, tuple[int, Mapping[str, Any]]] = {
    "token": (200, TOKEN),
    "thrown": (200, TOKEN),
    "wrong secret": (400, {"error": "invalid_client"}),
    "suspended": (400, {"error": "unauthorized_client"}),
    "body": (403, problem("firewall-refused")),
    "write": (401, problem("unauthorized")),
    "method": (405, problem("method-not-allowed")),
    "limit": (429, problem("too-many-requests")),
    "address": (400, problem("invalid-request", errors=[{"detail": "holds U+FFFD"}])),
    "text": (400, problem("invalid-request", errors=[{"detail": "holds U+FFFD"}])),
    "profile": (404, problem("profile-not-found")),
    "head": (404, problem("profile-not-found")),
    "unknown": (404, problem("no-such-operation")),
}
"""What the platform answers to each kind of request."""


class Platform:
    """Answers as the deployed platform should; `wrong` puts an answer in the place of another."""

    def __init__(self, wrong: Mapping[str, urllib3.HTTPResponse] | None = None) -> None:
        self.wrong = wrong or {}
        self.asked: list[tuple[str, bytes]] = []
        """Of each request, the method and the body."""
        self._counted: Counter[str] = Counter()
        self._lock = threading.Lock()

    def request(self, method: str, url: str, **options: Any) -> urllib3.HTTPResponse:
        body = options.get("body") or b""
        name = self._name(method, url, body, options["headers"])
        with self._lock:
            self.asked.append((method, body if isinstance(body, bytes) else body.encode()))
            self._counted[name] += 1
            # The limit of `*` lets a burst through, and a client is suspended after its first token.
            name = "limit" if name == "method" and self._counted[name] > 20 else name
            name = "suspended" if name == "thrown" and self._counted[name] > 1 else name
        return self.wrong.get(name) or answer(*RIGHT[name])

    def _name(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> str:
        if url.endswith("/oauth2/token"):
            sent = base64.b64decode(headers["authorization"].removeprefix("Basic ")).decode()
            return {f"smoke-id:{SECRET}": "token", f"thrown:{SECRET}": "thrown"}.get(sent, "wrong secret")
        if method == "PUT":
            return "text" if b"\xe9" in body else "body" if len(body) > 2 else "write"
        if method == "GET" and "uri=" in url:
            return "address" if url.endswith("%E9") else "profile"
        return {"PATCH": "method", "OPTIONS": "method", "HEAD": "head"}.get(method, "unknown")


def log_events(*messages: Mapping[str, Any]) -> dict[str, Any]:
    return {"events": [{"message": json.dumps(each)} for each in messages]}


def token_event(**data: Any) -> dict[str, Any]:
    return {"detail": {"eventName": "Token_POST", "additionalEventData": data}}


def secret_versions(*labels: list[str]) -> dict[str, Any]:
    versions = {f"{index:032}": each for index, each in enumerate(labels)}
    return {"VersionIdsToStages": versions, "RotationEnabled": True, "LastRotatedDate": NOW}


def alarms(state: str) -> Any:
    """One alarm and one that combines it, both in a state."""
    return lambda request: {
        f"{kind}s": [{"AlarmName": f"otto-staging-{kind}", "StateValue": state}] for kind in request["AlarmTypes"]
    }


def parameter(request: Mapping[str, Any]) -> dict[str, Any]:
    return {"Parameter": {"Value": ISSUER if request["Name"].endswith("/issuer") else "30"}}


def pool_clients(*found: tuple[str, str]) -> Any:
    """App clients, each by its name and its type, as a filter of the type lists them."""
    return lambda request: {
        "UserPoolClients": [
            {"ClientId": f"{name}-id", "ClientName": name}
            for name, kind in found
            if request.get("ClientType", kind) == kind
        ]
    }


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
    "ssm.GetParameter": parameter,
    "cloudwatch.DescribeAlarms": alarms("OK"),
    "apigateway.GetRestApi": {"name": "otto-staging-profiles"},
    "cognito-idp.DescribeUserPool": {"UserPool": {}},
    "cognito-idp.UpdateUserPoolClient": {},
    "cognito-idp.ListCIMDPolicies": {"CIMDPolicies": []},
    "cognito-idp.ListUserPoolClients": pool_clients(("smoke", "REGULAR")),
    "lambda.GetFunctionConfiguration": {"FunctionArn": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:rotation"},
    "secretsmanager.CreateSecret": {"VersionId": "0" * 32},
    "secretsmanager.RotateSecret": {},
    "secretsmanager.PutSecretValue": {},
    "secretsmanager.GetSecretValue": {},
    "secretsmanager.UpdateSecretVersionStage": {},
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


def deploy(assembly: Assembly, changed: Lines, http: Platform, *, read_only: bool = False) -> Deployment:
    """A deployment whose answers are known, at which nothing is waited for."""
    cloud = Answers(lines=LINES | changed)
    return Deployment(
        at=Place(environment=STAGING),
        plan=Plan(environment=STAGING, groups=(), assembly=assembly, bootstrap_version=6, cloud=cloud),
        target=Target(
            token_endpoint="https://domain/oauth2/token",
            api=API,
            resource_server="server",
            credentials=Credentials("smoke-id", SECRET),
        ),
        read_only=read_only,
        patience=0,
        pause=0,
        clients=2,
        http=http,  # type: ignore[arg-type]
    )


def rows_of(assembly: Assembly, names: set[str], changed: Lines, http: Platform) -> list[Row]:
    deployment = deploy(assembly, changed, http)
    rows = run([check for check in CHECKS if check.name in names], deployment, emulated=False)
    assert SECRET not in table(rows)
    assert "a-token-that" not in table(rows)
    return rows
