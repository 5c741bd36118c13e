"""The only way to the emulator: an environment, and AWS clients, that can reach nothing else."""

import os
from typing import Final

import boto3

ENVIRONMENT: Final = "dev"
"""The environment that runs locally, from the very templates that AWS gets."""
REGION: Final = "us-east-1"
ACCOUNT: Final = "000000000000"
STATE: Final = ".local"
"""Where a local run keeps its log and process id, below the checkout; git ignores it."""

_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TERM", "TMPDIR", "USER", "SYSTEMROOT")


def endpoint(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def environment(port: int) -> dict[str, str]:
    """The whole environment of a process that talks to the emulator at `port`.

    Built from nothing rather than cleaned, so that no profile, key, proxy or endpoint of the caller's shell gets in.
    """
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | {
        "AWS_ENDPOINT_URL": endpoint(port),
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def enter(port: int) -> None:
    """Make this process one that can reach the emulator at `port` and nothing else."""
    settings = environment(port)
    os.environ.clear()
    os.environ.update(settings)
    boto3.setup_default_session()
