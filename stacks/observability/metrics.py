"""Every metric that alarms and the dashboard watch: what AWS emits of its own, and what log lines are counted into."""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.environments import Environment
from stacks.observability.audit import Audit
from stacks.profiles import ProfilesStack

FIVE_MINUTES = cdk.Duration.minutes(5)
HOUR = cdk.Duration.hours(1)
DAY = cdk.Duration.days(1)


class Metrics(Construct):
    """Counts are sums of five minutes unless they say otherwise; times are milliseconds."""

    def __init__(
        self, scope: Construct, construct_id: str, *, environment: Environment, profiles: ProfilesStack, audit: Audit
    ) -> None:
        super().__init__(scope, construct_id)
        self._namespace = environment.metrics
        self._api = {"ApiName": profiles.api.name, "Stage": environment.name}
        self._table = {"TableName": profiles.table_name.read_in(self)}
        self._foreign_rule = audit.foreign_rule
        access = profiles.api.access_log.read_in(self)
        self.unauthorized = self._count("Unauthorized", access, '{ $.status = "401" }')
        self.throttled = self._count("Throttled", access, '{ $.status = "429" }')
        self.refused = self._count("Refused", access, '{ $.status = "4*" && $.status != "401" && $.status != "429" }')
        # What the function answered 503 and 500 itself; the gateway's own count of 5xx has both, and its own faults.
        application = profiles.log_group_name.read_in(self)
        self.unavailable = self._count("StoreUnavailable", application, '{ $.message = "the store is unavailable" }')
        self.unexpected = self._count("UnexpectedFault", application, '{ $.message = "unexpected fault" }')
        self.tokens = self._count("TokensIssued", audit.tokens.log_group_name, audit.issued)

    def api(self, name: str, statistic: str = "Sum", *, label: str | None = None) -> cloudwatch.Metric:
        """https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html"""
        return _metric("AWS/ApiGateway", name, self._api, statistic, label=label)

    def table(self, name: str, *, label: str | None = None) -> cloudwatch.Metric:
        """https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html"""
        return _metric("AWS/DynamoDB", name, self._table, "Sum", label=label)

    def own(self, name: str, *, label: str | None = None) -> cloudwatch.Metric:
        """One that `lambdas/` writes in the embedded metric format."""
        return _metric(self._namespace, name, {}, "Maximum", HOUR, label=label)

    @property
    def foreign_secrets(self) -> cloudwatch.Metric:
        """https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html"""
        return _metric("AWS/Events", "TriggeredRules", {"RuleName": self._foreign_rule}, "Sum")

    @property
    def foreign_secrets_untold(self) -> cloudwatch.Metric:
        return _metric("AWS/Events", "FailedInvocations", {"RuleName": self._foreign_rule}, "Sum")

    def _count(self, name: str, group: str, pattern: str) -> cloudwatch.Metric:
        """https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html"""
        logs.CfnMetricFilter(
            self,
            name,
            log_group_name=group,
            filter_pattern=pattern,
            metric_transformations=[
                logs.CfnMetricFilter.MetricTransformationProperty(
                    metric_namespace=self._namespace, metric_name=name, metric_value="1", default_value=0
                )
            ],
        )
        return _metric(self._namespace, name, {}, "Sum")


def function(of: str, name: str, statistic: str = "Sum", *, label: str | None = None) -> cloudwatch.Metric:
    """Of the function named `of`: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html"""
    return _metric("AWS/Lambda", name, {"FunctionName": of}, statistic, label=label)


def token_requests(name: str, *, label: str) -> cloudwatch.MathExpression:
    """`CallCount` or `ThrottleCount` of all client-credentials requests of the account.

    A query, because AWS's pages write the value of the dimension `Service` in two cases, and it must be exact.
    https://docs.aws.amazon.com/cognito/latest/developerguide/metrics-for-cognito-user-pools.html
    """
    query = f"""SELECT SUM({name}) FROM "AWS/Usage" WHERE Resource = 'ClientAuthentication' AND "Type" = 'API'"""  # noqa: S608
    return expression(query, label=label)


def top_contributor(rule: str, *, label: str) -> cloudwatch.MathExpression:
    """What the contributor with the most has in each hour, of a Contributor Insights rule.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/ContributorInsights-GraphReportData.html
    """
    return expression(f"INSIGHT_RULE_METRIC('{rule}', 'MaxContributorValue')", label=label, period=HOUR)


def expression(
    text: str, *, label: str, period: cdk.Duration = FIVE_MINUTES, **using: cloudwatch.IMetric
) -> cloudwatch.MathExpression:
    return cloudwatch.MathExpression(expression=text, label=label, period=period, using_metrics=using)


def _metric(
    namespace: str,
    name: str,
    dimensions: dict[str, str],
    statistic: str,
    period: cdk.Duration = FIVE_MINUTES,
    *,
    label: str | None = None,
) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=namespace,
        metric_name=name,
        dimensions_map=dimensions,
        statistic=statistic,
        period=period,
        label=label,
    )
