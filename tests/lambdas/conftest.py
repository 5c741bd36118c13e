"""A real DynamoDB table for the functions' tests, made as the deployed one is."""

from typing import Any
from uuid import uuid4

import pytest

from local.emulator.process import Emulator
from tests.lambdas.environment import isolate
from tests.stacks.synthesis import SynthesizedStack


@pytest.fixture(scope="session")
def profiles_table_definition(stacks: dict[str, SynthesizedStack]) -> dict[str, Any]:
    """The keys and billing of the table in the template that is deployed, so that code and table cannot drift apart."""
    [(_, table)] = stacks["otto-prod-profiles"].of_type("AWS::DynamoDB::GlobalTable")
    return {name: table["Properties"][name] for name in ("KeySchema", "AttributeDefinitions", "BillingMode")}


@pytest.fixture
def profiles_table(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch, profiles_table_definition: dict[str, Any]
) -> str:
    """The name of a new, empty table, which every client made in the test reaches."""
    isolate(monkeypatch, emulator)
    name = f"profiles-{uuid4().hex}"
    emulator.client("dynamodb").create_table(TableName=name, **profiles_table_definition)
    return name
