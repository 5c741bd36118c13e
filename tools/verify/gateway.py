"""What API Gateway answers itself, and over which connections."""

import socket
import ssl
import warnings
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlencode, urlsplit, urlunsplit

from stacks import scopes
from tools.row import Row, State, judge
from tools.verify.deployment import Answer, Deployment, error_code

_URI: Final = urlencode({"uri": "https://www.linkedin.com/in/otto-verify-is-nobody"})
_FIREWALL_LIMIT: Final = 65_536
_GATEWAY_LIMIT: Final = 10 * 1024 * 1024
"""Bytes of a request: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html."""
_SECONDS: Final = 10


def look_at_unknown(deployment: Deployment) -> Iterator[Row]:
    api = urlsplit(deployment.target.api)
    nowhere = urlunsplit(api._replace(path=api.path.rpartition("/")[0] + "/nowhere"))
    token = deployment.smoke_token(scopes.READ)
    wrong, asked = [], 0
    for method, url, expected in (
        ("GET", nowhere, "404 no-such-operation"),
        ("PATCH", deployment.target.api, "405 method-not-allowed"),
    ):
        for given in ("", token):
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


def look_at_transport(deployment: Deployment) -> Iterator[Row]:
    """Three rows: the settings are in force, an old TLS is refused, and so is a Host that is not the connection's."""
    host = urlsplit(deployment.target.api).hostname or ""
    api, gateway = host.partition(".")[0], deployment.client("apigateway")
    status = ""

    def is_available() -> bool:
        nonlocal status
        # The model of an SDK from before the setting lacks the field.
        status = str(gateway.get_rest_api(restApiId=api).get("apiStatus", "AVAILABLE"))
        return status == "AVAILABLE"

    deployment.poll(is_available)
    yield judge(
        "api status",
        found=status,
        expected="AVAILABLE: changes of TLS and endpoint settings are in force",
        good=status == "AVAILABLE",
        fix="wait: such a change takes a quarter of an hour",
    )
    yield _old_tls(host)
    answer = _fronted(host, urlsplit(deployment.target.api).path)
    yield judge(
        "other host",
        found=answer or "the connection is closed",
        expected="refused: the Host must be the name that TLS was set up for",
        good=" 401" not in answer,  # what the API itself answers without a token
        fix="stacks/protected_api.py: endpoint access mode STRICT",
    )


def _old_tls(host: str) -> Row:
    context = ssl.create_default_context()
    expected = "TLS 1.1 is refused"
    try:
        context.set_ciphers("DEFAULT@SECLEVEL=0")  # else OpenSSL 3 refuses it here, before the server can
        with warnings.catch_warnings():  # it is deprecated: what is asked here is that nobody takes it
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    except (ssl.SSLError, ValueError) as error:
        found = f"could not be read: this machine's OpenSSL offers no TLS 1.1: {error}"
        return Row(name="old tls", found=found, expected=expected, state=State.UNREAD)
    try:
        with socket.create_connection((host, 443), _SECONDS) as plain, context.wrap_socket(plain, server_hostname=host):
            found, good = "TLS 1.1 is taken", False
    except ssl.SSLError as error:
        found, good = f"refused: {error}", True
    except ConnectionResetError:
        found, good = "refused: the connection is reset", True
    return judge("old tls", found=found, expected=expected, good=good, fix="stacks/protected_api.py: security policy")


def _fronted(host: str, path: str) -> str:
    """The status line of a request for this API over TLS for another one's name; empty where it gets no answer.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-security-policies.html
    """
    other = host.replace(host.partition(".")[0], "aaaaaaaaaa", 1)
    try:
        with (
            socket.create_connection((host, 443), _SECONDS) as plain,
            ssl.create_default_context().wrap_socket(plain, server_hostname=other) as secure,
        ):
            secure.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            return secure.recv(1024).split(b"\r\n")[0].decode()
    except (ConnectionError, ssl.SSLError):
        return ""


def _told(answer: Answer) -> str:
    return f"{answer.status} {error_code(answer)}"
