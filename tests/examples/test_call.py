"""The shell example through real curl and jq, with a stand-in for `aws` and a loopback server for the rest."""

import json
import os
import stat
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
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
    down: bool = False
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

    def age(self, share: float, life: int = 3600) -> None:
        """Let so much of the kept token's life pass."""
        passed = int(share * life)
        *times, token = self.cache.read_text().split()
        self.cache.write_text(f"{' '.join(str(int(each) - passed) for each in times)} {token}\n")


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
            if made.down:
                self._answer(503, {"error": "unavailable"})
                return
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


def test_a_token_is_renewed_at_three_quarters_of_its_life_with_some_chance_in_it(shell: Shell) -> None:
    renewals = set()
    for _ in range(6):
        shell.cache.unlink(missing_ok=True)
        shell.call("dev", "generic", "u")
        made, renewal, end, _token = shell.cache.read_text().split()
        assert int(end) - int(made) == 3600
        assert 0.70 <= (int(renewal) - int(made)) / 3600 <= 0.80
        renewals.add(int(renewal) - int(made))
    assert len(renewals) > 1
    shell.age(0.69)
    shell.call("dev", "generic", "u")
    assert len(shell.tokens) == 6
    shell.age(0.12)
    shell.call("dev", "generic", "u")
    assert len(shell.tokens) == 7


def test_a_token_endpoint_that_is_away_is_not_noticed_while_the_token_lives(shell: Shell) -> None:
    shell.call("dev", "generic", "u")
    shell.down = True
    shell.age(0.80)
    for _ in range(3):
        answer = shell.call("dev", "generic", "u")
        assert (answer.returncode, answer.stdout) == (0, '{"uri": "x"}\n')
    trace = (shell.folder / "trace").read_text()
    assert trace.count("secretsmanager get-secret-value") == 2, "it is not asked again for every call"
    shell.age(0.20)
    assert shell.call("dev", "generic", "u").returncode == 1
    shell.down = False
    assert shell.call("dev", "generic", "u").returncode == 0
    assert len(shell.tokens) == 2


def test_calls_that_start_together_get_one_token(shell: Shell) -> None:
    with ThreadPoolExecutor(5) as threads:
        answers = threads.map(lambda _: shell.call("dev", "generic", "u").returncode, range(5))
        assert list(answers) == [0] * 5
    assert len(shell.tokens) == 1


def test_after_a_401_it_reads_the_credentials_again_and_calls_once_more(shell: Shell) -> None:
    shell.call("dev", "generic", "u")
    shell.age(0.1)
    shell.refused = {f"{TOKEN}0"}
    assert shell.call("dev", "generic", "u").returncode == 0
    assert len(shell.tokens) == 2
    shell.age(0.1)
    shell.refused = {f"{TOKEN}{number}" for number in range(9)}
    refused = shell.call("dev", "generic", "u")
    assert (refused.returncode, refused.stderr) == (1, f"{CALL}: the profiles API answered 401\n")
    assert len(shell.tokens) == 3
    calls = len(shell.calls)
    assert shell.call("dev", "generic", "u").returncode == 1
    assert (len(shell.tokens), len(shell.calls)) == (3, calls + 1), "the token is new: it lacks the scope"


def test_an_unknown_client_ends_it_with_a_message_and_leaves_no_file(shell: Shell) -> None:
    answer = shell.call("dev", "nobody", "u")
    assert answer.returncode == 1
    assert "no token for nobody in dev" in answer.stderr
    assert [path.name for path in shell.cache.parent.iterdir() if path.stat().st_size] == []


def test_too_few_arguments_show_the_usage(shell: Shell) -> None:
    answer = shell.call("dev")
    assert (answer.returncode, answer.stderr) == (2, f"usage: {CALL} ENVIRONMENT CLIENT PROFILE_URI\n")
