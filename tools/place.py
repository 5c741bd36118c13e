"""The place that a command runs at: an environment at AWS, or `local`, the same environment at the emulator."""

import os
import re
import sys
from dataclasses import dataclass
from typing import Final

from stacks.environments import ENVIRONMENTS, Environment

_EMULATED: Final = "AWS_SHARED_CREDENTIALS_FILE={credentials} aws --profile emulator --endpoint-url {endpoint}"
EXPECTED: Final = f"expected {', '.join(environment.name for environment in ENVIRONMENTS)}, or local"


@dataclass(frozen=True, kw_only=True)
class Place:
    """An environment, and where it is reached. Every command that a message tells comes from here."""

    environment: Environment
    endpoint: str = ""
    """The emulator's; empty at AWS itself."""
    credentials: str = ""
    """The file with the key of the emulator's run."""

    @property
    def name(self) -> str:
        """The word after `ENV=` that leads here."""
        return "local" if self.endpoint else self.environment.name

    def make(self, target: str, **words: str) -> str:
        """The `make` command that does something here."""
        return " ".join(["make", target, *(f"{word}={value}" for word, value in words.items()), f"ENV={self.name}"])

    def aws(self, *words: str) -> str:
        """The AWS CLI's command that does something here, and cannot do it elsewhere by being pasted."""
        emulated = _EMULATED.format(credentials=self.credentials, endpoint=self.endpoint)
        program = emulated if self.endpoint else "aws"
        return " ".join([program, "--region", self.environment.region, *words])

    def carry(self, text: str) -> str:
        """The text with each command of the AWS CLI in it made one that does it here."""
        return re.sub(r"\baws (?=[a-z][a-z-]+ [a-z]+(-[a-z]+)+)", f"{self.aws()} ", text)


def at_aws(name: str, target: str) -> Place:
    """The place of an environment at AWS itself. Ends the command where `name` is none, with an example of `target`."""
    found = next((each for each in ENVIRONMENTS if each.name == name), None)
    if found is None:
        names = ", ".join(each.name for each in ENVIRONMENTS)
        example = Place(environment=ENVIRONMENTS[0]).make(target)
        sys.exit(f"{target}: ENV={name!r}: expected {names}; for example {example}")
    return Place(environment=found)


def find(name: str) -> Place | None:
    """The place of an environment's name, or None. `make` reaches `local` as `dev`, by an endpoint that SDKs read.

    https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
    """
    endpoint = "" if os.environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") else os.environ.get("AWS_ENDPOINT_URL", "")
    credentials = os.environ.get("AWS_SHARED_CREDENTIALS_FILE", "") if endpoint else ""
    found = [each for each in ENVIRONMENTS if each.name == name]
    place = {"endpoint": endpoint, "credentials": credentials and os.path.relpath(credentials)}
    return Place(environment=found[0], **place) if found else None
