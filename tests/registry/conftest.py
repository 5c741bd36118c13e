"""Fixtures: the sample registry in a folder, and what is wrong with it after a change."""

from collections.abc import Callable
from pathlib import Path

import pytest

from stacks import registry
from tests.registry.sample import CLIENT, GROUPS, Files, write


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder of a registry that holds `clients/internal/x1.yaml`, which is valid."""
    write(tmp_path, {"groups.yaml": GROUPS, "internal/x1.yaml": CLIENT})
    return tmp_path


@pytest.fixture
def problems(root: Path) -> Callable[..., list[str]]:
    """The problems of the valid registry once `files` are written over it."""

    def load(files: Files | None = None) -> list[str]:
        write(root, files or {})
        try:
            registry.load(root)
        except registry.RegistryError as error:
            return error.problems
        return []

    return load
