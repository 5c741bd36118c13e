"""What the function sets for its whole process ends with each test."""

import logging
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _levels_of_libraries() -> Iterator[None]:
    """The function keeps libraries from saying more; tests of other layers read what these say."""
    before = {name: logging.getLogger(name).level for name in ("boto3", "botocore", "urllib3")}
    yield
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)
