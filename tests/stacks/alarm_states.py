"""The state of an alarm, from the values that its metrics had: M out of N periods, missing data, and combined alarms.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Composite_Alarm.html
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tests.stacks.synthesis import SynthesizedStack

Values = Sequence[float | None]
"""One value a period, oldest first; None where the metric has none."""
_TERM = re.compile(r"(ALARM|OK)\((\w+)\)")


def is_on(stack: SynthesizedStack, name: str, values: Mapping[str, Values]) -> bool:
    """Whether the alarm `name` of a stack is in ALARM. `values` has those of each metric alarm, by its name."""
    alarms = dict(stack.of_type("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"))
    [properties] = (each["Properties"] for each in alarms.values() if each["Properties"]["AlarmName"] == name)
    if "AlarmRule" not in properties:
        return breaches(properties, values[name])

    def state(term: re.Match[str]) -> str:
        on = is_on(stack, alarms[term[2]]["Properties"]["AlarmName"], values)
        return str(on is (term[1] == "ALARM"))

    rule = _TERM.sub(state, _rule(properties["AlarmRule"])).replace(" OR ", " or ").replace(" AND ", " and ")
    if not re.fullmatch(r"(True|False|and|or|[() ])+", rule):
        raise ValueError(f"cannot be read: {properties['AlarmRule']}")
    return bool(eval(rule))  # noqa: S307 - nothing but True, False, and, or


def _rule(value: Any) -> str:
    """`ALARM("<arn of Part>") OR …` as `ALARM(Part) OR …`."""
    parts = [part if isinstance(part, str) else part["Fn::GetAtt"][0] for part in value["Fn::Join"][1]]
    return "".join(parts).replace('"', "")


def breaches(properties: Mapping[str, Any], values: Values) -> bool:
    """Whether enough of the last periods breach, where one without data counts as the alarm says."""
    if properties["TreatMissingData"] not in {"breaching", "notBreaching"}:
        raise ValueError(f"cannot be read: {properties['TreatMissingData']}")
    missing, threshold = properties["TreatMissingData"] == "breaching", properties["Threshold"]
    wanted = {"GreaterThanThreshold": 1, "LessThanThreshold": -1}[properties["ComparisonOperator"]]
    last = [None] * properties["EvaluationPeriods"] + list(values)
    breaching = [
        missing if value is None else (value - threshold) * wanted > 0
        for value in last[-properties["EvaluationPeriods"] :]
    ]
    return bool(sum(breaching) >= properties["DatapointsToAlarm"])
