"""A loopback wire between the deployed rotation function and AWS, where a test listens, refuses an answer, or kills."""

import base64
import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import psutil
import urllib3

from local.emulator.process import Emulator

KILL = "kill"
_SECRETS = {"ClientSecret", "RandomPassword", "client_secret"}


@dataclass(frozen=True)
class Call:
    """One request of the function, `before` AWS sees it or `after` AWS has answered."""

    client: str | None
    """The app client it is about; None where it names none."""
    operation: str
    """An API operation, with the label that it moves, as `UpdateSecretVersionStage +AWSCURRENT`; or RequestToken."""
    moment: str


Rule = Callable[[Call], tuple[int, str] | str | None]
"""None lets a call pass; a status and an error code replace AWS's answer; KILL ends the process that calls."""


class Wire:
    """Listens from `open` to `close`. Rules are asked in turn; the first that wants something gets it."""

    def __init__(self, emulator: Emulator) -> None:
        self.rules: list[Rule] = []
        self.names: dict[str, str] = {}
        """App clients' names by their ids."""
        self.values: set[str] = set()
        """Every secret value that passed, in either direction."""
        self._emulator = emulator
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self, emulator))
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"

    def open(self) -> None:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def ask(self, call: Call, port: int) -> tuple[int, str] | str | None:
        wish = next((wish for rule in self.rules if (wish := rule(call))), None)
        if wish == KILL:
            os.kill(self._owner(port), signal.SIGKILL)
        return wish

    def listen(self, text: bytes) -> None:
        self.values |= set(_values(_parsed(text)))

    def call(self, operation: str, authorization: str, body: bytes) -> Call:
        sent = _parsed(body) or {}
        client = self.names.get(sent.get("ClientId", ""))
        if operation == "RequestToken":
            client = self.names.get(base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")[0])
        elif "SecretId" in sent:
            client = sent["SecretId"].rpartition("/")[2].rpartition("-")[0]
        if label := sent.get("VersionStage", "").split(":")[0]:
            operation += f" {'+' if 'MoveToVersionId' in sent else '-'}{label}"
        return Call(client, operation, "before")

    def _owner(self, port: int) -> int:
        """The function's process at the other end of a connection."""
        for process in psutil.Process(self._emulator.pid).children(recursive=True):
            if any(each.laddr[1:] == (port,) for each in process.net_connections("tcp")):
                return process.pid
        raise LookupError(f"no function of the emulator's holds port {port}")


def _handler(wire: Wire, emulator: Emulator) -> type[BaseHTTPRequestHandler]:
    pool = urllib3.PoolManager(maxsize=20, retries=False)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            wire.listen(body)
            operation = self.headers.get("X-Amz-Target", "RequestToken").rpartition(".")[2]
            before = wire.call(operation, self.headers.get("Authorization", ""), body)
            wish = wire.ask(before, self.client_address[1])
            if wish is None:
                headers = dict(self.headers.items())  # Host too, which is signed
                answer = pool.request("POST", emulator.endpoint + self.path, body=body, headers=headers)
                wire.listen(answer.data)
                wish = wire.ask(Call(before.client, before.operation, "after"), self.client_address[1])
            if isinstance(wish, tuple):
                self._say(wish[0], json.dumps({"__type": wish[1], "message": "told to fail"}).encode())
            elif wish is None:
                self._say(answer.status, answer.data)
            else:
                self.close_connection = True

        def _say(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def _parsed(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _values(found: Any) -> Iterator[str]:
    if isinstance(found, dict):
        for name, value in found.items():
            if name in _SECRETS and isinstance(value, str):
                yield value
            yield from _values(_parsed(value.encode()) if name == "SecretString" and value else value)
