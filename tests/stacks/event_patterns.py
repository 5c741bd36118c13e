"""Whether an event matches an EventBridge pattern, as far as the stacks' patterns go.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
"""

from collections.abc import Mapping
from typing import Any


def matches(pattern: Mapping[str, Any], event: Any) -> bool:
    """Raises ValueError for an operator that no stack uses."""
    return all(
        any(matches(each, event) for each in wanted)
        if name == "$or"
        else _holds(wanted, event.get(name) if isinstance(event, Mapping) else None)
        for name, wanted in pattern.items()
    )


def _holds(wanted: Any, value: Any) -> bool:
    if isinstance(wanted, Mapping):
        return matches(wanted, value)
    return any(_is(each, value) for each in wanted)


def _is(wanted: Any, value: Any) -> bool:
    match wanted:
        case {"anything-but": unwanted}:  # the field must be there
            return value is not None and value not in unwanted
        case {"exists": exists}:
            return (value is not None) is exists
        case dict():
            raise ValueError(f"cannot be read: {wanted}")
        case _:
            return bool(value == wanted)
