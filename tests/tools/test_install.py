"""What stops an installation on a bare machine is said in one message with its mend, and the status tells make."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNREACHABLE = {"PIP_INDEX_URL": "http://127.0.0.1:9", "PIP_RETRIES": "0", "PIP_CONFIG_FILE": os.devnull}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What an installation reads, where nothing is installed yet."""
    (tmp_path / "tools").mkdir()
    for name in ("tools/install.sh", "requirements.txt", "requirements-dev.txt", "package.json", "package-lock.json"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def install(checkout: Path, python: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | UNREACHABLE | {"PYTHON": python}
    command = [str(checkout / "tools" / "install.sh"), "all"]
    return subprocess.run(command, cwd=checkout.parent, env=environment, capture_output=True, text=True, check=False)


def stand_in(checkout: Path, script: str) -> str:
    """A Python that is not what it must be."""
    python = checkout / "python"
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    return str(python)


def test_a_registry_that_cannot_be_reached_is_named_with_the_mend(checkout: Path) -> None:
    refused = install(checkout, sys.executable)
    assert (refused.returncode, refused.stdout) == (1, "install: uv, which installs the rest from the lock\n")
    what, mend = refused.stderr.splitlines()
    assert what.startswith("install: uv, which installs the rest from the lock failed: ")
    assert "uv==" in what
    assert mend == "  is the package registry reachable (pip config list)?; the whole log is .venv/install.log"
    assert (checkout / ".venv" / "install.log").stat().st_size


def test_a_missing_python_is_named_with_the_mend(checkout: Path) -> None:
    refused = install(checkout, "no-python")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == (
        "install: no 'no-python' on PATH: install Python 3.11 or newer, or run make PYTHON=/path/to/python3\n"
    )


def test_an_old_python_is_named_with_its_version_and_the_mend(checkout: Path) -> None:
    python = stand_in(checkout, '[ "$1" != --version ] || { echo Python 3.9.1; exit; }; exit 1')
    refused = install(checkout, python)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == (
        "install: Python 3.9.1 is too old: Python 3.11 or newer is needed; run make PYTHON=/path/to/python3.11\n"
    )


def test_a_python_without_venv_is_named_with_the_mend(checkout: Path) -> None:
    python = stand_in(checkout, 'case "$2" in *ensurepip*) exit 1 ;; esac')
    refused = install(checkout, python)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == (
        f"install: {python} cannot make virtual environments: install its venv package "
        "(Debian: apt-get install python3-venv)\n"
    )
