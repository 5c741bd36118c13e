"""One request to the profiles function in a process of its own, and how long it took."""

import os
import time
from collections.abc import Mapping
from typing import Any

from lambdas.profiles import store
from lambdas.profiles.handler import respond


def timed_response(environment: Mapping[str, str], event: Mapping[str, Any]) -> tuple[int, float]:
    """The status and the seconds, with the settings that are deployed."""
    os.environ.clear()
    os.environ.update(environment)
    table = store.connect("profiles")
    began = time.monotonic()
    status: int = respond(event, lambda: table)["statusCode"]
    return status, time.monotonic() - began
