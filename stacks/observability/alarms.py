"""Every alarm: its name is the section of docs/runbook.md that says what to do about it."""

from collections.abc import Sequence
from typing import Final, Literal

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from constructs import Construct

from stacks.environments import Environment
from stacks.observability.topics import Topics

RUNBOOK: Final = "https://github.com/sellwithotto/otto-m2m/blob/main/docs/runbook.md"
_MISSING: Final = {
    "is fine": cloudwatch.TreatMissingData.NOT_BREACHING,
    "is bad": cloudwatch.TreatMissingData.BREACHING,
}


class Alarms(Construct):
    """Makes alarms that all tell `otto-<env>-alarms` of their coming and going, and link to their runbook section."""

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment, topics: Topics) -> None:
        super().__init__(scope, construct_id)
        self._environment = environment
        self._to_alarms = actions.SnsAction(topics.alarms)
        self._to_pages = actions.SnsAction(topics.pages)
        self.all: list[cloudwatch.IAlarm] = []

    def add(
        self,
        name: str,
        metric: cloudwatch.IMetric,
        *,
        says: str,
        above: float,
        times: tuple[int, int] = (1, 1),
        silence: Literal["is fine", "is bad"] = "is fine",
    ) -> cloudwatch.Alarm:
        """Alarm when the metric is more than `above` in `times[0]` of `times[1]` periods. `silence` is no data."""
        alarm = cloudwatch.Alarm(
            self,
            name,
            alarm_name=self._environment.stack(name),
            alarm_description=_description(says, name),
            metric=metric,
            threshold=above,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            datapoints_to_alarm=times[0],
            evaluation_periods=times[1],
            treat_missing_data=_MISSING[silence],
        )
        _tell(alarm, self._to_alarms)
        self.all.append(alarm)
        return alarm

    def page(self, name: str, causes: Sequence[cloudwatch.IAlarm], *, says: str) -> cloudwatch.CompositeAlarm:
        """The one alarm to wake somebody for: while any of `causes` is on."""
        alarm = cloudwatch.CompositeAlarm(
            self,
            name,
            composite_alarm_name=self._environment.stack(name),
            alarm_description=_description(says, name),
            alarm_rule=cloudwatch.AlarmRule.any_of(
                *(cloudwatch.AlarmRule.from_alarm(cause, cloudwatch.AlarmState.ALARM) for cause in causes)
            ),
        )
        _tell(alarm, self._to_pages)
        self.all.insert(0, alarm)
        return alarm


def _description(says: str, name: str) -> str:
    return f"{says}\nWhat to do: {RUNBOOK}#{name}"


def _tell(alarm: cloudwatch.AlarmBase, action: cloudwatch.IAlarmAction) -> None:
    alarm.add_alarm_action(action)
    alarm.add_ok_action(action)
