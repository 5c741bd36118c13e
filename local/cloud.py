"""The environment of a process that can reach the emulator and nothing else."""

import os
from typing import Final

from local.emulator.process import ACCOUNT, REGION

ENVIRONMENT: Final = "dev"
"""The environment that runs locally, from the very templates that AWS gets."""

# The last is how long a synth takes, not what it makes: CloudFormation's rules, which `make check` holds once.
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TERM", "TMPDIR", "USER", "CDK_VALIDATION")


def environment(endpoint: str) -> dict[str, str]:
    """Built from nothing, not cleaned, so that no profile, key, proxy or endpoint of the caller's shell gets in."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ} | {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def enter(endpoint: str) -> None:
    """Make this process one that can reach the emulator and nothing else: botocore reads more than it is given."""
    settings = environment(endpoint)
    os.environ.clear()
    os.environ.update(settings)
