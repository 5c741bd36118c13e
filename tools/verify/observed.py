"""The metrics that alarms watch, the alarms themselves, and the saved queries."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tools.row import Row, judge
from tools.verify.deployment import Deployment

_DAY: Final = timedelta(days=1)


def look_at_metrics(deployment: Deployment) -> Iterator[Row]:
    """Each kind of series that an alarm watches has had a value in the last three hours."""
    environment = deployment.environment
    function = deployment.physical("rotation", "AWS::Lambda::Function", "Handler")
    api = [{"Name": "ApiName", "Value": environment.stack("profiles")}, {"Name": "Stage", "Value": environment.name}]
    queries: dict[str, dict[str, Any]] = {
        "SecretsOverdue": {"MetricStat": _stat(environment.metrics, "SecretsOverdue", [])},
        "ClientAuthentication": {
            "Expression": """SELECT SUM(CallCount) FROM "AWS/Usage" """
            """WHERE Resource = 'ClientAuthentication' AND "Type" = 'API'""",
            "Period": 300,
        },
        "ApiGateway Count": {"MetricStat": _stat("AWS/ApiGateway", "Count", api)},
        "Lambda Invocations": {
            "MetricStat": _stat("AWS/Lambda", "Invocations", [{"Name": "FunctionName", "Value": function}])
        },
    }
    asked = [{"Id": f"m{index}", "Label": name, **query} for index, (name, query) in enumerate(queries.items())]
    silent: list[str] = []

    def all_speak() -> bool:
        now = datetime.now(UTC)
        # A Metrics Insights query looks back three hours.
        answer = deployment.client("cloudwatch").get_metric_data(
            MetricDataQueries=asked, StartTime=now - timedelta(hours=3), EndTime=now
        )
        silent[:] = sorted(set(queries) - {each["Label"] for each in answer["MetricDataResults"] if each["Values"]})
        return not silent

    deployment.poll(all_speak)
    yield judge(
        "metrics",
        found=f"without a value: {', '.join(silent)}" if silent else f"{len(queries)} of {len(queries)} have values",
        expected="each kind of metric that alarms watch has values",
        good=not silent,
        fix="the first hour after the first deploy, wait for the rotation watch; later, the name or a dimension is "
        f"another: {deployment.at.aws('cloudwatch', 'list-metrics')}",
    )


def _stat(namespace: str, name: str, dimensions: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "Metric": {"Namespace": namespace, "MetricName": name, "Dimensions": dimensions},
        "Period": 300,
        "Stat": "Sum",
    }


def look_at_queries(deployment: Deployment) -> Iterator[Row]:
    """Start each saved query once."""
    logs, now = deployment.client("logs"), datetime.now(UTC)
    prefix = f"otto-{deployment.environment.name}/"
    saved = logs.describe_query_definitions(queryDefinitionNamePrefix=prefix)["queryDefinitions"]
    outcomes: dict[str, str] = {}
    for each in saved:
        started = logs.start_query(
            logGroupNames=each["logGroupNames"],
            queryString=each["queryString"],
            startTime=int((now - _DAY).timestamp()),
            endTime=int(now.timestamp()),
        )["queryId"]

        def ended(query: str = started, name: str = each["name"]) -> bool:
            outcomes[name] = logs.get_query_results(queryId=query)["status"]
            return outcomes[name] not in ("Scheduled", "Running")

        deployment.poll(ended, min(60, deployment.patience))
    wrong = [f"{name}: {status}" for name, status in outcomes.items() if status != "Complete"]
    yield judge(
        "queries",
        found="; ".join(wrong) or f"{len(saved)} complete",
        expected="each saved query completes",
        good=bool(saved) and not wrong,
        fix="stacks/observability/queries.py",
    )


def look_at_alarms(deployment: Deployment) -> Iterator[Row]:
    """Each alarm has judged what it watches, be it that nothing is there: a combined one takes no part that has not.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html (2026-11-25)
    """
    kinds = {"MetricAlarms": "MetricAlarm", "CompositeAlarms": "CompositeAlarm"}
    prefix, found = deployment.environment.stack(""), dict[str, str]()

    def have_decided() -> bool:
        for result, kind in kinds.items():
            asked = {"AlarmNamePrefix": prefix, "AlarmTypes": [kind]}
            pages = deployment.plan.cloud.pages("cloudwatch", "describe_alarms", result, **asked)
            found.update({each["AlarmName"]: each["StateValue"] for each in pages})
        return "INSUFFICIENT_DATA" not in found.values()

    deployment.poll(have_decided)
    undecided = sorted(name for name, state in found.items() if state == "INSUFFICIENT_DATA")
    yield judge(
        "alarms",
        found=f"undecided: {', '.join(undecided)}" if undecided else f"{len(found)} of {len(found)} have decided",
        expected="each alarm is OK or ALARM, whatever its metric lacks",
        good=bool(found) and not undecided,
        fix="stacks/observability/alarms.py: treat_missing_data",
    )
