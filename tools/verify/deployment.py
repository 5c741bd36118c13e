"""A deployed environment, as the checks meet it: AWS's APIs, the token endpoint and the API, and how long to wait."""

import functools
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

import urllib3

from stacks.environments import Environment
from tools.place import Place
from tools.preflight.plan import Plan
from tools.smoke.checks import TIMEOUT, Target

Answer = urllib3.BaseHTTPResponse
_PAUSE: Final = 5.0


# Not frozen: what is read once is kept.
@dataclass(kw_only=True)
class Deployment:
    at: Place
    plan: Plan
    target: Target
    read_only: bool = False
    clients: int = 30
    """How many throw-away clients are made at once."""
    patience: float = 900
    """Seconds to wait for what AWS does in its own time, such as events and metrics."""
    pause: float = _PAUSE
    stopped: threading.Event = field(default_factory=threading.Event)
    http: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(maxsize=16))

    @property
    def environment(self) -> Environment:
        return self.at.environment

    def client(self, service: str) -> Any:
        return self.plan.cloud.client(service)

    @functools.cached_property
    def user_pool(self) -> str:
        name = self.environment.parameter("user-pool-id")
        return str(self.client("ssm").get_parameter(Name=name)["Parameter"]["Value"])

    def physical(self, stack: str, kind: str, logical: str = "") -> str:
        """The physical id of the one resource of a type, whose logical id begins so. Raises LookupError."""
        name = self.environment.stack(stack)
        found = self.plan.cloud.pages(
            "cloudformation", "list_stack_resources", "StackResourceSummaries", StackName=name
        )
        ids = [
            each["PhysicalResourceId"]
            for each in found
            if each["ResourceType"] == kind and each["LogicalResourceId"].startswith(logical)
        ]
        if not ids:
            raise LookupError(f"{name} has no {kind}")
        return str(ids[0])

    def poll(self, look: Callable[[], Any], seconds: float | None = None) -> Any:
        """What `look` returns once it is true, or what it returned last when time is up or the run is stopped."""
        deadline = time.monotonic() + (self.patience if seconds is None else seconds)
        while not (found := look()) and time.monotonic() < deadline and not self.stopped.wait(self.pause):
            pass
        return found

    def request_token(self, client_id: str, secret: str, **form: str) -> Answer:
        """Ask for a token with HTTP Basic alone: the form names no client."""
        return self.http.request(
            "POST",
            self.target.token_endpoint,
            body=urlencode({"grant_type": "client_credentials"} | form),
            headers=urllib3.make_headers(basic_auth=f"{client_id}:{secret}")
            | {"Content-Type": "application/x-www-form-urlencoded"},
            timeout=TIMEOUT,
            retries=False,
            redirect=False,
        )

    def smoke_token(self, scope: str) -> str:
        """Raises LookupError where the token endpoint gives none."""
        wanted = f"{self.target.resource_server}/{scope}"
        answer = self.request_token(
            self.target.credentials.client_id, self.target.credentials.client_secret, scope=wanted
        )
        if answer.status != 200:
            raise LookupError(f"no token for smoke: {answer.status} {error_code(answer)}")
        return str(answer.json()["access_token"])

    def call(self, method: str, url: str, token: str = "", body: bytes | None = None) -> Answer:
        headers = {"Content-Type": "application/json"} if body else {}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        return self.http.request(
            method, url, headers=headers, body=body, timeout=TIMEOUT, retries=False, redirect=False
        )


def error_code(answer: Answer) -> str:
    """The code of an OAuth error (RFC 6749 §5.2), or the last word of a problem's type (RFC 9457)."""
    try:
        content: Mapping[str, Any] = json.loads(answer.data)
        return str(content.get("error") or str(content.get("type", "")).rpartition(":")[2])
    except (ValueError, AttributeError):
        return "no JSON"
