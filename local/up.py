"""`make up`: the emulator, the real deployment of `dev`, a few profiles; then a real token and a real profile."""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import urllib3

from local import cloud, deployment, guide, interruption
from local.emulator import private, process
from local.emulator.process import Emulator
from local.failure import CommandError, reported
from stacks import registry, scopes

SAMPLES = Path(__file__).parent / "samples" / "profiles.json"


@contextmanager
def step(what: str) -> Iterator[None]:
    """Say what is being done, and how long it took once it is."""
    started = time.monotonic()
    print(f"  {what}", flush=True)
    yield
    print(f"    {time.monotonic() - started:.1f} s", flush=True)


def start(state: Path, port: int) -> Emulator:
    """The emulator that runs for `state`, started unless it does. Raises CommandError or EmulatorError."""
    running = process.find(state)
    if running and running.port != port:
        raise CommandError(f"PORT={port}: the emulator runs on port {running.port} already; make down, then make up")
    if running:
        process.wait_until_healthy(running, state)
    return running or process.start(state=state, port=port)


def remove_undeclared(emulator: Emulator) -> None:
    """Run what `make deploy` runs before a deploy. Raises CommandError with what it could not end with."""
    command = [sys.executable, "-m", "tools.undeclared", cloud.ENVIRONMENT]
    with subprocess.Popen(
        command,
        cwd=deployment.CHECKOUT,
        env=cloud.environment(emulator),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as removing:
        assert removing.stdout is not None and removing.stderr is not None  # noqa: S101, PT018
        for line in removing.stdout:
            print(f"    {line.rstrip()}", flush=True)
        said = removing.stderr.read()
    if removing.returncode:
        raise CommandError(f"nothing is deployed:\n{said.strip()}")


def wait_for_credentials(emulator: Emulator) -> None:
    """Run what a delivery runs after a deploy. Raises CommandError naming every client that can get no token."""
    command = [sys.executable, "-m", "tools.credentials", cloud.ENVIRONMENT]
    said = []
    with subprocess.Popen(
        command,
        cwd=deployment.CHECKOUT,
        env=cloud.environment(emulator),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as waiting:
        assert waiting.stderr is not None  # noqa: S101
        for line in waiting.stderr:
            if line.startswith(("waiting: ", "ready: ")):
                print(f"    {line.rstrip()}", flush=True)
            else:
                said.append(line)
    if waiting.returncode:
        raise CommandError("".join(said).strip())


def load_samples(emulator: Emulator, access_token: str) -> None:
    """Write the sample profiles through the API itself. Safe to repeat: the same content makes no new version."""
    url = guide.discover(emulator, "profiles-api-url")
    for profile in json.loads(SAMPLES.read_text()):
        answer = urllib3.request(
            "PUT",
            f"{url}?{urlencode({'uri': profile['uri']})}",
            json=profile,
            headers={"Authorization": f"Bearer {access_token}"},
        )
        if answer.status not in (200, 201):
            raise CommandError(f"PUT {profile['uri']} answered {answer.status} {answer.data.decode(errors='replace')}")


def show(emulator: Emulator, client: guide.Credentials, name: str, *, expected: int) -> None:
    """The guide's two commands with their values filled in, and what they really answer."""
    for_token, for_profile = emulator.state / f"{name}.curl", emulator.state / "profiles.api.curl"
    endpoint, api = (guide.discover(emulator, each) for each in ("token-endpoint", "profiles-api-url"))
    private.write(for_token, client.curl_config() + guide.curl_address(endpoint))
    private.write(for_profile, guide.curl_address(api))
    token = guide.request_token(emulator, client, scopes.READ)
    answer = guide.request_profile(emulator, token["access_token"])
    print("\nObtain an access token:\n")
    print(guide.token_command(os.path.relpath(for_token)))
    print(json.dumps(token, indent=2))
    print("\nUse it:\n")
    print(guide.profile_command(os.path.relpath(for_profile), token["access_token"]))
    print(json.dumps(answer.json(), indent=2, ensure_ascii=False))
    if answer.status != expected:
        raise CommandError(f"the profiles API answered {answer.status}, expected {expected}; the log is {emulator.log}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="make up", description=__doc__)
    parser.add_argument("--port", type=process.port_number, default=4566)
    parser.add_argument("--state", type=Path, default=process.STATE)
    parser.add_argument("--assembly", type=Path, help="a folder that `make synth` made (default: make one)")
    arguments = parser.parse_args()
    state: Path = arguments.state
    with reported("up", state), interruption.alone(state):
        state = state.resolve()
        groups = registry.load()  # What is wrong with it is told before anything is started.
        cloud.enter(process.endpoint(arguments.port))
        with step(f"emulator on {process.endpoint(arguments.port)}"):
            emulator = start(state, arguments.port)
        for left in interruption.settle(emulator):
            print(f"    {left}", flush=True)
        with step("cdk bootstrap"):
            deployment.bootstrap(emulator, state / "bootstrap.log")
        with step("what is declared no more"):
            remove_undeclared(emulator)
        with step(f'cdk deploy "{cloud.ENVIRONMENT}/*"'):
            show_stack: deployment.Progress = lambda stack: print(f"    {stack}", flush=True)  # noqa: E731
            deployment.deploy(emulator, state / "deploy.log", show_stack, assembly=arguments.assembly)
        left_out = [f"{count} {kind}" for kind, count in deployment.left_out_resources(emulator).items()]
        print(f"  not emulated, left out: {', '.join(left_out) or 'nothing'}", flush=True)
        with step("every app client's first rotation"):
            wait_for_credentials(emulator)
        chosen = guide.choose(groups)
        if chosen is None:
            print(f"\nNo app client of {cloud.ENVIRONMENT} may read, so there is no request to show. Next: make client")
            return
        client, samples = guide.credentials(emulator, chosen.name), guide.may_write(chosen)
        if samples:
            with step("sample profiles, through the API"):
                load_samples(emulator, guide.request_token(emulator, client)["access_token"])
        else:
            print(f"  no sample profiles: no app client of {cloud.ENVIRONMENT} may write")
        show(emulator, client, chosen.name, expected=200 if samples else 404)
        print(f"\nThe emulator goes on running. Next: make token CLIENT={chosen.name}, make test, make down")


if __name__ == "__main__":
    main()
