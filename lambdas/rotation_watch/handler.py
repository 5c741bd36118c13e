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

from .secrets import judge

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

UNITS: Final = {"Secrets": "Count", "SecretsOverdue": "Count", "OldestSecretDays": "None"}

MOST: Final = 100
"""Rotations set going in one run, so that it ends within its time; the next hour has the next hundred."""


class Context(Protocol):
    """What is used of Lambda's context."""

    @property
    def aws_request_id(self) -> str: ...


@functools.cache
def _client() -> "SecretsManagerClient":
    return boto3.client("secretsmanager", config=Config(connect_timeout=2, read_timeout=8))


def handle(_event: Mapping[str, Any], context: Context) -> None:
    """List the secrets under SECRETS (a name's beginning), say how they are, and set given-up rotations going again.

    Raises what AWS answers when they cannot be listed: Lambda counts it.
    """
    filters: Any = [{"Key": "name", "Values": [os.environ["SECRETS"]]}]
    pages = _client().get_paginator("list_secrets").paginate(Filters=filters, IncludePlannedDeletion=True)
    now = datetime.now(UTC)
    state = judge((secret for page in pages for secret in page["SecretList"]), now)
    faults = {name: _resume(name) for name in state.given_up[:MOST]}
    unresumed = {name: fault for name, fault in faults.items() if fault}
    metrics = [{"Name": name, "Unit": unit} for name, unit in UNITS.items()]
    line = {
        "_aws": {
            "Timestamp": int(now.timestamp() * 1000),
            "CloudWatchMetrics": [{"Namespace": os.environ["NAMESPACE"], "Dimensions": [[]], "Metrics": metrics}],
        },
        "timestamp": now.isoformat(timespec="milliseconds"),
        "level": "WARNING" if state.overdue or unresumed else "INFO",
        "message": "rotation is overdue" if state.overdue else "rotation is on time",
        "request_id": context.aws_request_id,
        "Secrets": state.count,
        "SecretsOverdue": len(state.overdue),
        "OldestSecretDays": round(state.oldest / timedelta(days=1), 2),
        "overdue": state.overdue,
        "resumed": [name for name in faults if name not in unresumed],
        "unresumed": unresumed,
    }
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def _resume(name: str) -> str | None:
    """Start a rotation, or go on with one that did not end: every step of it may be run again. Returns what AWS has
    against it, which says nothing of the other secrets."""
    try:
        _client().rotate_secret(SecretId=name)
    except (BotoCoreError, ClientError) as error:
        # "A previous rotation isn't complete. That rotation will be reattempted."
        if "reattempted" in str(error):
            return None
        return error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
    return None
