"""The shell example through real curl and jq, with a stand-in for `aws` and a loopback server for the rest."""

import json
import os
import stat
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import which
from urllib.parse import parse_qs, urlsplit

import pytest

CALL = Path(__file__).parents[2] / "examples" / "call.sh"
SECRET, TOKEN = "CANARYsecret0123456789012345", "CANARYtoken"

AWS = """#!/bin/sh
echo "$@" >>"$TRACE"
case "$*" in
  *"secretsmanager get-secret-value --secret-id otto/dev/clients/generic "*) cat "$SECRET_FILE" ;;
  *"ssm get-parameter --name /otto/dev/m2m/token-endpoint "*) echo "$SERVER/oauth2/token" ;;
  *"ssm get-parameter --name /otto/dev/m2m/profiles-api-url "*) echo "$SERVER/dev/profiles" ;;
  *) echo "no such thing: $*" >&2; exit 254 ;;
esac
"""
TRACED = """#!/bin/sh
echo "$@" >>"$TRACE"; env >>"$TRACE"
exec {real} "$@"
"""


@dataclass
class Shell:
    folder: Path
    server: str
    tokens: list[str] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)

    @property
    def cache(self) -> Path:
        return self.folder / "otto-m2m" / "dev-generic.token"

    def call(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        environment = os.environ | {
            "PATH": f"{self.folder}:{os.environ['PATH']}",
            "XDG_RUNTIME_DIR": str(self.folder),
            "TRACE": str(self.folder / "trace"),
            "SECRET_FILE": str(self.folder / "secret"),
            "SERVER": self.server,
        }
        return subprocess.run(
            [CALL, *arguments], env=environment, capture_output=True, text=True, check=False, timeout=60
        )


def traced(*programs: str) -> dict[str, str]:
    """A stand-in for each program, which notes how it is called. Fails naming those that this machine lacks."""
    real = {program: which(program) for program in programs}
    if missing := [program for program, path in real.items() if path is None]:
        pytest.fail(f"install {' and '.join(missing)}: examples/call.sh is run as its users run it", pytrace=False)
    return {program: TRACED.format(real=path) for program, path in real.items()}


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            made.tokens.append(f"{TOKEN}{len(made.tokens)}")
            self._answer(200, {"access_token": made.tokens[-1], "expires_in": 3600})

        def do_GET(self) -> None:
            made.calls.append(self.path)
            refused = self.headers["Authorization"].removeprefix("Bearer ") in made.refused
            self._answer(401 if refused else 200, {"message": "Unauthorized"} if refused else {"uri": "x"})

        def _answer(self, status: int, body: dict[str, object]) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: object) -> None:
            pass

    for name, text in {"aws": AWS, **traced("curl", "jq", "sed")}.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    (tmp_path / "secret").write_text(json.dumps({"client_id": "id", "client_secret": SECRET}))
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        made = Shell(tmp_path, f"http://127.0.0.1:{server.server_port}")
        yield made
        server.shutdown()


def test_a_program_that_this_machine_lacks_is_named() -> None:
    with pytest.raises(pytest.fail.Exception, match=r"^install no-jq and no-curl: "):
        traced("sh", "no-jq", "no-curl")


def test_it_prints_the_profile_and_keeps_its_token_for_the_next_call(shell: Shell) -> None:
    for _ in range(3):
        answer = shell.call("dev", "generic", "https://www.linkedin.com/in/a?b&c")
        assert (answer.returncode, answer.stdout, answer.stderr) == (0, '{"uri": "x"}\n', "")
    assert len(shell.tokens) == 1
    assert {parse_qs(urlsplit(path).query)["uri"][0] for path in shell.calls} == {"https://www.linkedin.com/in/a?b&c"}
    assert stat.S_IMODE(shell.cache.stat().st_mode) == 0o600


def test_no_secret_and_no_token_is_in_an_argument_or_the_environment_or_the_output(shell: Shell) -> None:
    said = shell.call("dev", "generic", "u")
    trace = (shell.folder / "trace").read_text()
    assert "--config -" in trace, "the trace sees what is called"
    assert "CANARY" not in trace + said.stdout + said.stderr


def test_a_token_past_three_quarters_of_its_life_is_renewed(shell: Shell) -> None:
    shell.call("dev", "generic", "u")
    shell.cache.write_text(f"1\n{TOKEN}0\n")
    shell.call("dev", "generic", "u")
    assert len(shell.tokens) == 2


def test_after_a_401_it_reads_the_credentials_again_and_calls_once_more(shell: Shell) -> None:
    shell.call("dev", "generic", "u")
    shell.refused = {f"{TOKEN}0"}
    assert shell.call("dev", "generic", "u").returncode == 0
    assert len(shell.tokens) == 2
    shell.refused = {f"{TOKEN}{number}" for number in range(9)}
    refused = shell.call("dev", "generic", "u")
    assert (refused.returncode, refused.stderr) == (1, f"{CALL}: the profiles API answered 401\n")
    assert len(shell.tokens) == 3


def test_an_unknown_client_ends_it_with_a_message_and_leaves_no_file(shell: Shell) -> None:
    answer = shell.call("dev", "nobody", "u")
    assert answer.returncode == 1
    assert "no token for nobody in dev" in answer.stderr
    assert list(shell.cache.parent.iterdir()) == []


def test_too_few_arguments_show_the_usage(shell: Shell) -> None:
    answer = shell.call("dev")
    assert (answer.returncode, answer.stderr) == (2, f"usage: {CALL} ENVIRONMENT CLIENT PROFILE_URI\n")
