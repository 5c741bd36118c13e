"""What API Gateway answers itself."""

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final
from urllib.parse import urlencode, urlsplit, urlunsplit

from stacks import scopes
from tools.row import Row, judge
from tools.verify.deployment import Answer, Deployment, error_code

_URI: Final = urlencode({"uri": "https://www.linkedin.com/in/otto-verify-is-nobody"})
_FIREWALL_LIMIT: Final = 65_536
_AT_ONCE: Final = 16
_GATEWAY_LIMIT: Final = 10 * 1024 * 1024
"""Bytes of a request: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html."""


def look_at_unknown(deployment: Deployment) -> Iterator[Row]:
    api = urlsplit(deployment.target.api)
    nowhere = urlunsplit(api._replace(path=api.path.rpartition("/")[0] + "/nowhere"))
    token = deployment.smoke_token(scopes.READ)
    wrong, asked = [], 0
    missing = (
        ("GET", nowhere, "404 no-such-operation"),
        ("PATCH", deployment.target.api, "405 method-not-allowed"),
        ("OPTIONS", deployment.target.api, "405 method-not-allowed"),
    )
    for (method, url, expected), given in itertools.product(missing, ("", token)):
        asked += 1
        if (told := _told(deployment.call(method, url, given))) != expected:
            wrong.append(f"{method} {'with' if given else 'without'} a token: {told}")
    yield judge(
        "unknown operation",
        found="; ".join(wrong) or f"404 and 405, {asked} of {asked}",
        expected="404 for a path, 405 for a method, with a token and without",
        good=not wrong,
        fix="stacks/gateway_errors.py: the access log's field `error` names the response type",
    )


def look_at_limit(deployment: Deployment) -> Iterator[Row]:
    """Ask for a method that is not there more often than the stage lets through: the limit of `*` is that of `ANY`."""
    limit = deployment.environment.probes
    asked = 10 * limit.burst
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        answers = list(pool.map(lambda _: _told(deployment.call("PATCH", deployment.target.api)), range(asked)))
    refused = answers.count("429 too-many-requests")
    others = sorted(set(answers) - {"429 too-many-requests", "405 method-not-allowed"})
    yield judge(
        "limit of other methods",
        found=", ".join([f"429 for {refused} of {asked}", *others]),
        expected=f"429 for some of {asked} at once, for {limit.per_second} a second and {limit.burst} are let through",
        good=refused > 0 and not others,
        fix="stacks/protected_api.py: the stage's limit of what has none of its own",
    )


def look_at_refusals(deployment: Deployment) -> Iterator[Row]:
    reader = deployment.smoke_token(scopes.READ)
    url = f"{deployment.target.api}?{_URI}"
    for which, token in (("a reader's write", reader), ("a write without a token", "")):
        answer = deployment.call("PUT", url, token, b"{}")
        lacking = [
            f"no {name}"
            for name, part in (("WWW-Authenticate", "Bearer realm="), ("Content-Type", "application/problem+json"))
            if part not in answer.headers.get(name, "")
        ]
        yield judge(
            which,
            found="; ".join([str(answer.status), *lacking]),
            expected="401 with WWW-Authenticate, a problem document",
            good=answer.status == 401 and not lacking,
            fix="docs/runbook.md#smoke-refused",
        )


def look_at_bodies(deployment: Deployment) -> Iterator[Row]:
    """A body over each limit. Where there is a firewall, a reader sends it: should it pass, it writes nothing."""
    firewall = deployment.environment.firewall is not None
    token = deployment.smoke_token(scopes.READ if firewall else scopes.WRITE)
    for name, size in (("large body", _FIREWALL_LIMIT + 1), ("huge body", _GATEWAY_LIMIT + 1)):
        if deployment.plan.cloud.emulated and size > _GATEWAY_LIMIT:
            continue
        expected = "403 firewall-refused" if firewall else "413 body-too-large"
        told = _told(deployment.call("PUT", f"{deployment.target.api}?{_URI}", token, b'"' + b"a" * (size - 2) + b'"'))
        yield judge(name, found=told, expected=expected, good=told == expected, fix="docs/runbook.md#smoke-refused")


def _told(answer: Answer) -> str:
    return f"{answer.status} {error_code(answer)}"
