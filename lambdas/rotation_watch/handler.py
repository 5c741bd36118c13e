"""What the schedule calls: one log line that CloudWatch also reads as metrics (the embedded metric format).

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import functools
import json
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from . import fault
from .comparison import Comparison, compare
from .secrets import State, judge

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_secretsmanager import SecretsManagerClient

UNITS: Final = {"Secrets": "Count", "SecretsOverdue": "Count", "SecretsDiffering": "Count", "OldestSecretDays": "None"}

MOST: Final = 100
"""Rotations set going in one run, so that it ends within its time; the next hour has the next hundred."""


class Uncompared(Exception):  # noqa: N818 - what was not done, which the log has as the last word
    """Nobody knows whether the secrets are their app clients'; the line before says all else."""


class Context(Protocol):
    """What is used of Lambda's context."""

    @property
    def aws_request_id(self) -> str: ...


@functools.cache
def _client() -> "SecretsManagerClient":
    return boto3.client("secretsmanager", config=Config(connect_timeout=2, read_timeout=8))


@functools.cache
def _functions() -> "LambdaClient":
    # A comparison takes as long as the rotation function may, which is three minutes when Cognito lets it wait.
    return boto3.client("lambda", config=Config(connect_timeout=2, read_timeout=190))


def handle(_event: Mapping[str, Any], context: Context) -> None:
    """List the secrets under SECRETS (a name's beginning), hold each against its app client, say how they are, and set
    given-up rotations going again.

    Raises what AWS answers when they cannot be listed, or Uncompared: Lambda counts it.
    """
    filters: Any = [{"Key": "name", "Values": [os.environ["SECRETS"]]}]
    pages = _client().get_paginator("list_secrets").paginate(Filters=filters, IncludePlannedDeletion=True)
    now = datetime.now(UTC)
    state = judge((secret for page in pages for secret in page["SecretList"]), now)
    faults = {name: _resume(name) for name in state.given_up[:MOST]}
    unresumed = {name: why for name, why in faults.items() if why}
    compared = compare(_functions(), os.environ["ROTATION"], state.names)
    metrics = [{"Name": name, "Unit": unit} for name, unit in UNITS.items()]
    line = {
        "_aws": {
            "Timestamp": int(now.timestamp() * 1000),
            "CloudWatchMetrics": [{"Namespace": os.environ["NAMESPACE"], "Dimensions": [[]], "Metrics": metrics}],
        },
        "timestamp": now.isoformat(timespec="milliseconds"),
        "level": "WARNING" if state.overdue or unresumed or compared.differing or compared.failed else "INFO",
        "message": _summarize(state, compared),
        "request_id": context.aws_request_id,
        "Secrets": state.count,
        "SecretsOverdue": len(state.overdue),
        "SecretsDiffering": len(compared.differing),
        "OldestSecretDays": round(state.oldest / timedelta(days=1), 2),
        "overdue": state.overdue,
        "resumed": [name for name in faults if name not in unresumed],
        "unresumed": unresumed,
        "differing": compared.differing,
        "uncompared": compared.failed,
    }
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()
    if compared.failed:
        raise Uncompared(f"secrets were not held against their app clients: {compared.failed}")


def _summarize(state: State, compared: Comparison) -> str:
    if compared.differing:
        return "a secret and its app client differ"
    return "rotation is overdue" if state.overdue else "rotation is on time"


def _resume(name: str) -> str | None:
    """Start a rotation, or go on with one that did not end: every step of it may be run again. Returns what AWS has
    against it, which says nothing of the other secrets."""
    try:
        _client().rotate_secret(SecretId=name)
    except (BotoCoreError, ClientError) as error:
        # "A previous rotation isn't complete. That rotation will be reattempted."
        if "reattempted" in str(error):
            return None
        return fault.name(error)
    return None
