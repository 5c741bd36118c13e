"""Contributor Insights: who calls most and who gets most tokens, at one price however many app clients there are.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/ContributorInsights-RuleSyntax.html
"""

from collections.abc import Mapping, Sequence

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct


class Contributors(Construct):
    """Counts the lines of a log group by the value of `key`."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        group: str,
        key: str,
        filters: Sequence[Mapping[str, object]],
    ) -> None:
        super().__init__(scope, construct_id)
        self.name = name
        body = {
            "Schema": {"Name": "CloudWatchLogRule", "Version": 1},
            "LogGroupNames": [group],
            "LogFormat": "JSON",
            "Contribution": {"Keys": [key], "Filters": list(filters)},
            "AggregateOn": "Count",
        }
        cloudwatch.CfnInsightRule(
            self, "Rule", rule_name=name, rule_state="ENABLED", rule_body=cdk.Stack.of(self).to_json_string(body)
        )


class ContributorsWidget(cloudwatch.ConcreteWidget):
    """A dashboard's graph of a rule's ten largest contributors, which CDK has no widget for.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
    """

    def __init__(self, title: str, of: Contributors, width: int) -> None:
        super().__init__(width, 6)
        self._title, self._rule, self._region = title, of.name, cdk.Stack.of(of).region

        self._x = self._y = 0.0

    def position(self, x: float, y: float) -> None:
        self._x, self._y = x, y

    def to_json(self) -> list[object]:
        return [
            {
                "type": "metric",
                "width": self.width,
                "height": self.height,
                "x": self._x,
                "y": self._y,
                "properties": {
                    "title": self._title,
                    "region": self._region,
                    "view": "timeSeries",
                    "period": 300,
                    "insightRule": {"ruleName": self._rule, "maxContributorCount": 10, "orderBy": "Sum"},
                    "legend": {"position": "bottom"},
                },
            }
        ]
