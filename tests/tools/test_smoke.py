"""`make smoke` against a platform on loopback with one fault at a time: each is seen, and nothing is left behind."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
import urllib3

from otto_m2m.aws import Credentials
from tests.stacks.test_observability import SECTIONS
from tools.smoke.checks import Check, Smoke, Target
from tools.smoke.table import table

SECRET = "a-secret-that-nothing-may-show"
TOKEN = "a-token-that-nothing-may-show"
GOOD = {"Content-Type": "application/json", "ETag": '"1"', "Cache-Control": "private, no-cache"}
UNAUTHORIZED = {"Content-Type": "application/problem+json", "WWW-Authenticate": 'Bearer realm="server"'}
Answer = tuple[int, dict[str, str], Any]


class Platform:
    """Tokens are `<TOKEN> <scopes>`. `fault` may change an answer, told by the method and by the token's scopes."""

    def __init__(self) -> None:
        self.stored: dict[str, Any] = {}
        self.fault: Callable[[str, str, Answer], Answer] = lambda _method, _scopes, answer: answer

    def answer(self, method: str, path: str, token: str, body: bytes) -> Answer:
        if path == "/oauth2/token":
            form = parse_qs(body.decode())
            assert form["client_id"] == ["id"]
            scopes = form["scope"][0]
            issued = {"access_token": f"{TOKEN} {scopes}", "token_type": "Bearer", "expires_in": 3600}
            return self.fault("TOKEN", scopes, (200, {"Content-Type": "application/json"}, issued))
        needed = "server/api.read" if method == "GET" else "server/api.write"
        if needed not in token.split():
            return self.fault(method, token, (401, UNAUTHORIZED, {"status": 401}))
        return self.fault(method, token, self._store(method, path, body))

    def _store(self, method: str, path: str, body: bytes) -> Answer:
        nosniff = {"X-Content-Type-Options": "nosniff"}
        if method == "PUT":
            self.stored[path] = json.loads(body)
            return 201, GOOD | nosniff, self.stored[path]
        if path not in self.stored:
            return 404, {"Content-Type": "application/problem+json"}, {"status": 404}
        if method == "DELETE":
            del self.stored[path]
            return 204, {}, None
        return 200, GOOD | nosniff, self.stored[path]


@pytest.fixture
def platform() -> Platform:
    return Platform()


@pytest.fixture
def target(platform: Platform) -> Iterator[Target]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            status, headers, content = platform.answer(self.command, self.path, token, body)
            text = b"" if content is None else content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            for name, value in (headers | {"Content-Length": str(len(text))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_PUT = do_DELETE = do_POST = answer  # noqa: N815 - the names http.server looks for

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    here = f"http://127.0.0.1:{server.server_port}"
    yield Target(
        token_endpoint=f"{here}/oauth2/token",
        api=f"{here}/dev/profiles",
        resource_server="server",
        credentials=Credentials("id", SECRET),
    )
    server.shutdown()
    thread.join()
    server.server_close()


def failing(target: Target) -> dict[str, Check]:
    checks = Smoke(target, urllib3.PoolManager()).run()
    shown = table(checks)
    assert SECRET not in shown
    assert TOKEN not in shown
    assert SECRET not in repr(target)
    return {check.name: check for check in checks if not check.good}


def without(header: str) -> Callable[[Answer], Answer]:
    return lambda answer: (answer[0], {name: value for name, value in answer[1].items() if name != header}, answer[2])


def header(name: str, value: str) -> Callable[[Answer], Answer]:
    return lambda answer: (answer[0], answer[1] | {name: value}, answer[2])


def status(code: int) -> Callable[[Answer], Answer]:
    return lambda answer: (code, answer[1], answer[2])


def body(content: Any) -> Callable[[Answer], Answer]:
    return lambda answer: (answer[0], answer[1], content)


READER, WRITER = "server/api.read", "server/api.read server/api.write"
FAULTS = [
    ("TOKEN", READER, status(400), "token for api.read", "400"),
    ("TOKEN", READER, body({"access_token": TOKEN}), "token for api.read", "200; not the JSON it should be"),
    ("TOKEN", READER, body(b"<html>"), "token for api.read", "200; not the JSON it should be"),
    (
        "TOKEN",
        WRITER,
        body({"access_token": TOKEN, "token_type": "mac", "expires_in": 1}),
        "token for api.read, api.write",
        "200; not a bearer token",
    ),
    ("TOKEN", WRITER, status(429), "token for api.read, api.write", "429"),
    ("GET", "", status(200), "read without a token", "200"),
    ("GET", "", status(403), "read without a token", "403"),
    ("GET", "", without("WWW-Authenticate"), "read without a token", "401; no WWW-Authenticate"),
    ("GET", "", header("WWW-Authenticate", "Basic"), "read without a token", "401; WWW-Authenticate: Basic"),
    ("GET", "", without("Content-Type"), "read without a token", "401; no Content-Type"),
    ("GET", READER, status(502), "read what is not there", "502"),
    ("GET", READER, without("Content-Type"), "read what is not there", "404; no Content-Type"),
    ("PUT", READER, status(201), "write with api.read alone", "201"),
    ("PUT", READER, without("WWW-Authenticate"), "write with api.read alone", "401; no WWW-Authenticate"),
    (
        "PUT",
        READER,
        header("Content-Type", "application/json"),
        "write with api.read alone",
        "401; Content-Type: application/json",
    ),
    ("PUT", WRITER, status(503), "write", "503"),
    ("PUT", WRITER, without("ETag"), "write", "201; no ETag"),
    (
        "PUT",
        WRITER,
        body({"full_name": "X", "headline": "Y"}),
        "write",
        "201; another full_name and headline than was written",
    ),
    ("GET", READER, without("X-Content-Type-Options"), "read it back", "200; no X-Content-Type-Options"),
    ("GET", READER, body(b"{"), "read it back", "200; not the JSON it should be"),
    ("DELETE", WRITER, status(500), "clean up", "500"),
    ("GET", READER, status(200), "read what was deleted", "200"),
]


def test_a_platform_that_does_what_it_should_passes_and_keeps_nothing(platform: Platform, target: Target) -> None:
    assert failing(target) == {}
    assert platform.stored == {}


@pytest.mark.parametrize(("method", "scopes", "change", "name", "came"), FAULTS)
def test_each_fault_fails_its_check_visibly_and_nothing_is_left_behind(
    platform: Platform,
    target: Target,
    method: str,
    scopes: str,
    change: Callable[[Answer], Answer],
    name: str,
    came: str,
) -> None:
    def fault(asked: str, held: str, answer: Answer) -> Answer:
        mine = asked == method and held.removeprefix(TOKEN).strip() == scopes
        return change(answer) if mine else answer

    platform.fault = fault
    found = failing(target)
    assert found[name].came == came
    assert platform.stored == {}


def test_a_platform_that_is_not_there_fails_and_says_how(target: Target) -> None:
    nowhere = Target(
        **(vars(target) | {"api": "http://127.0.0.1:9/dev/profiles", "token_endpoint": "http://127.0.0.1:9/"})
    )
    assert {check.came for check in failing(nowhere).values()} == {"no answer: NewConnectionError"}


def test_an_interrupted_write_is_cleaned_up(platform: Platform, target: Target) -> None:
    class Interrupting(urllib3.PoolManager):
        def request(self, method: str, *arguments: Any, **options: Any) -> Any:
            answer = super().request(method, *arguments, **options)
            if method == "PUT" and answer.status == 201:
                raise KeyboardInterrupt
            return answer

    smoke = Smoke(target, Interrupting())
    with pytest.raises(KeyboardInterrupt):
        smoke.run()
    assert platform.stored == {}


def test_every_mend_is_a_section_of_the_runbook(target: Target) -> None:
    nowhere = Target(**(vars(target) | {"api": "http://127.0.0.1:9/", "token_endpoint": "http://127.0.0.1:9/"}))
    mends = {check.mend for each in (target, nowhere) for check in Smoke(each, urllib3.PoolManager()).run()}
    assert mends >= {"smoke-token", "smoke-refused", "smoke-api", "smoke-clean-up"}
    assert mends | {"smoke-credentials"} <= SECTIONS


def test_the_table_names_what_was_expected_what_came_and_where_the_mend_is_written() -> None:
    rows = [
        Check(name="read", expected="200, ETag", came="200; no ETag", good=False, mend="smoke-api"),
        Check(name="clean up", expected="204", came="204", good=True, mend="smoke-clean-up"),
    ]
    assert table(rows).splitlines() == [
        "      check     expected   came",
        "FAIL  read      200, ETag  200; no ETag",
        "ok    clean up  204        204",
        "to mend it: docs/runbook.md#smoke-api",
    ]
