"""What the service says about itself: one JSON line an event on standard output, and never a profile, URI or token."""

import hashlib
import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Final

_LOGGER: Final = logging.getLogger("profiles")


class _Lines(logging.Handler):
    """Writes to what standard output is now; propagating to Lambda's own handler would write everything twice."""

    def emit(self, record: logging.LogRecord) -> None:
        # Lambda's JSON log format reads `timestamp` and `level`; a line without them counts as INFO.
        timestamp = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        fields = getattr(record, "fields", {})
        line = {"timestamp": timestamp, "level": record.levelname, "message": record.getMessage(), **fields}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


def report(level: int, message: str, error: BaseException, **fields: str) -> None:
    """Log an error with its stack, but not its words or its causes': they can hold what the caller sent."""
    if not _LOGGER.handlers:
        _LOGGER.addHandler(_Lines())
        _LOGGER.propagate = False
    _LOGGER.log(level, message, extra={"fields": {**fields, "stack": _stack(error)}})


def pseudonym(uri: str) -> str:
    """Tells whether two lines are about one profile, without naming it."""
    return hashlib.sha256(uri.encode("utf-8", "replace")).hexdigest()[:16]


def _stack(error: BaseException | None) -> str:
    if error is None:
        return ""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return f"{_stack(cause)}{''.join(traceback.format_tb(error.__traceback__))}{type(error).__qualname__}\n"
