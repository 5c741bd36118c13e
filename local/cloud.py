"""The environment of a process that can reach the emulator and nothing else."""

import os
from typing import Final

from local.emulator.process import REGION, Emulator

ENVIRONMENT: Final = "dev"
"""The environment that runs locally, from the very templates that AWS gets."""

# The last is how long a synth takes, not what it makes: CloudFormation's rules, which `make check` holds once.
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TERM", "TMPDIR", "USER", "CDK_VALIDATION")


def environment(emulator: Emulator) -> dict[str, str]:
    """The environment of a command that calls this emulator: the key of its run is in a file, and not in here."""
    return isolated(emulator.endpoint) | {"AWS_SHARED_CREDENTIALS_FILE": str(emulator.credentials)}


def isolated(endpoint: str) -> dict[str, str]:
    """Built from nothing, not cleaned, so that no profile, key, proxy or endpoint of the caller's shell gets in."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ} | {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "CDK_DISABLE_CLI_TELEMETRY": "true",  # `cdk bootstrap` is run where there is no cdk.json
    }


def enter(endpoint: str) -> None:
    """Make this process one that can reach the emulator and nothing else: botocore reads more than it is given."""
    settings = isolated(endpoint)
    os.environ.clear()
    os.environ.update(settings)
