"""An environment in which boto3 reaches nothing but the endpoint that a test names."""

import boto3
import pytest

from local import cloud


def isolate(patch: pytest.MonkeyPatch, endpoint: str) -> None:
    """Until `patch` is undone, every client made talks to `endpoint`."""
    for name, value in cloud.environment(endpoint).items():
        patch.setenv(name, value)
    patch.setattr(boto3, "DEFAULT_SESSION", None)  # it would remember the credentials of an earlier test
