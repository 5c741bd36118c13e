"""A real DynamoDB table for every function's tests: on the emulator, started once a session on a free loopback port."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from local.emulator import process
from local.emulator.process import Emulator
from tests.lambdas.environment import isolate


def profiles_table_definition() -> dict[str, Any]:
    """What the tests' table is created from: the key schema of the deployed one. The single place that says it."""
    return {
        "KeySchema": [{"AttributeName": "uri", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "uri", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    state = tmp_path_factory.mktemp("emulator")
    running = process.start(state=state, port=process.free_port())
    yield running
    process.stop(state)


@pytest.fixture
def profiles_table(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a new, empty table, which every client made in the test reaches."""
    isolate(monkeypatch, emulator.endpoint)
    name = f"profiles-{uuid4().hex}"
    emulator.client("dynamodb").create_table(TableName=name, **profiles_table_definition())
    return name
