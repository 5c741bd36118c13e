"""Twenty app clients of `dev`, deployed from registry files, and what a rotation does to them."""

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from stacks import registry
from stacks.environments import ENVIRONMENTS, Environment
from stacks.registry.own import SMOKE
from tests.local.platform.deployed import Platform
from tests.local.rotation.wire import Wire
from tests.local.waiting import wait
from tests.stacks.synthesis import Template, synthesize_callers

DEV = ENVIRONMENTS[0]
GROUP = "fleet"
STACK = f"otto-dev-clients-{GROUP}"
ASSETS = "cdk-hnb659fds-assets-000000000000-us-east-1"
"""The bucket of CDK's bootstrap."""
CLIENTS = tuple(f"fleet-{number:02}" for number in range(1, 21))
READERS = ["arn:aws:iam::000000000000:role/fleet"]
ATTEMPTS = 3  # of a rotation, before the emulator's Secrets Manager waits to be asked again


def declare(clients: Path) -> None:
    """Write the fleet's group and its clients' files into a registry."""
    groups = yaml.safe_load((clients / "groups.yaml").read_text())
    groups[GROUP] = groups["internal"] | {"purpose": "Twenty services that call all the time."}
    (clients / "groups.yaml").write_text(yaml.safe_dump(groups))
    (clients / GROUP).mkdir()
    entry = yaml.safe_load((clients / "internal" / f"{SMOKE}.yaml").read_text())
    for client in CLIENTS:
        # One has readers, so that its neighbours' first ones are a change of the fleet's stack alone.
        entry["environments"]["dev"] = {"scopes": ["api.read"]} | (
            {"readers": READERS} if client == CLIENTS[-1] else {}
        )
        (clients / GROUP / f"{client}.yaml").write_text(yaml.safe_dump(entry, sort_keys=False))


@dataclass(frozen=True)
class Fleet:
    """The deployed clients. `values` collects every secret value that is met."""

    platform: Platform
    checkout: Path
    wire: Wire
    values: set[str] = field(default_factory=set, repr=False)

    @property
    def secrets(self) -> Any:
        return self.platform.emulator.client("secretsmanager")

    def held(self, client: str, label: str = "AWSCURRENT") -> dict[str, str]:
        """The credentials of a client's version; they are among the values from now on."""
        stored = self.secrets.get_secret_value(SecretId=f"otto/dev/clients/{client}", VersionStage=label)
        found: dict[str, str] = json.loads(stored["SecretString"])
        self.values.add(found["client_secret"])
        return found

    def refusal(self, credentials: dict[str, str]) -> str | None:
        """The token endpoint's error (RFC 6749 §5.2), or None: it gave a token."""
        answer = self.platform.request_token(**credentials)
        return None if answer.status == 200 else str(answer.json()["error"])

    def versions(self, client: str) -> dict[str, list[str]]:
        found = self.secrets.describe_secret(SecretId=f"otto/dev/clients/{client}")
        versions: dict[str, list[str]] = found["VersionIdsToStages"]
        return versions

    def pending(self, client: str) -> str | None:
        """The version of a rotation that has not ended."""
        labelled = self.versions(client).items()
        return next((each for each, labels in labelled if "AWSPENDING" in labels and "AWSCURRENT" not in labels), None)

    def start(self, client: str) -> "Started":
        """RotateSecret; an unfinished rotation is what is started then (API_RotateSecret)."""
        log = Path(self.platform.emulator.log).stat().st_size
        try:
            version = self.secrets.rotate_secret(SecretId=f"otto/dev/clients/{client}")["VersionId"]
        except self.secrets.exceptions.InvalidRequestException as error:
            assert "That rotation will be reattempted" in str(error)  # noqa: PT017
            version = str(self.pending(client))
        return Started(client, version, log)

    def ended_well(self, started: "Started", seconds: float = 90) -> bool:
        """Wait for a rotation's end: True when it is done, False when Secrets Manager has given up for now."""
        deadline = time.monotonic() + seconds
        while True:
            versions = self.versions(started.client)
            labels = versions.get(started.version, [])
            if "AWSCURRENT" in labels and "AWSPENDING" not in labels:
                return True
            if self._failures(started) >= ATTEMPTS:
                return False
            assert time.monotonic() < deadline, (started, versions)
            time.sleep(0.1)

    def rotate(self, clients: Iterable[str]) -> None:
        """Rotate them all at once, and wait."""
        for started in [self.start(client) for client in clients]:
            assert self.ended_well(started), started

    def _failures(self, started: "Started") -> int:
        with Path(self.platform.emulator.log).open("rb") as log:
            log.seek(started.log)
            return log.read().count(f"rotation of otto/dev/clients/{started.client}: ".encode())

    def collect(self) -> set[str]:
        """Every secret value of every app client that can be read now, or that the function had in hand."""
        described = self.platform.emulator.client("cognito-idp")
        shipped = [client.name for group in registry.load() for client in group.clients_in("dev")]
        for client in (*CLIENTS, *shipped):
            for label in ("AWSCURRENT", "AWSPREVIOUS"):
                credentials = self.held(client, label)
            shown = described.describe_user_pool_client(
                UserPoolId=self.platform.parameter("user-pool-id"), ClientId=credentials["client_id"]
            )
            self.values.add(shown["UserPoolClient"].get("ClientSecret", credentials["client_secret"]))
        self.values.update(self.wire.values)
        return self.values

    def template(self, client: str = "", environment: Environment = DEV, /, **properties: object) -> Template:
        """The fleet's stack as synthesized, with `properties` of a client's entry in its registry file."""
        if client:
            path = self.checkout / "clients" / GROUP / f"{client}.yaml"
            entry = yaml.safe_load(path.read_text())
            entry["environments"]["dev"] = {"scopes": ["api.read"]} | properties
            path.write_text(yaml.safe_dump(entry, sort_keys=False))
        return synthesize_callers(registry.load(self.checkout / "clients"), [environment])[STACK].template

    def deploy(self, template: Template, tags: dict[str, str] | None = None) -> bool:
        """Update the fleet's stack; False when there was nothing to update."""
        client = self.platform.emulator.client("cloudformation")
        given = [{"Key": key, "Value": value} for key, value in (tags or {}).items()]
        # Twenty clients are more than the 51,200 characters of a template that a call brings with it.
        self.platform.emulator.client("s3").put_object(Bucket=ASSETS, Key=STACK, Body=json.dumps(template))
        try:
            client.update_stack(
                StackName=STACK,
                TemplateURL=f"https://s3.us-east-1.amazonaws.com/{ASSETS}/{STACK}",
                Capabilities=["CAPABILITY_NAMED_IAM"],
                Tags=given,
            )
        except client.exceptions.ClientError as error:
            if "No updates are to be performed" in str(error):
                return False
            raise
        status = wait(lambda: settled(client.describe_stacks(StackName=STACK)["Stacks"][0]["StackStatus"]))
        events = client.describe_stack_events(StackName=STACK)["StackEvents"]
        assert status == "UPDATE_COMPLETE", [each.get("ResourceStatusReason") for each in events[:10]]
        return True


@dataclass(frozen=True)
class Started:
    client: str
    version: str
    log: int
    """Where the emulator's log ended before."""


def settled(status: str) -> str | None:
    return None if status.endswith("IN_PROGRESS") else status
