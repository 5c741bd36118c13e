"""Looks at several things of an environment at the same time, and makes a row of each, whatever AWS answers."""

import re
import traceback
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from tools.row import Row, State

Subject = TypeVar("Subject")
# Each service has its own word for it.
_DENIED: Final = re.compile(r"AccessDenied|Unauthorized|NotAuthorized|AuthorizationError")
_ACTION: Final = re.compile(r"not authorized to perform: ([\w-]+:\w+)")
NOT_EMULATED: Final = "not at the emulator"


@dataclass(frozen=True, kw_only=True)
class Check(Generic[Subject]):
    """One thing to look at."""

    name: str
    expected: str
    """What its row says where AWS did not answer."""
    look: Callable[[Subject], Iterable[Row]]
    emulated: bool = True
    """The emulator can answer it."""


def run(checks: Sequence[Check[Subject]], subject: Subject, *, emulated: bool, at_once: int = 8) -> list[Row]:
    """The rows of every check, in the order of the checks. AWS's errors, and our own, become rows."""
    with ThreadPoolExecutor(at_once) as pool:
        return [row for rows in pool.map(lambda check: _look(check, subject, emulated), checks) for row in rows]


def _look(check: Check[Subject], subject: Subject, emulated: bool) -> list[Row]:
    if emulated and not check.emulated:
        return [elsewhere(check, NOT_EMULATED)]
    try:
        return list(check.look(subject))
    except (ClientError, BotoCoreError) as error:
        return [unread(check, error)]
    except Exception as error:  # noqa: BLE001 - an answer that nobody foresaw is no reason to hide the other rows
        place = traceback.extract_tb(error.__traceback__)[-1]
        why = f"could not be read: {type(error).__name__} at {place.name}:{place.lineno}"
        return [Row(name=check.name, found=why, expected=check.expected, state=State.UNREAD)]


def unread(check: Check[Subject], error: ClientError | BotoCoreError) -> Row:
    """Make a row of what AWS did not say, with the permission that it takes."""
    why, fix = str(error), ""
    if isinstance(error, ClientError):
        answer = error.response.get("Error", {})
        code, message = str(answer.get("Code", "")), str(answer.get("Message", ""))
        why = f"{error.operation_name}: {code}"
        if _DENIED.search(code):
            named = _ACTION.search(message)
            why = f"{error.operation_name} is denied"
            fix = f"allow {named[1] if named else error.operation_name} to whoever runs this"
    return Row(name=check.name, found=f"could not be read: {why}", expected=check.expected, fix=fix, state=State.UNREAD)


def elsewhere(check: Check[Subject], why: str) -> Row:
    return Row(name=check.name, found=why, expected=check.expected, state=State.ELSEWHERE)
