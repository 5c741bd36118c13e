"""A real DynamoDB table for every function's tests: on the emulator, started once a session on a free loopback port."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import boto3
import pytest

from tests.lambdas.environment import isolate

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def profiles_table_definition() -> dict[str, Any]:
    """What the tests' table is created from: the key schema of the deployed one. The single place that says it."""
    return {
        "KeySchema": [{"AttributeName": "uri", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "uri", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The endpoint of an emulator that lives as long as the session."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    endpoint = f"http://127.0.0.1:{port}"
    home = tmp_path_factory.mktemp("emulator")
    log = home / "log"
    settings = {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "IOT_MTLS_ENABLED": "0", "HOME": str(home)}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | settings
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "ministack"], env=environment, cwd=home, stdout=output, stderr=output
        )
    try:
        _await_health(process, f"{endpoint}/_ministack/health", log)
        yield endpoint
    finally:
        process.terminate()
        process.wait(timeout=10)


def _await_health(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310  # our own loopback address
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"the emulator did not become healthy: {log.read_text()[-2000:]}")


@pytest.fixture(scope="session")
def dynamodb(emulator: str) -> "DynamoDBClient":
    with pytest.MonkeyPatch.context() as patch:
        isolate(patch, emulator)
        return boto3.client("dynamodb")


@pytest.fixture
def profiles_table(dynamodb: "DynamoDBClient", emulator: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a new, empty table, which every client made in the test reaches."""
    isolate(monkeypatch, emulator)
    name = f"profiles-{uuid4().hex}"
    dynamodb.create_table(TableName=name, **profiles_table_definition())
    return name
