"""A DynamoDB that answers what a test tells it to, on loopback: every way in which the real one can let us down."""

import json
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any
from zlib import crc32

CAPACITY = {"ConsumedCapacity": {"TableName": "profiles", "CapacityUnits": 1.0}}

Answer = Callable[["Requested", dict[str, Any]], None]


class Requested(BaseHTTPRequestHandler):
    """One request to the played DynamoDB: takes the next of the answers, and the last one from then on."""

    protocol_version = "HTTP/1.1"
    server: "Played"

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answers, number = self.server.answers, len(self.server.requests)
        self.server.requests.append(request)
        answers[min(number, len(answers) - 1)](self, request)

    def reply(self, status: int, body: bytes, length: int | None = None, checksum: int | None = None) -> None:
        self.send_response(status)
        if checksum is not None:
            self.send_header("x-amz-crc32", str(checksum))
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing: only faults are expected."""


class Played(ThreadingHTTPServer):
    """DynamoDB as played by the answers."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Requested)
        self.answers: list[Answer] = []
        self.requests: list[dict[str, Any]] = []
        self.over = Event()

    def came(self, least: int) -> int:
        """How many requests came, `least` of them waited for: who gives up may be gone before this has read it."""
        end = monotonic() + 10
        while len(self.requests) < least and monotonic() < end:
            sleep(0.01)
        return len(self.requests)

    def handle_error(self, *_: object) -> None:
        """Callers that have timed out are gone when they are answered."""


def says(status: int, document: Any) -> Answer:
    return lambda requested, _: requested.reply(status, json.dumps(document).encode())


def refuses(status: int, code: str, **more: Any) -> Answer:
    return says(status, {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "because", **more})


def raw(status: int, body: bytes, length: int | None = None) -> Answer:
    return lambda requested, _: requested.reply(status, body, length)


def checked(document: Any, *, sent: Any = None) -> Answer:
    """With DynamoDB's checksum of `document`, whatever is `sent`."""
    body = json.dumps(document).encode()
    damaged = body if sent is None else json.dumps(sent).encode()
    return lambda requested, _: requested.reply(200, damaged, checksum=crc32(body))


def drips(requested: Requested, _: dict[str, Any]) -> None:
    """Begins a whole answer and goes on with it, a byte at a time and never silent for long."""
    requested.reply(200, b"{", length=10_000)
    while not requested.server.over.wait(0.1):
        requested.wfile.write(b" ")
    requested.close_connection = True


def resets(requested: Requested, _: dict[str, Any]) -> None:
    requested.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    requested.connection.close()
    requested.close_connection = True


def hangs(requested: Requested, _: dict[str, Any]) -> None:
    requested.server.over.wait(10)
    requested.close_connection = True


def hangs_up(requested: Requested, _: dict[str, Any]) -> None:
    requested.close_connection = True


def truncates(requested: Requested, _: dict[str, Any]) -> None:
    requested.reply(200, b'{"Item": {', 1000)
    requested.close_connection = True


@contextmanager
def serving() -> Iterator[Played]:
    with Played() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()
            thread.join()


UNAVAILABLE: dict[str, Answer] = {
    "throttled": refuses(400, "ThrottlingException"),
    "over its throughput": refuses(400, "ProvisionedThroughputExceededException"),
    "over the account's": refuses(400, "RequestLimitExceeded"),
    "500": refuses(500, "InternalServerError"),
    "503 by a proxy": raw(503, b"<html>Service Unavailable</html>"),
    "hangs": hangs,
    "hangs up": hangs_up,
    "resets": resets,
    "truncated": truncates,
}
CORRUPT: dict[str, Answer] = {
    "a list": raw(200, b"[]"),
    "a string": raw(200, b'"x"'),
    "null": raw(200, b"null"),
    "nested without end": raw(200, b"[" * 100_000),
    "an item that is a list": says(200, CAPACITY | {"Item": [], "Attributes": []}),
    "an attribute that is text": says(200, CAPACITY | {"Item": {"uri": "x"}, "Attributes": {"uri": "x"}}),
    "no capacity": says(200, {"ConsumedCapacity": None}),
    "capacity that is a number": says(200, {"ConsumedCapacity": 1}),
    "not what its checksum says": checked(CAPACITY, sent=CAPACITY | {"Item": {}}),
    "a refusal that is a list": raw(500, b"[]"),
    "no JSON": raw(200, b'{"Item"'),
    "empty": raw(200, b""),
    "empty object": raw(200, b"{}"),
    "no UTF-8": raw(200, b'{"Item": "\xff"}'),
    "an error page": raw(200, b"<html>Sign in</html>"),
}
