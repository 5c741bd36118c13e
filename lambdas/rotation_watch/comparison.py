"""Secrets held against their app clients by the rotation function, which reads them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

BATCH: Final = 100
"""Secrets that are asked about at once: some seconds of the rotation function's three minutes."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What was told of all secrets."""

    differing: Mapping[str, str]
    """Why, by the secret's name."""
    failed: str | None
    """What kept some from being compared."""


def compare(functions: "LambdaClient", rotation: str, names: Sequence[str]) -> Comparison:
    """Ask the function `rotation` about these secrets."""
    differing: dict[str, str] = {}
    failed = None
    for begin in range(0, len(names), BATCH):
        event = {"Step": "compare", "Secrets": names[begin : begin + BATCH]}
        try:
            answer = functions.invoke(FunctionName=rotation, Payload=json.dumps(event).encode())
            told = json.loads(answer["Payload"].read())
        except (BotoCoreError, ClientError, ValueError) as error:
            failed = error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
            continue
        if "FunctionError" in answer:
            failed = str(told.get("errorMessage") or answer["FunctionError"])
            continue
        for reasons in told.values():
            differing |= reasons
    return Comparison(differing=dict(sorted(differing.items())), failed=failed)
