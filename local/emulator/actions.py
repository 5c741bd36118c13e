"""An action of a JSON service, as ministack 1.5.33 has it: request members in, HTTP status, headers and body out.

Calls `core.responses.json_response` and `error_response_json`.
"""

from collections.abc import Callable
from typing import Any, Final

from local.emulator.hooks import Hook

_ANSWER: Final = Hook("core.responses", "json_response", ("data",))
_ERROR: Final = Hook("core.responses", "error_response_json", ("code", "message", "status"))
HOOKS: Final = (_ANSWER, _ERROR)

Answer = tuple[int, dict[str, str], bytes]
Members = dict[str, Any]
Action = Callable[[Members], Answer]


class RefusedError(Exception):
    """An error of the service's model: its name and message."""


def answering(act: Callable[[Members], Members]) -> Action:
    """`act` as an action of ministack: its members or its refusal, as a response."""

    def action(data: Members) -> Answer:
        try:
            answer: Answer = _ANSWER(act(data))
        except RefusedError as refusal:
            answer = _ERROR(*refusal.args)
        return answer

    return action


def guarding(check: Callable[[Members], None]) -> Callable[[Action], Action]:
    """Wraps an action so that `check` may refuse the request first."""

    def wrap(original: Action) -> Action:
        def action(data: Members) -> Answer:
            try:
                check(data)
            except RefusedError as refusal:
                answer: Answer = _ERROR(*refusal.args)
                return answer
            return original(data)

        return action

    return wrap
