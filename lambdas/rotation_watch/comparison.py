"""Secrets held against their app clients by the rotation function, which reads them."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from . import fault

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

BATCH: Final = 100
"""Secrets that are asked about at once: some seconds of the rotation function's three minutes."""


class Failed(Exception):  # noqa: N818 - what the rotation function says, word for word
    """The rotation function ended with an error."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What was told of all secrets."""

    differing: Mapping[str, str]
    """Why, by the secret's name."""
    failed: str | None
    """What kept some from being compared."""


def ask(invoke: Callable[..., Any], rotation: str, names: Sequence[str]) -> Mapping[str, str]:
    """Why each of these secrets is not its app client's, by its name, as the function `rotation` says; none is fine.

    `invoke` is that of a boto3 client of Lambda. Raises Failed, ClientError, BotoCoreError, and ValueError for an
    answer that is none.
    """
    event = {"Step": "compare", "Secrets": list(names)}
    answer = invoke(FunctionName=rotation, Payload=json.dumps(event).encode())
    told = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise Failed(str(told.get("errorMessage") or answer["FunctionError"]))
    return {name: why for reasons in told.values() for name, why in reasons.items()}


def compare(functions: "LambdaClient", rotation: str, names: Sequence[str]) -> Comparison:
    """Ask about all of these secrets; what fails keeps nothing else from being compared."""
    differing: dict[str, str] = {}
    failed = None
    for begin in range(0, len(names), BATCH):
        try:
            differing |= ask(functions.invoke, rotation, names[begin : begin + BATCH])
        except Failed as error:
            failed = str(error)
        except (BotoCoreError, ClientError, ValueError) as error:
            failed = fault.name(error)
    return Comparison(differing=dict(sorted(differing.items())), failed=failed)
