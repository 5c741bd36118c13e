"""The checks as a table that is read in a terminal or in a pipeline's log."""

from collections.abc import Sequence

from tools.smoke.checks import Check
from tools.table import columns

_HEAD = ("", "check", "expected", "came")


def table(checks: Sequence[Check]) -> str:
    """Aligned columns; below, for what is not good, where its mend is written."""
    rows = [_HEAD, *(("ok" if each.good else "FAIL", each.name, each.expected, each.came) for each in checks)]
    mends = sorted({check.mend for check in checks if not check.good})
    return "\n".join([*columns(rows), *(f"to mend it: docs/runbook.md#{mend}" for mend in mends)])
