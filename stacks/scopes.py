"""The scopes of Otto's resource server: what an access token can allow, and nothing else."""

from typing import Final

READ: Final = "api.read"
WRITE: Final = "api.write"

DESCRIPTIONS: Final[dict[str, str]] = {
    READ: "Read what Otto's APIs hold",
    WRITE: "Create, change and delete what Otto's APIs hold",
}
"""Every scope, in the order shown, and the description Cognito stores with it (1-256 characters)."""
