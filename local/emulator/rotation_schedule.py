"""A secret's rotation schedule: which rules are allowed, and what descriptions by ministack 1.5.33 leave out.

Extends `services.secretsmanager._describe_secret` and `_list_secrets`. See
https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotationRulesType.html. The schedule is kept and
reported, but no clock runs it: a laptop's emulator lives for hours, and the shortest schedule is four.
"""

import calendar
import datetime as dt
import json
import re
from typing import Final

from local.emulator.actions import Action, Answer, Members, RefusedError
from local.emulator.hooks import Hook
from local.emulator.secret_versions import RESOLVE

_DESCRIBE: Final = Hook("services.secretsmanager", "_describe_secret", ("data",))
_LIST: Final = Hook("services.secretsmanager", "_list_secrets", ("data",))
HOOKS: Final = (_DESCRIBE, _LIST)

_RATE: Final = re.compile(r"rate\((\d+) (hour|day)s?\)")


def require_rules(rules: Members) -> None:
    """Raise RefusedError for rules that contradict each other or lie out of range."""
    if rules.get("AutomaticallyAfterDays") and rules.get("ScheduleExpression"):
        raise RefusedError(
            "InvalidParameterException", "You can't use AutomaticallyAfterDays and ScheduleExpression together."
        )
    days = rules.get("AutomaticallyAfterDays")
    if days is not None and not 1 <= int(days) <= 1000:
        raise RefusedError("InvalidParameterException", "AutomaticallyAfterDays must be between 1 and 1000.")


def next_rotation(secret: Members) -> int | None:
    """The end of the last day for the next rotation, in epoch seconds; None for a cron() schedule."""
    rules = secret.get("RotationRules") or {}
    rate = _RATE.fullmatch(rules.get("ScheduleExpression", ""))
    if rate:
        after = dt.timedelta(**{f"{rate[2]}s": int(rate[1])})
    elif rules.get("AutomaticallyAfterDays"):
        after = dt.timedelta(days=int(rules["AutomaticallyAfterDays"]))
    else:
        return None
    last = secret.get("LastRotatedDate") or secret["LastChangedDate"]
    day = dt.datetime.fromtimestamp(last, dt.UTC) + after
    return calendar.timegm(day.replace(hour=23, minute=59, second=59).timetuple())


def _describing(original: Action) -> Action:
    def describe(data: Members) -> Answer:
        status, headers, body = original(data)
        if status != 200:
            return status, headers, body
        answer = json.loads(body)
        secret: Members = RESOLVE(data["SecretId"])[1]
        if secret["RotationEnabled"]:
            answer |= _dates(secret)
        elif not secret.get("RotationLambdaARN"):
            del answer["RotationEnabled"]  # null for a secret that never had rotation
        return status, headers, json.dumps(answer).encode()

    return describe


def _listing(original: Action) -> Action:
    def list_secrets(data: Members) -> Answer:
        status, headers, body = original(data)
        if status != 200:
            return status, headers, body
        answer = json.loads(body)
        for entry in answer["SecretList"]:
            secret: Members = RESOLVE(entry["ARN"])[1]
            if secret.get("RotationEnabled"):
                entry.update(_dates(secret), RotationRules=secret["RotationRules"])
        return status, headers, json.dumps(answer).encode()

    return list_secrets


def _dates(secret: Members) -> Members:
    dates = {"LastRotatedDate": secret.get("LastRotatedDate"), "NextRotationDate": next_rotation(secret)}
    return {name: date for name, date in dates.items() if date}


def install() -> None:
    """Let descriptions tell the dates of rotation."""
    _DESCRIBE.replace(_describing)
    _LIST.replace(_listing)
