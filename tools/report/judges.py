"""The files of a checkout that judge it: whoever changes one changes what is said of a change."""

from typing import Final

JUDGES: Final = (
    ".ci/", ".github/", ".npmrc", "Makefile", "app.py", "cdk.json", "package-lock.json", "package.json",
    "requirements", "stacks/acknowledgement.py", "stacks/environments.py", "stacks/modes.py", "stacks/registry/",
    "stacks/scopes.py", "tools/",
)  # fmt: skip
"""What a path begins with that installs, synthesizes, reads templates, scans, reports or deploys."""


def judging(path: str) -> bool:
    """True for a file that takes part in judging a change."""
    return path.startswith(JUDGES)
