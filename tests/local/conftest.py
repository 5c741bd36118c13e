"""`make up` itself, once a session, in a shell whose AWS settings would lead astray whatever read them."""

import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.deployment import CHECKOUT
from local.emulator import process
from tests.local.platform.deployed import Platform

ASTRAY = {
    "AWS_PROFILE": "nobody",
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wrong",
    "AWS_SESSION_TOKEN": "wrong",
    "AWS_REGION": "eu-west-1",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_ENDPOINT_URL_SSM": "http://127.0.0.1:9",
    "CDK_DEFAULT_ACCOUNT": "123456789012",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
}


@pytest.fixture(scope="session")
def platform(cdk_out: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    state = tmp_path_factory.mktemp("up")
    command = [sys.executable, "-m", "local.up", "--port", str(process.free_port()), "--state", str(state)]
    command += ["--assembly", str(cdk_out)]
    try:
        up = subprocess.run(command, cwd=CHECKOUT, env=os.environ | ASTRAY, capture_output=True, text=True, check=False)
        assert up.returncode == 0, up.stdout + up.stderr
        emulator = process.find(state)
        assert emulator is not None
        yield Platform(emulator=emulator, state=state, shown=up.stdout)
    finally:
        process.stop(state)


@pytest.fixture
def uri() -> str:
    """A profile that no other test knows."""
    return f"https://www.linkedin.com/in/{uuid.uuid4().hex}"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return copy_checkout(tmp_path)


def copy_checkout(folder: Path) -> Path:
    """A copy of what synth reads, for changing."""
    copy = folder / "checkout"
    copy.mkdir()
    for name in ("stacks", "clients", "lambdas"):
        shutil.copytree(CHECKOUT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("app.py", "cdk.json"):
        shutil.copy(CHECKOUT / name, copy / name)
    for name in (".venv", "node_modules"):
        (copy / name).symlink_to(CHECKOUT / name)
    return copy
