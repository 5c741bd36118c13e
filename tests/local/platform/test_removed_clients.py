"""A client that is removed with its stack gets no token after the next deploy; one that is moved loses nothing."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from local import cloud, deployment
from local.deployment import CHECKOUT
from stacks.registry.own import SMOKE
from tests.local.platform.deployed import Platform

NAME = "night-exporter"
STACK = "otto-dev-clients-exports"


@dataclass(frozen=True)
class Team:
    """Somebody with a checkout, who deploys it as `make up` does."""

    platform: Platform
    checkout: Path

    def write(self, group: str, environment: str = "dev", **more: str) -> None:
        """Put the client's file into a group alone; nowhere for none."""
        clients = self.checkout / "clients"
        for old in clients.glob(f"*/{NAME}.yaml"):
            old.unlink()
        if not group:
            return
        entry = yaml.safe_load((clients / f"internal/{SMOKE}.yaml").read_text()) | more
        entry["environments"] = {environment: {"scopes": ["api.read"]}}
        (clients / group).mkdir(exist_ok=True)
        (clients / group / f"{NAME}.yaml").write_text(yaml.safe_dump(entry))

    def declare(self, *names: str) -> None:
        path = self.checkout / "clients/groups.yaml"
        declared = {name: facts for name, facts in yaml.safe_load(path.read_text()).items() if name != "exports"}
        path.write_text(yaml.safe_dump(declared | {name: dict(declared["internal"]) for name in names}))

    def run(self, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a tool as `make` does, on this checkout."""
        at = cloud.environment(self.platform.emulator) | {"PYTHONPATH": str(CHECKOUT)}
        command = [sys.executable, "-m", module, "dev", *arguments]
        return subprocess.run(command, cwd=self.checkout, env=at, capture_output=True, text=True, check=False)

    def deploy(self, *stacks: str) -> list[str]:
        made = self.run("tools.undeclared")
        assert made.returncode == 0, made.stderr
        changed: list[str] = []
        log = self.platform.state / "removed.log"
        select = [f"dev/clients-{stack}" for stack in stacks]
        deployment.deploy(self.platform.emulator, log, changed.append, self.checkout, select=["--exclusively", *select])
        return [stack for stack in changed if "no changes" not in stack]

    def make(self, group: str) -> dict[str, str]:
        """Deploy the client into a group's stack, and return its credentials, which get a token."""
        self.write(group)
        assert self.deploy(group) == [f"dev/clients-{group}"]
        self.platform.wait_for_credentials(NAME)
        made = self.platform.credentials(NAME)
        assert self.platform.request_token(**made).status == 200
        return made


@pytest.fixture
def team(platform: Platform, checkout: Path) -> Iterator[Team]:
    made = Team(platform, checkout)
    yield made
    made.write("")
    made.declare()
    made.deploy("internal")


def require_ended(team: Team, credentials: dict[str, str]) -> None:
    """The next deploy deletes the stack and says so; the credentials get no token, and are nowhere any more."""
    ended = team.run("tools.undeclared")
    assert ended.stdout == (
        f"deletes {STACK}, in which no app client is declared any more; gets no token from now on: {NAME}\n"
    )
    answer = team.platform.request_token(**credentials)
    assert (answer.status, answer.json()["error"]) == (400, "invalid_client")
    manager = team.platform.emulator.client("secretsmanager")
    with pytest.raises(manager.exceptions.ResourceNotFoundException):
        team.platform.credentials(NAME)


def test_removed_it_gets_no_token_and_moved_it_keeps_all(team: Team) -> None:
    platform = team.platform
    team.declare("exports")
    first = team.make("exports")

    # Moved to another group by its file alone, it is refused before anything changes.
    team.declare()
    team.write("internal")
    refused = team.run("tools.undeclared")
    assert refused.returncode == 1
    assert f"clients/internal/{NAME}.yaml:1: stack: deployed in the stack of 'exports'" in refused.stderr
    # With the line that it is told, nothing changes, though its old group is gone.
    team.write("internal", stack="exports")
    assert team.deploy("internal", "exports") == []
    assert platform.credentials(NAME) == first
    assert platform.request_token(**first).status == 200

    # Removed from this environment alone, the last one of its stack, it is named until the next deploy ends it.
    team.write("internal", "staging", stack="exports")
    named = team.run("tools.credentials", "--seconds", "0")
    assert named.returncode == 1
    assert f"{NAME}: otto/dev/clients/{NAME}: owner platform; make up ends it" in named.stderr
    require_ended(team, first)

    # Under the same name in the same group, it is a new client; and removed with its group, that one ends as well.
    team.declare("exports")
    second = team.make("exports")
    team.declare()
    team.write("")
    require_ended(team, second)

    # And under the same name in another group.
    third = team.make("internal")
    assert len({each["client_id"] for each in (first, second, third)}) == 3
