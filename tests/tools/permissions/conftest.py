"""The requests of every environment, made once."""

import pytest

from tools.permissions.requests import Request, requests_of
from tools.template import Assembly


@pytest.fixture(scope="session")
def requests(assembly: Assembly) -> dict[str, tuple[Request, ...]]:
    """Every request of a deployment, by environment; `delivery` is the stage that an administrator deploys."""
    return {stage: requests_of(assembly, stage) for stage in ("dev", "staging", "prod", "delivery")}
