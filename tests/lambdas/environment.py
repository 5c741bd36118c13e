"""An environment in which boto3 reaches nothing but what a test names."""

import boto3
import pytest

from local import cloud
from local.emulator.process import Emulator

UNCHECKED = {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any"}
"""Enough for a server of a test's own, which looks at no signature."""


def isolate(patch: pytest.MonkeyPatch, place: Emulator | str) -> None:
    """Until `patch` is undone, every client made talks to the emulator, or to a server of the test's own."""
    settings = cloud.isolated(place) | UNCHECKED if isinstance(place, str) else cloud.environment(place)
    for name, value in settings.items():
        patch.setenv(name, value)
    patch.setattr(boto3, "DEFAULT_SESSION", None)  # it would remember the credentials of an earlier test
