"""Every alarm: its name is the section of docs/runbook.md that says what to do about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from constructs import Construct

from stacks.acknowledgement import acknowledge
from stacks.environments import Environment
from stacks.observability.topics import Topics

RUNBOOK: Final = "https://github.com/sellwithotto/otto-m2m/blob/main/docs/runbook.md"


@dataclass(frozen=True, kw_only=True)
class When:
    """A condition of a metric: beyond `threshold` in `times[0]` of `times[1]` periods. A period without data is well,
    unless `silence_is_bad`."""

    operator: cloudwatch.ComparisonOperator
    threshold: float
    times: tuple[int, int]
    silence_is_bad: bool


def above(threshold: float, *, times: tuple[int, int] = (1, 1), silence_is_bad: bool = False) -> When:
    operator = cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD
    return When(operator=operator, threshold=threshold, times=times, silence_is_bad=silence_is_bad)


def below(threshold: float, *, times: tuple[int, int] = (1, 1), silence_is_bad: bool = False) -> When:
    operator = cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
    return When(operator=operator, threshold=threshold, times=times, silence_is_bad=silence_is_bad)


class Alarms(Construct):
    """Makes alarms that tell `otto-<env>-alarms` of their coming and going, and link to their runbook section."""

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment, topics: Topics) -> None:
        super().__init__(scope, construct_id)
        self._environment = environment
        self._to_alarms = actions.SnsAction(topics.alarms)
        self._to_pages = actions.SnsAction(topics.pages)
        self.all: list[cloudwatch.IAlarm] = []

    def add(self, name: str, metric: cloudwatch.IMetric, when: When, *, says: str) -> cloudwatch.Alarm:
        alarm = self._watch(name, metric, when, _description(says, name))
        _tell(alarm, self._to_alarms)
        self.all.append(alarm)
        return alarm

    def add_any(
        self, name: str, metrics: Mapping[str, cloudwatch.IMetric], when: When, *, says: str
    ) -> cloudwatch.CompositeAlarm:
        """Alarm while one of several metrics, by the names of their parts, is as `when` says."""
        parts = [self.add_part(name, part, metric, when, says=says) for part, metric in metrics.items()]
        return self.combine(name, _any_on(*parts), says=says)

    def add_part(self, of: str, part: str, metric: cloudwatch.IMetric, when: When, *, says: str) -> cloudwatch.Alarm:
        """One condition of the combined alarm `of`, which tells of it: this one tells nobody."""
        alarm = self._watch(f"{of}-{part}", metric, when, _description(says, of))
        acknowledge(alarm, {"The combined alarm that asks for it tells.": ("NIST.800.53.R5-CloudWatchAlarmAction",)})
        return alarm

    def combine(self, name: str, rule: cloudwatch.IAlarmRule, *, says: str) -> cloudwatch.CompositeAlarm:
        """Alarm while `rule` of several parts holds.

        Each part says what its own missing data means, where one metric that never had any would leave a formula empty:
        https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html (2026-11-25)
        """
        alarm = self._compose(name, rule, says)
        _tell(alarm, self._to_alarms)
        self.all.append(alarm)
        return alarm

    def page(self, name: str, causes: Sequence[cloudwatch.IAlarm], *, says: str) -> cloudwatch.CompositeAlarm:
        """The one alarm to wake somebody for: while any of `causes` is on."""
        alarm = self._compose(name, _any_on(*causes), says)
        _tell(alarm, self._to_pages)
        self.all.insert(0, alarm)
        return alarm

    def _watch(self, name: str, metric: cloudwatch.IMetric, when: When, description: str) -> cloudwatch.Alarm:
        missing = cloudwatch.TreatMissingData
        return cloudwatch.Alarm(
            self,
            name,
            alarm_name=self._environment.stack(name),
            alarm_description=description,
            metric=metric,
            threshold=when.threshold,
            comparison_operator=when.operator,
            datapoints_to_alarm=when.times[0],
            evaluation_periods=when.times[1],
            treat_missing_data=missing.BREACHING if when.silence_is_bad else missing.NOT_BREACHING,
        )

    def _compose(self, name: str, rule: cloudwatch.IAlarmRule, says: str) -> cloudwatch.CompositeAlarm:
        return cloudwatch.CompositeAlarm(
            self,
            name,
            composite_alarm_name=self._environment.stack(name),
            alarm_description=_description(says, name),
            alarm_rule=rule,
        )


def _any_on(*alarms: cloudwatch.IAlarm) -> cloudwatch.IAlarmRule:
    return cloudwatch.AlarmRule.any_of(
        *(cloudwatch.AlarmRule.from_alarm(alarm, cloudwatch.AlarmState.ALARM) for alarm in alarms)
    )


def _description(says: str, section: str) -> str:
    return f"{says}\nWhat to do: {RUNBOOK}#{section}"


def _tell(alarm: cloudwatch.AlarmBase, action: cloudwatch.IAlarmAction) -> None:
    alarm.add_alarm_action(action)
    alarm.add_ok_action(action)
