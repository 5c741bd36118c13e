"""Whose a secret is: the one app client that the pool has under the secret's name.

Who owns a secret may come to write its tags, its values and its labels, and the names of the pool's app clients not: so
the pool is believed, and whatever of the secret says otherwise is told. See docs/decisions/whose-a-secret-is.md.
"""

from collections.abc import Mapping

from .credentials import Credentials
from .patience import Patience
from .ports import AppClients, Secret

Names = Mapping[str, str]
"""The pool's app clients: their names by their ids."""


def read_names(clients: AppClients, patience: Patience) -> Names:
    """Ask for page after page. Raises Busy when time runs out: what was told is kept, and is not asked again."""
    while True:
        patience.require()
        if (names := clients.names()) is not None:
            return names


def find_difference(secret: Secret, names: Names) -> str | None:
    """Why nobody can say whose a secret is, or how its tag differs from what the pool says; None when they agree."""
    found = sorted(client_id for client_id, name in names.items() if name == secret.name)
    if len(found) > 1:
        return (
            f"the user pool has {len(found)} app clients named {secret.name}, {' and '.join(found)}: "
            "delete the one that is in no stack"
        )
    if not found:
        return (
            f"the user pool has no app client {secret.name}: remove its file and deploy, then add it again and deploy"
        )
    if secret.client_id is None:
        return (
            f"it has no tag `client-id`, and the user pool has {secret.name} as {found[0]}: "
            "somebody took the tag away (docs/runbook.md#credentials-differ)"
        )
    if secret.client_id != found[0]:
        return (
            f"its tag `client-id` names app client {_tell(secret.client_id, names)}, and the user pool has "
            f"{secret.name} as {found[0]}: somebody wrote the tag (docs/runbook.md#credentials-differ)"
        )
    return None


def find_stranger(secret: Secret, current: Credentials | None, names: Names) -> str | None:
    """Whose credentials a secret holds, when they are another app client's of the pool."""
    if current is None or current.client_id == secret.client_id or current.client_id not in names:
        return None
    return (
        f"its current value is of app client {_tell(current.client_id, names)}, and the user pool has {secret.name} as "
        f"{secret.client_id}: somebody wrote the value (docs/runbook.md#credentials-differ)"
    )


def refuse_managed(secret: Secret, arn: str) -> str:
    """Why a secret that Cognito keeps itself is not rotated here too: each of its rotations ends the older of two."""
    return (
        f"Cognito keeps and rotates the secret of app client {secret.client_id} itself, in {arn}, and would end ours: "
        "take it over, or turn that off (docs/runbook.md#managed-secret)"
    )


def _tell(client_id: str, names: Names) -> str:
    return f"{client_id} ({names[client_id]})" if client_id in names else f"{client_id}, which the pool lacks"
