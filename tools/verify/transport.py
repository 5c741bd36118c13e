"""Over which connections API Gateway answers."""

import socket
import ssl
import warnings
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from tools.row import Row, State, judge
from tools.verify.deployment import Deployment

_SECONDS: Final = 10


def look(deployment: Deployment) -> Iterator[Row]:
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
