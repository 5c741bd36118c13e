"""An environment in which boto3 reaches nothing but the endpoint a test names: no account, profile or metadata."""

import os

import boto3
import pytest

SETTINGS = {
    "AWS_ACCESS_KEY_ID": "000000000000",
    "AWS_SECRET_ACCESS_KEY": "unused",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


def isolate(patch: pytest.MonkeyPatch, endpoint: str) -> None:
    """Until `patch` is undone, every AWS setting is ours and every client made talks to `endpoint`."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        patch.delenv(name)
    for name, value in {**SETTINGS, "AWS_ENDPOINT_URL": endpoint}.items():
        patch.setenv(name, value)
    patch.setattr(boto3, "DEFAULT_SESSION", None)  # it would remember the credentials of an earlier test
