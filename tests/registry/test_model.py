"""The model refuses by itself, whoever builds it: a guard that no reader can go round."""

from dataclasses import FrozenInstanceError, replace
from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from stacks import registry
from stacks.environments import ENVIRONMENTS


@pytest.fixture
def client(root: Path) -> registry.AppClient:
    return registry.load(root)[0].clients[0]


@pytest.mark.parametrize("environment", [each.name for each in ENVIRONMENTS if not each.testing_clients])
def test_a_testing_client_cannot_exist_outside_dev(client: registry.AppClient, environment: str) -> None:
    grant = registry.Grant(scopes=("api.read",))
    testing = replace(client, kind="testing", environments={"dev": grant})
    assert testing.kind == "testing"
    with pytest.raises(ValidationError, match="a client of kind testing may exist in dev alone"):
        replace(testing, environments={environment: grant})


def test_a_testing_client_cannot_be_without_end(client: registry.AppClient) -> None:
    with pytest.raises(ValidationError, match="a client of kind testing must end"):
        replace(client, kind="testing", expires=None, environments={"dev": registry.Grant(scopes=("api.read",))})


def test_what_is_read_cannot_be_changed_or_misspelt(client: registry.AppClient) -> None:
    with pytest.raises(FrozenInstanceError):
        client.expires = date(2030, 1, 1)  # type: ignore[misc]
    with pytest.raises(ValidationError, match="Unexpected keyword argument"):
        registry.Grant(scopes=("api.read",), minutes=5)  # type: ignore[call-arg]
