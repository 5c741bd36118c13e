"""Another user of the machine, while the emulator runs: reads nothing of it, and gets nothing done by it.

Run as root, as CI's containers are, the stranger is the user `nobody`. Whoever is not root cannot become somebody else:
then the stranger's calls are made without the key, and what it could read is told by the modes of the files, which are
held in both cases.
"""

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from local.emulator import key, process
from local.emulator.process import REGION, Emulator
from tests.local.emulator.rotation_function import zipped

ROOT = os.geteuid() == 0
NOBODY: dict[str, Any] = {"user": 65534, "group": 65534, "extra_groups": []} if ROOT else {}
RUNNING = "import os\ndef handle(event, context):\n    return {'user': os.getuid()}\n"
INVOKE = "/2015-03-31/functions/developers/invocations"
READ = (
    *(
        "--header",
        "X-Amz-Target: secretsmanager.GetSecretValue",
        "--header",
        "Content-Type: application/x-amz-json-1.1",
    ),
    *("--data", '{"SecretId": "kept"}'),
)
KNOWN = (None, f"{key.ACCOUNT}:local", f"{key.ACCOUNT}:test", "test:test", "111122223333:local")
"""No credentials, and those that emulators take."""


@pytest.fixture(scope="module")
def shared() -> Iterator[Emulator]:
    """An emulator in a place that all may enter, whose directory was open to everybody before."""
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        state = Path(place, ".local")
        state.mkdir()
        state.chmod(0o777)
        running = process.start(state=state, port=process.free_port())
        try:
            _fill(running)
            yield running
        finally:
            process.stop(state)


def _fill(emulator: Emulator) -> None:
    emulator.client("secretsmanager").create_secret(Name="kept", SecretString="CANARY")
    emulator.client("cognito-idp").create_user_pool(PoolName="kept")
    function = emulator.client("lambda")
    function.create_function(
        FunctionName="developers", Runtime="python3.14", Handler="f.handle", Timeout=20,
        Role=f"arn:aws:iam::{key.ACCOUNT}:role/any", Code={"ZipFile": zipped("f.py", RUNNING)},
    )  # fmt: skip
    assert json.loads(function.invoke(FunctionName="developers")["Payload"].read()) == {"user": os.geteuid()}


def run(*command: str | Path) -> str:
    """What the stranger's command says."""
    shown: subprocess.CompletedProcess[bytes] = subprocess.run(
        command, cwd="/", env={"PATH": os.defpath}, capture_output=True, check=False, **NOBODY
    )
    return (shown.stdout + shown.stderr).decode(errors="replace")


def call(emulator: Emulator, path: str, *options: str, user: str | None = None, service: str = "lambda") -> str:
    signed = ("--aws-sigv4", f"aws:amz:{REGION}:{service}", "--user", user) if user else ()
    return run("curl", "--silent", "--include", "--max-time", "20", *signed, *options, f"{emulator.endpoint}{path}")


@pytest.mark.parametrize("user", KNOWN)
def test_a_stranger_invokes_no_function_and_reads_no_secret(shared: Emulator, user: str | None) -> None:
    for said in (
        call(shared, INVOKE, "--data", "{}", user=user),
        call(shared, "/", *READ, user=user, service="secretsmanager"),
        call(shared, "/_ministack/reset", "--request", "POST", user=user),
        call(shared, "/_ministack/health", user=user),
        call(shared, f"/{'0' * 32}/oauth2/token", "--data", "grant_type=client_credentials"),
    ):
        assert said.startswith("HTTP/1.1 403 "), said
        assert "The emulator refused this request" in said
    assert "kept" in str(shared.client("secretsmanager").list_secrets()["SecretList"])


def test_the_same_commands_do_it_for_whoever_has_the_key(shared: Emulator) -> None:
    own = f"{key.ACCOUNT}:{key.read(shared.state).secret}"
    assert f'"user": {os.geteuid()}' in call(shared, INVOKE, "--data", "{}", user=own)
    assert "CANARY" in call(shared, "/", *READ, user=own, service="secretsmanager")


def test_a_stranger_reads_no_file_of_it(shared: Emulator) -> None:
    assert shared.state.stat().st_mode & 0o777 == 0o700
    files = [path for path in shared.state.rglob("*") if path.is_file()]
    assert {"credentials", "cognito-rsa-key.pem", "emulator.json", "emulator.log"} <= {path.name for path in files}
    secret = [path for path in files if path.suffix == ".pem" or path.parent == shared.state]
    assert [path for path in secret if path.stat().st_mode & 0o077] == []
    if ROOT:
        assert "Permission denied" in run("ls", shared.state)
        assert [path for path in files if not run("cat", path).endswith("Permission denied\n")] == []


def test_the_key_is_in_no_argument_and_no_environment(shared: Emulator) -> None:
    own, emulator = key.read(shared.state), psutil.Process(shared.pid)
    processes = [emulator, *emulator.children(recursive=True)]
    assert len(processes) >= 2
    for each in processes:
        told = [*each.cmdline(), *each.environ().values()]
        assert [word for word in told if own.secret in word] == []
        assert [word for word in each.cmdline() if own.path in word] == []
        if ROOT and Path("/proc").is_dir():
            assert run("cat", f"/proc/{each.pid}/environ").endswith("Permission denied\n")
