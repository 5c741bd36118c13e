"""call.sh through real curl, jq and flock, with a stand-in for `aws` and a loopback server for the rest."""

import json
import os
import re
import stat
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path
from shutil import which
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.callers.world import SECRET, TOKEN, Reply, World, grant, serve, to_json
from tests.local.waiting import wait

CALL = Path(__file__).parents[3] / "callers" / "shell" / "call.sh"
PROFILE = '{"uri": "x"}\n'

AWS = """#!/bin/sh
printf '%s\\n' "$@" >>"$TRACE"
case "$*" in
  *"secretsmanager get-secret-value --secret-id otto/dev/clients/generic "*) cat "$SECRET_FILE" ;;
  *"secretsmanager get-secret-value --secret-id arn:"*":kept-AbCdEf "*) cat "$SECRET_FILE" ;;
  *"ssm get-parameter --name /otto/dev/m2m/token-endpoint "*) echo "$SERVER/oauth2/token" ;;
  *"ssm get-parameter --name /otto/dev/m2m/profiles-api-url "*) echo "$SERVER/dev/profiles" ;;
  *) echo "An error occurred (ResourceNotFoundException) when calling: $*" >&2; exit 254 ;;
esac
"""
TRACED = """#!/bin/sh
printf '%s\\n' {program} "$@" >>"$TRACE"; env >>"$TRACE"
exec {real} "$@"
"""


@dataclass
class Shell:
    folder: Path
    world: World
    variables: dict[str, str] = field(default_factory=dict)
    without: tuple[str, ...] = ()

    @property
    def kept(self) -> Path:
        return self.folder / "otto-m2m"

    @property
    def trace(self) -> str:
        return (self.folder / "trace").read_text()

    def call(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        variables = os.environ | {
            "PATH": f"{self.folder}:{os.environ['PATH']}",
            "XDG_RUNTIME_DIR": str(self.folder),
            "TRACE": str(self.folder / "trace"),
            "SECRET_FILE": str(self.folder / "secret"),
            "SERVER": self.world.url,
        }
        return subprocess.run(
            [CALL, *(arguments or ("dev", "generic", "u"))],
            env={name: text for name, text in (variables | self.variables).items() if name not in self.without},
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip

    def hold(self) -> list[str]:
        """The kept token's line: boot, made, due, end, address of the API, token."""
        return (self.kept / "dev-generic.token").read_text().split()

    def change(self, **changes: str) -> None:
        """Change times of the kept token's line: those of a machine that is up for minutes reach back no further."""
        names = ("boot", "made", "due", "end", "url", "token")
        line = dict(zip(names, self.hold(), strict=True))
        now = {name: line.get(text, text) for name, text in changes.items()}
        (self.kept / "dev-generic.token").write_text(" ".join((line | now).values()) + "\n")

    def set_pause(self, until: int) -> None:
        failure = self.kept / "dev-generic.failure"
        boot, failures, _, reason = failure.read_text().split(" ", 3)
        failure.write_text(f"{boot} {failures} {until} {reason}")

    def pause(self) -> tuple[int, float]:
        """How many failures there were, and the seconds until the next try."""
        _, failures, until, _ = (self.kept / "dev-generic.failure").read_text().split(" ", 3)
        return int(failures), int(until) - float(Path("/proc/uptime").read_text().split()[0])


def traced(*programs: str) -> dict[str, str]:
    """A stand-in for each program, which notes how it is called. Fails naming those that this machine lacks."""
    real = {program: which(program) for program in programs}
    if missing := [program for program, path in real.items() if path is None]:
        pytest.fail(f"install {' and '.join(missing)}: call.sh is run as its users run it", pytrace=False)
    return {program: TRACED.format(program=program, real=path) for program, path in real.items()}


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    for name, text in {"aws": AWS, **traced("curl", "jq", "sed")}.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    (tmp_path / "secret").write_text(json.dumps({"client_id": "id", "client_secret": SECRET}))
    world = World()
    with serve(world) as address:
        world.url = f"http://{address}"
        yield Shell(tmp_path, world)


def test_a_program_that_this_machine_lacks_is_named() -> None:
    with pytest.raises(pytest.fail.Exception, match=r"^install no-jq and no-curl: "):
        traced("sh", "no-jq", "no-curl")


def test_it_prints_the_profile_and_keeps_its_token_for_the_next_call(shell: Shell) -> None:
    for _ in range(3):
        answer = shell.call("dev", "generic", "https://www.linkedin.com/in/a?b&c")
        assert (answer.returncode, answer.stdout, answer.stderr) == (0, PROFILE, "")
    assert len(shell.world.token_requests) == 1
    asked = {parse_qs(urlsplit(sent.path).query)["uri"][0] for sent in shell.world.calls}
    assert asked == {"https://www.linkedin.com/in/a?b&c"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in shell.kept.iterdir()} == {0o600}
    assert shell.trace.count("ssm") == 2, "a call that has a token asks AWS for nothing"


def test_the_token_request_names_the_client_in_its_form_and_authenticates_by_basic_alone(shell: Shell) -> None:
    shell.call()
    [sent] = shell.world.token_requests
    assert sent.form == {"grant_type": ["client_credentials"], "client_id": ["id"]}
    assert SECRET not in str(sent.body)


def test_a_secret_that_cognito_keeps_itself_is_read(shell: Shell) -> None:
    stored = {"userPoolId": "pool", "userPoolClientId": "id", "clientSecretValue": SECRET}
    (shell.folder / "secret").write_text(json.dumps(stored))
    arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:kept-AbCdEf"
    assert shell.call("dev", "generic", "u", arn).returncode == 0
    assert f"--secret-id {arn}" in shell.trace.replace("\n", " ")


@pytest.mark.parametrize(
    "variables",
    [{}, {"SHELLOPTS": "xtrace"}, {"SHELLOPTS": "allexport"}, dict.fromkeys(("token", "value", "fresh"), "")],
)
def test_no_secret_and_no_token_is_in_an_argument_or_the_environment_or_the_output(
    shell: Shell, variables: dict[str, str]
) -> None:
    shell.variables = variables
    said = shell.call()
    assert said.returncode == 0, said.stderr
    assert "--config" in shell.trace, "the trace sees what is called"
    assert "CANARY" not in shell.trace + said.stdout + said.stderr


def test_no_dotfile_of_the_user_changes_what_it_does(shell: Shell) -> None:
    (shell.folder / ".curlrc").write_text('verbose\ninclude\nwrite-out = "x"\nfail\n')
    (shell.folder / ".netrc").write_text("machine 127.0.0.1 login user password password\n")
    (shell.folder / ".jq").write_text("def ascii_downcase: error;\n")
    shell.variables = {"HOME": str(shell.folder), "CURL_HOME": str(shell.folder)}
    for _ in range(2):
        answer = shell.call()
        assert (answer.returncode, answer.stdout, answer.stderr) == (0, PROFILE, "")
    assert len(shell.world.token_requests) == 1


@pytest.mark.parametrize("home", [None, "/nowhere"])
def test_it_works_without_a_home(shell: Shell, home: str | None) -> None:
    shell.without = ("XDG_RUNTIME_DIR", *([] if home else ["HOME"]))
    shell.variables = {"TMPDIR": str(shell.folder)} | ({"HOME": home} if home else {})
    for _ in range(2):
        answer = shell.call()
        assert (answer.returncode, answer.stdout, answer.stderr) == (0, PROFILE, "")
    assert len(shell.world.token_requests) == 1
    folder = shell.folder / f"otto-m2m-{os.geteuid()}"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_folder_that_another_has_prepared_is_not_used(shell: Shell) -> None:
    (shell.folder / "elsewhere").mkdir()
    shell.kept.symlink_to(shell.folder / "elsewhere")
    refused = shell.call()
    assert (refused.returncode, refused.stderr) == (1, f"call.sh: {shell.kept} belongs to somebody else\n")
    assert shell.world.sent == []


def test_a_token_is_renewed_at_three_quarters_of_its_life_with_some_chance_in_it(shell: Shell) -> None:
    shares = set()
    for _ in range(6):
        (shell.kept / "dev-generic.token").unlink(missing_ok=True)
        shell.call()
        _, made, due, end, *_ = shell.hold()
        assert int(end) - int(made) == 3570
        assert 0.70 <= (int(due) - int(made)) / 3600 <= 0.80
        shares.add(int(due) - int(made))
    assert len(shares) > 1
    shell.change(due="made")
    assert shell.call().stdout == PROFILE
    assert shell.world.calls[-1].token == f"{TOKEN}6", "the call has not waited for the renewal"
    wait(lambda: shell.hold()[-1] == f"{TOKEN}7")
    shell.call()
    assert len(shell.world.token_requests) == 7


FAULTS = {
    "token endpoint: status 503": Reply(503),
    "token endpoint: status 429": to_json(429, {"message": "Too Many Requests"}),
    "token endpoint: status 403": to_json(403, {"message": "Forbidden"}),
    "token endpoint: status 400": to_json(400, {"error": SECRET}),
    "token endpoint: status 302": to_json(302, {}, Location="http://127.0.0.1:9/"),
    "token endpoint: no answer": Reply(raw=b""),
    "refused: invalid_client": to_json(400, {"error": "invalid_client", "error_description": SECRET}),
    **{
        f"token endpoint: status 200 without a usable token {number}": Reply(200, body)
        for number, body in enumerate(
            [
                b"", b"{}", b"[]", b"\xff",
                *(
                    json.dumps(grant(**changes)).encode()
                    for changes in (
                        {"token": 7}, {"token": 'x"\nurl = "http://127.0.0.1:9'}, {"token_type": "mac"},
                        {"token_type": None}, {"expires_in": 0}, {"expires_in": "soon"}, {"expires_in": float("nan")},
                    )
                ),
            ]
        )
    },
}  # fmt: skip


@pytest.mark.parametrize("reason", FAULTS)
def test_a_good_token_is_used_whatever_the_token_endpoint_answers_and_nothing_is_billed_twice(
    shell: Shell, reason: str
) -> None:
    shell.call()
    shell.change(due="made")
    shell.world.token_endpoint = lambda _: FAULTS[reason]
    assert shell.call().stdout == PROFILE
    wait((shell.kept / "dev-generic.failure").exists)
    shell.set_pause(2**31)
    shell.change(due="made", end="made")
    failed = shell.call()
    said = reason.rstrip("0123456789 ") if "usable" in reason else reason
    assert (failed.returncode, failed.stderr) == (1, f"call.sh: no token for generic in dev: {said}\n")
    assert len(shell.world.token_requests) == 2


def test_a_failure_is_forgotten_once_a_token_is_there(shell: Shell) -> None:
    shell.world.token_endpoint = lambda _: Reply(503)
    assert shell.call().returncode == 1
    shell.set_pause(2**31)
    assert shell.call().returncode == 1
    assert len(shell.world.token_requests) == 1, "not asked again before the pause is over"
    shell.set_pause(0)
    shell.world.token_endpoint = shell.world.issue
    assert shell.call().stdout == PROFILE
    assert not (shell.kept / "dev-generic.failure").exists()


@pytest.mark.parametrize(
    ("sent", "life"), [(3600, 3600), (3600.5, 3600), ("3600", 3600), (None, 300), (10**12, 86_400)]
)
def test_a_life_in_any_form_is_understood(shell: Shell, sent: object, life: int) -> None:
    shell.world.token_endpoint = lambda _: to_json(200, grant(expires_in=sent, token_type="bearer"))
    for _ in range(2):
        assert shell.call().stdout == PROFILE
    _, made, _, end, *_ = shell.hold()
    assert int(end) - int(made) == life - 30
    assert len(shell.world.token_requests) == 1


def test_after_each_failure_the_next_try_comes_later_and_not_before_the_server_wants_it(shell: Shell) -> None:
    shell.world.token_endpoint = lambda _: Reply(503)
    for number in range(1, 9):
        shell.call()
        most = min(60, 2**number)
        failures, seconds = shell.pause()
        assert failures == number
        assert most / 2 - 5 <= seconds <= most
        shell.set_pause(0)
    for header, least, most in (("77", 60, 90), (formatdate(2**31 - 1, usegmt=True), 590, 661), ("999999", 590, 661)):
        shell.world.token_endpoint = lambda _, header=header: Reply(429, headers={"Retry-After": header})  # type: ignore[misc]
        shell.call()
        assert least <= shell.pause()[1] <= most
        shell.set_pause(0)


def test_calls_that_start_together_get_one_token(shell: Shell) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = threads.map(lambda _: shell.call().returncode, range(8))
        assert list(answers) == [0] * 8
    assert len(shell.world.token_requests) == 1


def test_calls_that_start_together_share_one_failure(shell: Shell) -> None:
    late = threading.Event()
    shell.world.token_endpoint = lambda _: Reply(503, wait=late)
    with ThreadPoolExecutor(8) as threads:
        answers = [threads.submit(shell.call) for _ in range(8)]
        wait(lambda: shell.world.token_requests)
        late.set()
        failed = {each.result().stderr for each in answers}
    assert failed == {"call.sh: no token for generic in dev: token endpoint: status 503\n"}
    assert len(shell.world.token_requests) <= 2, "one, or one more should the last have begun after the pause"


def test_a_good_token_waits_for_nobody_who_renews(shell: Shell) -> None:
    shell.call()
    shell.change(due="made")
    late = threading.Event()
    shell.world.token_endpoint = lambda _: Reply(503, wait=late)
    for _ in range(3):
        assert shell.call().stdout == PROFILE
    assert not (shell.kept / "dev-generic.failure").exists(), "all are answered, and the token request is not"
    late.set()
    wait((shell.kept / "dev-generic.failure").exists)
    assert len(shell.world.token_requests) == 2


def test_after_a_401_it_reads_the_credentials_again_and_calls_once_more(shell: Shell) -> None:
    shell.call()
    shell.world.refused = {f"{TOKEN}1"}
    refused = shell.call()
    assert (refused.returncode, refused.stdout) == (1, "")
    assert len(shell.world.token_requests) == 1, "the token is new: it lacks the scope"
    shell.change(made="0")
    assert shell.call().returncode == 0
    assert len(shell.world.token_requests) == 2
    shell.change(made="0")
    shell.world.refused = {f"{TOKEN}{number}" for number in range(9)}
    refused = shell.call()
    assert (refused.returncode, refused.stderr) == (1, "call.sh: the profiles API answered 401\n")
    assert len(shell.world.token_requests) == 3


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (to_json(404, {"detail": "No profile.", "request_id": "r-1"}), "answered 404: No profile. (request r-1)"),
        (to_json(403, {"title": "Forbidden"}), "answered 403: Forbidden"),
        (Reply(502, b"<html>"), "answered 502"),
        (Reply(raw=b""), "gave no answer"),
    ],
)
def test_what_the_api_refuses_is_explained_and_is_not_taken_for_a_profile(
    shell: Shell, reply: Reply, said: str
) -> None:
    shell.world.api = lambda _: reply
    refused = shell.call()
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == f"call.sh: the profiles API {said}\n"


@pytest.mark.parametrize(
    "text", ["", "x\n", "a b c d e f\n", '{boot} 1 2 99999999 http://127.0.0.1:9/ to"ken\n', "\0" * 99]
)
def test_a_file_that_holds_something_else_is_not_used(shell: Shell, text: str) -> None:
    shell.kept.mkdir(mode=0o700)
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    for name in ("token", "failure"):
        (shell.kept / f"dev-generic.{name}").write_text(text.replace("{boot}", boot))
    answer = shell.call()
    assert (answer.returncode, answer.stdout) == (0, PROFILE), answer.stderr


def test_a_token_of_another_boot_is_not_judged_by_this_ones_uptime(shell: Shell) -> None:
    shell.call()
    path = shell.kept / "dev-generic.token"
    path.write_text(re.sub(r"^\S+", "another-boot", path.read_text()))
    assert shell.call().stdout == PROFILE
    assert len(shell.world.token_requests) == 2


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("dev", "nobody", "u"), "credentials: otto/dev/clients/nobody: ResourceNotFoundException"),
        (("none", "generic", "u"), "addresses: /otto/none/m2m/token-endpoint: ResourceNotFoundException"),
    ],
)
def test_what_aws_does_not_know_is_named(shell: Shell, arguments: tuple[str, ...], why: str) -> None:
    answer = shell.call(*arguments)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr == f"call.sh: no token for {arguments[1]} in {arguments[0]}: {why}\n"


@pytest.mark.parametrize("stored", ["", "{}", "[]", "text", '{"client_id": 7, "client_secret": "x"}'])
def test_a_secret_that_holds_no_credentials_is_said_without_its_value(shell: Shell, stored: str) -> None:
    (shell.folder / "secret").write_text(stored)
    assert shell.call().stderr == (
        "call.sh: no token for generic in dev: "
        "credentials: otto/dev/clients/generic: not JSON with client_id and client_secret\n"
    )


@pytest.mark.parametrize("server", ["http://api.example", "http://127.0.0.1.example", "ftp://127.0.0.1", "text"])
def test_an_address_that_is_neither_https_nor_this_machine_is_given_nothing(shell: Shell, server: str) -> None:
    shell.world.url = server
    assert shell.call().stderr == (
        "call.sh: no token for generic in dev: addresses: /otto/dev/m2m/token-endpoint is no https address\n"
    )


def test_no_proxy_reads_what_goes_to_this_machine(shell: Shell) -> None:
    shell.variables = dict.fromkeys(("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"), "http://127.0.0.1:9")
    assert shell.call().stdout == PROFILE


@pytest.mark.parametrize(
    "arguments", [("dev",), ("../dev", "generic", "u"), ("dev", "a b", "u"), ("dev", "generic", "u", "a b")]
)
def test_wrong_arguments_show_the_usage(shell: Shell, arguments: tuple[str, ...]) -> None:
    answer = shell.call(*arguments)
    assert (answer.returncode, answer.stderr) == (2, f"usage: {CALL} ENVIRONMENT CLIENT PROFILE_URI [SECRET]\n")
