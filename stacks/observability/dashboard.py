"""The page an on-call person opens first: is anybody being failed, since when, who calls, and what is behind it."""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from stacks.environments import Environment
from stacks.observability.alarms import RUNBOOK
from stacks.observability.contributors import Contributors, ContributorsWidget
from stacks.observability.metrics import Metrics, function, token_requests

_WIDTH = 24
_THIRD = 8
_QUARTER = 6


class Dashboard(Construct):
    """`otto-<env>`: three graphs a row, from what callers see down to what it is made of."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        metrics: Metrics,
        alarms: Sequence[cloudwatch.IAlarm],
        handler: str,
        rotation: str,
        callers: Contributors,
        token_clients: Sequence[Contributors],
    ) -> None:
        super().__init__(scope, construct_id)
        name = f"otto-{environment.name}"
        heading = f"# {name}\nWhat each alarm means: [the runbook]({RUNBOOK}). Saved queries: Logs Insights, `{name}/`."
        cloudwatch.Dashboard(
            self,
            "Dashboard",
            dashboard_name=name,
            default_interval=cdk.Duration.hours(3),
            widgets=[
                [cloudwatch.TextWidget(markdown=heading, width=_WIDTH, height=2)],
                [cloudwatch.AlarmStatusWidget(title="Alarms", alarms=list(alarms), width=_WIDTH, height=4)],
                _seen_by_callers(metrics),
                _tokens(metrics, callers, token_clients),
                _function(metrics, handler),
                _behind(metrics, rotation),
            ],
        )


def _seen_by_callers(metrics: Metrics) -> list[cloudwatch.IWidget]:
    return [
        _graph("Requests", metrics.api("Count")),
        _graph(
            "Refused and failed",
            metrics.unauthorized.with_(label="401 no good token"),
            metrics.throttled.with_(label="429 over a limit"),
            metrics.refused.with_(label="other 4xx"),
            metrics.api("5XXError", label="5xx failed"),
        ),
        _graph(
            "Latency, ms",
            *(metrics.api("Latency", percentile, label=percentile) for percentile in ("p50", "p95", "p99")),
            metrics.api("IntegrationLatency", "p99", label="p99 of the function"),
        ),
    ]


def _tokens(metrics: Metrics, callers: Contributors, clients: Sequence[Contributors]) -> list[cloudwatch.IWidget]:
    return [
        _graph(
            "Tokens",
            metrics.tokens.with_(label="issued here"),
            token_requests("CallCount", label="asked for in the account"),
            token_requests("ThrottleCount", label="throttled in the account"),
            width=_QUARTER,
        ),
        ContributorsWidget("Top callers, requests", callers, _QUARTER),
        *(
            ContributorsWidget(title, each, _QUARTER)
            for title, each in zip(("Top clients, tokens", "Top clients, tokens by form"), clients, strict=True)
        ),
    ]


def _function(metrics: Metrics, handler: str) -> list[cloudwatch.IWidget]:
    return [
        _graph(
            "Function duration, ms",
            *(function(handler, "Duration", statistic, label=statistic) for statistic in ("p50", "p99", "Maximum")),
        ),
        _graph("Function concurrency", function(handler, "ConcurrentExecutions", "Maximum", label="at once")),
        _graph(
            "Function faults",
            metrics.unavailable.with_(label="503 store unavailable"),
            metrics.unexpected.with_(label="500 unexpected"),
            function(handler, "Errors", label="crashed or timed out"),
            function(handler, "Throttles", label="not run"),
        ),
    ]


def _behind(metrics: Metrics, rotation: str) -> list[cloudwatch.IWidget]:
    return [
        _graph(
            "Table capacity, units",
            metrics.table("ConsumedReadCapacityUnits", label="read"),
            metrics.table("ConsumedWriteCapacityUnits", label="written"),
        ),
        _graph(
            "Table throttles",
            metrics.table("ReadThrottleEvents", label="reads"),
            metrics.table("WriteThrottleEvents", label="writes"),
        ),
        _graph(
            "Rotation",
            metrics.own("Secrets", label="secrets"),
            metrics.own("SecretsOverdue", label="overdue"),
            metrics.own("SecretsDiffering", label="not their client's"),
            metrics.own("OldestSecretDays", label="oldest, days"),
            function(rotation, "Errors", label="failed steps"),
        ),
    ]


def _graph(title: str, *metrics: cloudwatch.IMetric, width: int = _THIRD) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(
        title=title,
        left=list(metrics),
        width=width,
        height=6,
        left_y_axis=cloudwatch.YAxisProps(min=0, show_units=False),
    )
