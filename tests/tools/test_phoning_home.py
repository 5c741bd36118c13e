"""Nothing that is run here tells anybody outside of it: a proxy listens, and is asked for nothing."""

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tools import synth

ROOT = Path(__file__).parents[2]
CDK = str(ROOT / "node_modules/.bin/cdk")


@dataclass
class Proxy:
    """Everybody's way out, which leads nowhere."""

    port: int
    asked: list[str] = field(default_factory=list)

    def run(self, folder: Path, home: Path, *command: str) -> list[str]:
        """Run a command behind it, with a home that nobody has used. Returns whom it wanted to reach."""
        self.asked.clear()
        home.mkdir(exist_ok=True)
        way = dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"), f"http://127.0.0.1:{self.port}")
        environment = {"PATH": os.environ["PATH"], "HOME": str(home), "CDK_VALIDATION": "false"} | way
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        time.sleep(0.5)  # what a connection that was begun at the end needs to be seen
        return list(self.asked)


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        made = Proxy(server.getsockname()[1])

        def listen() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                    with connection:
                        connection.settimeout(5)
                        made.asked.append(connection.recv(300).partition(b"\r\n")[0].decode("latin-1"))
                except TimeoutError:
                    continue
                except OSError:
                    return

        threading.Thread(target=listen, daemon=True).start()
        yield made
        server.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def folder(tmp_path: Path, cdk_out: Path) -> Path:
    """Where the CDK CLI finds our settings, and an assembly."""
    shutil.copytree(cdk_out, tmp_path / "assembly")
    shutil.copy(ROOT / "cdk.json", tmp_path / "cdk.json")
    return tmp_path


def test_the_cdk_cli_asks_for_nothing_outside(proxy: Proxy, folder: Path) -> None:
    assert proxy.run(folder, folder / "home", CDK, "list", "--app", "assembly") == []
    assert proxy.run(folder, folder / "home", CDK, "synth", "--quiet", "--app", "assembly") == []


def test_a_planted_setting_that_is_left_out_is_seen(proxy: Proxy, folder: Path) -> None:
    settings = json.loads((folder / "cdk.json").read_text())
    settings["context"].pop("cli-telemetry")
    (folder / "cdk.json").write_text(json.dumps(settings))
    [asked] = proxy.run(folder, folder / "home", CDK, "list", "--app", "assembly")
    assert "telemetry" in asked


def test_a_synth_asks_for_nothing_outside(proxy: Proxy, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tools.synth", "--output", str(tmp_path / "out")]
    assert proxy.run(ROOT, tmp_path / "home", *command) == []
    assert not (tmp_path / "out" / synth.PROBLEM).exists()
