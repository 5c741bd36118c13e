"""One base a session: a checkout of this repository, synthesized once."""

from pathlib import Path

import pytest

from tests.tools.report import repository
from tests.tools.report.repository import Base, Checkout


@pytest.fixture(scope="session")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """The committed checkout that every change starts from. Tests clone it and leave it alone."""
    return repository.create(tmp_path_factory.mktemp("origin"))


@pytest.fixture(scope="session")
def base(origin: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Base:
    return Base.of(origin, tmp_path_factory.mktemp("base"))


@pytest.fixture
def checkout(origin: Checkout, tmp_path: Path) -> Checkout:
    return repository.clone(origin, tmp_path / "checkout")
