"""The commands that people type: `make up` and what comes after it."""

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from pathlib import Path, PurePosixPath

import pytest
import urllib3

from local import deployment, guide
from local.deployment import CHECKOUT, reason
from local.emulator import process
from stacks import registry
from stacks.registry.own import SMOKE
from tests.local.conftest import ASTRAY
from tests.local.platform.deployed import CLIENTS, Platform
from tools import seal

_CHOSEN = guide.choose(registry.load())
assert _CHOSEN
SHOWN = _CHOSEN.name
"""The app client that `make up` shows the guide with."""


def run(*arguments: str, cwd: Path = CHECKOUT, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=cwd,
        env=os.environ | ASTRAY | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def shown_commands(shown: str) -> list[list[str]]:
    """The curl commands in what `make up` printed, as their arguments."""
    joined = shown.replace("\\\n", " ")
    return [shlex.split(line) for line in joined.splitlines() if line.startswith("curl ")]


def test_up_shows_the_two_requests_with_their_real_answers(platform: Platform) -> None:
    token_request, profile_request = shown_commands(platform.shown)
    assert token_request == [
        "curl", "--silent", "--config", os.path.relpath(platform.state / f"{SHOWN}.curl", CHECKOUT),
        "--data", "grant_type=client_credentials", "--data", "scope=otto-dev-api-resource-server/api.read",
    ]  # fmt: skip
    answers = re.findall(r"^\{.*?^\}", platform.shown, re.MULTILINE | re.DOTALL)
    token, profile = map(json.loads, answers)
    assert profile_request == [
        "curl", "--silent", "--get", "--config", os.path.relpath(platform.state / "profiles.api.curl", CHECKOUT),
        "--header", f"Authorization: Bearer {token['access_token']}",
        "--data-urlencode", "uri=https://www.linkedin.com/in/arjaynacion",
    ]  # fmt: skip
    assert profile["uri"] == "https://www.linkedin.com/in/arjaynacion"
    assert platform.call("GET", profile["uri"], token=token["access_token"]).json() == profile


def test_the_two_shown_commands_do_what_they_say(platform: Platform) -> None:
    token_request, profile_request = (
        subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
        for command in shown_commands(platform.shown)
    )
    token = json.loads(token_request)
    assert (token["token_type"], token["expires_in"]) == ("Bearer", 3600)
    assert platform.call("GET", guide.PROFILE, token=token["access_token"]).status == 200
    assert json.loads(profile_request)["uri"] == guide.PROFILE


def test_up_writes_the_credentials_where_only_their_owner_reads_them_and_shows_no_secret(platform: Platform) -> None:
    config = platform.state / f"{SHOWN}.curl"
    secret = platform.credentials(SHOWN)["client_secret"]
    assert config.stat().st_mode & 0o077 == 0
    assert secret in config.read_text()
    assert secret not in platform.shown


def test_addresses_in_discovery_lead_to_the_emulator(platform: Platform) -> None:
    for name in ("token-endpoint", "profiles-api-url"):
        assert platform.parameter(name).startswith(f"http://127.0.0.1:{platform.emulator.port}/")


def test_a_second_up_changes_nothing(platform: Platform) -> None:
    before = {client: platform.credentials(client) for client in CLIENTS}
    again = run("local.up", "--port", str(platform.emulator.port), "--state", str(platform.state))
    assert again.returncode == 0, again.stderr
    stacks = re.findall(r"^    dev/\S+(.*)$", again.stdout, re.MULTILINE)
    assert stacks
    assert set(stacks) == {" (no changes)"}
    assert {client: platform.credentials(client) for client in CLIENTS} == before


@pytest.mark.parametrize("client", CLIENTS)
def test_token_prints_a_token_that_works_and_nothing_else(platform: Platform, client: str) -> None:
    printed = run("local.token", client, "--state", str(platform.state))
    assert (printed.returncode, printed.stderr) == (0, "")
    [token] = printed.stdout.splitlines()
    assert platform.call("GET", "https://www.linkedin.com/in/arjaynacion", token=token).status == 200


def test_token_names_the_clients_there_are(platform: Platform) -> None:
    secrets = platform.emulator.client("secretsmanager").get_paginator("list_secrets").paginate()
    paths = [PurePosixPath(secret["Name"]) for page in secrets for secret in page["SecretList"]]
    names = sorted(path.name for path in paths if path.parent == PurePosixPath("otto/dev/clients"))
    assert set(names) >= CLIENTS.keys()
    assert run("local.token", "generc", "--state", str(platform.state)).stderr == (
        f"token: CLIENT='generc': no app client of this name in dev, expected one of {', '.join(names)}\n"
    )


def test_without_an_emulator_commands_say_what_to_do(tmp_path: Path) -> None:
    assert run("local.token", SMOKE, "--state", str(tmp_path)).stderr == "token: no emulator is running: make up\n"
    assert run("local.down", "--state", str(tmp_path)).stdout == "down: no emulator is running\n"
    at = run("local.at_emulator", "--state", str(tmp_path), "true")
    assert (at.returncode, at.stderr) == (1, "local: no emulator is running: make up\n")


def test_up_names_who_has_its_port(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = run("local.up", "--port", str(port), "--state", str(tmp_path))
    assert refused.returncode == 1
    assert re.fullmatch(
        rf"up: port {port} is taken by \S+ \(pid {os.getpid()}\): stop it, or choose another port\n", refused.stderr
    )


@pytest.mark.parametrize("module", ["local.up", "local.emulator"])
@pytest.mark.parametrize("port", ["0", "65536", "70000", "-1", "http"])
def test_what_is_no_port_is_refused_with_those_there_are(tmp_path: Path, module: str, port: str) -> None:
    refused = run(module, f"--port={port}", "--state", str(tmp_path))
    assert refused.returncode == 2
    assert refused.stderr.endswith(f"error: argument --port: {port!r}: expected 1 to 65535\n")


def test_up_refuses_another_port_than_the_running_one(platform: Platform) -> None:
    refused = run("local.up", "--port", "1", "--state", str(platform.state))
    assert refused.stderr == (
        f"up: PORT=1: the emulator runs on port {platform.emulator.port} already; make down, then make up\n"
    )


def test_down_stops_its_own_emulator_and_no_other(platform: Platform, tmp_path: Path) -> None:
    other = process.start(state=tmp_path, port=process.free_port())
    stopped = run("local.down", "--state", str(tmp_path))
    assert stopped.stdout == "down: the emulator is stopped\n"
    with pytest.raises(urllib3.exceptions.HTTPError):
        urllib3.request("GET", other.endpoint, retries=False)
    assert platform.call("GET", "https://www.linkedin.com/in/arjaynacion").status == 200


def test_a_process_at_the_emulator_sees_nothing_of_the_shells_aws_settings(platform: Platform) -> None:
    shown = run(
        "local.at_emulator", "--state", str(platform.state), sys.executable, "-c",
        "import json, os; print(json.dumps({k: v for k, v in os.environ.items() if k[:3] in ('AWS', 'HTT', 'CDK')}))",
    )  # fmt: skip
    assert json.loads(shown.stdout) == {
        "AWS_ENDPOINT_URL": platform.emulator.endpoint,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": str(platform.emulator.credentials),
        "AWS_EC2_METADATA_DISABLED": "true",
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "CDK_VALIDATION": os.environ["CDK_VALIDATION"],
    }


def test_deploying_with_nothing_selected_is_refused_by_the_cli_itself(tmp_path: Path) -> None:
    refused = subprocess.run(
        [CHECKOUT / "node_modules/.bin/cdk", "deploy", "--output", tmp_path],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 1
    assert "Since this app includes more than a single stack, specify which stacks to use" in refused.stderr


def test_a_bad_registry_stops_synth_with_every_problem_and_no_output(checkout: Path) -> None:
    client = checkout / "clients" / "internal" / f"{SMOKE}.yaml"
    client.write_text(client.read_text().replace("prod:", "production:").replace("[api.read,", "[api.raed,", 1))
    client.with_name("a b.yaml").touch()
    shutil.copy(client, client.with_name("smo-ke.yaml"))
    stopped = run("app", cwd=checkout, CDK_OUTDIR=str(checkout / "out"))
    assert stopped.returncode == 1
    assert not (checkout / "out").exists()
    *problems, last = stopped.stderr.splitlines()
    assert all(re.match(r"clients/.+:\d+: ", problem) for problem in problems)
    assert last == f"{len(problems)} problem(s) in the registry of app clients: nothing was synthesized"
    assert any(problem.startswith("clients/internal/a b.yaml:1: ") for problem in problems)
    assert len(problems) >= 4
    # What `make up` makes of the same output.
    assert reason([*stopped.stderr.splitlines(), "Error: app exited"]).splitlines()[1:] == problems


def test_a_problem_of_the_whole_registry_is_the_reason_as_well() -> None:
    problem = "clients:1: folder: 1002 clients: one user pool holds 1,000"
    assert reason([problem, "", "Subprocess exited with error 1"]) == f"1 problem(s) in the registry\n{problem}"


def test_every_stack_carries_the_digest_of_what_was_deployed(platform: Platform) -> None:
    sealed = seal.check(platform.assembly).stacks
    described = platform.emulator.client("cloudformation").describe_stacks()["Stacks"]
    tags = {each["StackName"]: {tag["Key"]: tag["Value"] for tag in each.get("Tags", [])} for each in described}
    ours = {name: each for name, each in tags.items() if name.startswith("otto-dev-")}
    assert "otto-dev-profiles" in ours
    assert {name: each["digest"] for name, each in ours.items()} == {name: sealed[name] for name in ours}


def test_one_client_more_is_one_stack_more_to_deploy(platform: Platform, checkout: Path) -> None:
    client = checkout / "clients" / "internal" / f"{SMOKE}.yaml"
    shutil.copy(client, client.with_name("one-client-more.yaml"))
    stacks: list[str] = []
    deployment.deploy(platform.emulator, platform.state / "more.log", stacks.append, checkout)
    changed = [stack for stack in stacks if "no changes" not in stack]
    assert changed == ["dev/clients-internal"]
    platform.wait_for_credentials("one-client-more")
    assert platform.token("one-client-more")
    # And one client less is one stack less: its id and its secret are gone.
    stacks.clear()
    deployment.deploy(platform.emulator, platform.state / "again.log", stacks.append, assembly=platform.assembly)
    assert [stack for stack in stacks if "no changes" not in stack] == ["dev/clients-internal"]
    manager = platform.emulator.client("secretsmanager")
    with pytest.raises(manager.exceptions.ResourceNotFoundException):
        platform.credentials("one-client-more")
