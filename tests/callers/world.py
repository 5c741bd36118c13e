"""A loopback server that is AWS, a token endpoint, an API and a stranger at once, and misbehaves as it is told."""

import json
import threading
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from otto_m2m.aws import Credentials
from otto_m2m.background import begin
from otto_m2m.source import TokenSource
from otto_m2m.token_endpoint import request_token

SECRET, TOKEN = "CANARYsecret", "CANARYtoken"


@dataclass(frozen=True)
class Sent:
    """One request as the server met it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    port: int
    """The caller's end of the connection."""

    @property
    def token(self) -> str:
        return self.headers.get("authorization", "").removeprefix("Bearer ")

    @property
    def form(self) -> dict[str, list[str]]:
        return parse_qs(self.body.decode())


@dataclass(frozen=True)
class Reply:
    """An answer; `raw` is sent as it is instead, and the connection closed. `wait` comes first."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    wait: threading.Event | None = None


def to_json(status: int, content: object, **headers: str) -> Reply:
    return Reply(status, json.dumps(content).encode(), {name.replace("_", "-"): text for name, text in headers.items()})


Script = Callable[[Sent], Reply]


class World:
    """What happens at each address is a script that a test may replace. Nothing is stood in for but the other side."""

    def __init__(self) -> None:
        self.url = ""
        self.now = 1000.0
        self.life = 3600
        self.secret = SECRET
        self.accepted: set[str] = {SECRET}
        self.refused: set[str] = set()
        self.sent: list[Sent] = []
        self.waited: list[bool] = []
        """Of each answer that was held back: whether a test let it go, before its time was over."""
        self.issued = 0
        self.aws: Script = self.answer_aws
        self.token_endpoint: Script = self.issue
        self.api: Script = self.call

    def find(self, path: str) -> list[Sent]:
        return [sent for sent in self.sent if sent.path.partition("?")[0] == path]

    @property
    def token_requests(self) -> list[Sent]:
        return self.find("/oauth2/token")

    @property
    def calls(self) -> list[Sent]:
        return self.find("/dev/profiles")

    @property
    def profiles(self) -> str:
        return f"{self.url}/dev/profiles"

    def answer(self, sent: Sent) -> Reply:
        self.sent.append(sent)
        if "x-amz-target" in sent.headers:
            return self.aws(sent)
        return self.token_endpoint(sent) if sent.path == "/oauth2/token" else self.api(sent)

    def answer_aws(self, sent: Sent) -> Reply:
        asked = json.loads(sent.body)
        if sent.headers["x-amz-target"] == "secretsmanager.GetSecretValue":
            stored = json.dumps({"client_id": "id", "client_secret": self.secret})
            return to_json(200, {"Name": asked["SecretId"], "SecretString": stored})
        addresses = {
            "/otto/dev/m2m/token-endpoint": f"{self.url}/oauth2/token",
            "/otto/dev/m2m/profiles-api-url": self.profiles,
        }
        if asked["Name"] not in addresses:
            return refuse("ParameterNotFound")
        return to_json(200, {"Parameter": {"Name": asked["Name"], "Value": addresses[asked["Name"]]}})

    def issue(self, sent: Sent) -> Reply:
        secret = b64decode(sent.headers["authorization"].removeprefix("Basic ")).decode().removeprefix("id:")
        if secret not in self.accepted:
            return to_json(400, {"error": "invalid_client"})
        self.issued += 1
        return to_json(200, grant(f"{TOKEN}{self.issued}", expires_in=self.life))

    def call(self, sent: Sent) -> Reply:
        known = sent.token.startswith(TOKEN) and sent.token not in self.refused
        return to_json(200, {"uri": "x"}) if known else to_json(401, {"message": "Unauthorized"})

    def open_source(self, at_once: bool = True) -> TokenSource:
        """A source on this world's clock, whose renewals run where they are begun, or in the background."""
        return TokenSource(
            lambda: Credentials("id", self.secret),
            lambda credentials: request_token(f"{self.url}/oauth2/token", credentials),
            clock=lambda: self.now,
            sleep=self.sleep,
            begin=(lambda work: work()) if at_once else begin,
        )

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def pass_time(self, share: float) -> None:
        """Let so much of a token's life pass."""
        self.now += share * self.life


def grant(token: object = f"{TOKEN}9", **changes: object) -> dict[str, object]:
    """A token endpoint's answer; a change to None leaves a member out."""
    whole = {"access_token": token, "token_type": "Bearer", "expires_in": 3600} | changes
    return {name: value for name, value in whole.items() if value is not None}


def refuse(code: str, status: int = 400) -> Reply:
    """An error of AWS's JSON protocol."""
    return to_json(status, {"__type": code, "message": f"told to fail {SECRET}"})


@contextmanager
def serve(world: World, wrap: Callable[[Any], Any] = lambda socket: socket) -> Iterator[str]:
    """Serve on a free loopback port; `wrap` may make TLS of the socket."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10
        wbufsize = -1
        disable_nagle_algorithm = True

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.headers.get("Transfer-Encoding") == "chunked":
                while size := int(self.rfile.readline(), 16):
                    body += self.rfile.read(size + 2)[:-2]
                self.rfile.readline()
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = world.answer(Sent(self.command, self.path, headers, body, self.client_address[1]))
            if reply.wait:
                world.waited.append(reply.wait.wait(10))
            if reply.raw is not None:
                self.wfile.write(reply.raw)
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in ({"Content-Length": str(len(reply.body))} | reply.headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        do_GET = do_PUT = do_POST = do_HEAD = answer  # noqa: N815 - the names http.server looks for

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Callers hang up on purpose."""

    with Server(("127.0.0.1", 0), Handler) as server:
        server.socket = wrap(server.socket)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
