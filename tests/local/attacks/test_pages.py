"""A page of another origin in a real browser, while the emulator runs: it gets nothing, and nothing is done for it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from local.emulator import key
from stacks.registry.own import SMOKE
from tests.browser import opened
from tests.local.platform.deployed import Platform

REBOUND = "rebound.example"
SECRET = f"otto/dev/clients/{SMOKE}"
ATTACK = """async ({own, address, secret}) => {
  const signed = {
    Authorization: "AWS4-HMAC-SHA256 Credential=000000000000/20261125/us-east-1/secretsmanager/aws4_request, " +
      "SignedHeaders=host;x-amz-date, Signature=" + "0".repeat(64),
    "X-Amz-Date": "20261125T120000Z",
  };
  const read = {"X-Amz-Target": "secretsmanager.GetSecretValue", "Content-Type": "application/x-amz-json-1.1"};
  const body = JSON.stringify({SecretId: secret});
  const attempts = {
    "a call as the SDK makes it": () => fetch(own, {method: "POST", headers: {...signed, ...read}, body}),
    "a call without credentials": () => fetch(own, {method: "POST", headers: read, body}),
    "a simple request": () => fetch(own, {method: "POST", headers: {"Content-Type": "text/plain"}, body}),
    "a query": () => fetch(own + "?Action=GetSecretValue&Version=2017-10-17&SecretId=" + encodeURIComponent(secret)),
    "a form's request": () => fetch(own, {method: "POST", body: new URLSearchParams({Action: "GetSecretValue"})}),
    "a reset": () => fetch(own + "_ministack/reset", {method: "POST"}),
    "the state": () => fetch(own + "_ministack/health"),
    "the state by the address": () => fetch(address + "/_ministack/health"),
    "the keys by the address": () => fetch(address + "/us-east-1_Nothing/.well-known/jwks.json"),
    "a token by the address": () => fetch(address + "/oauth2/token", {method: "POST", body: new URLSearchParams()}),
  };
  const found = {};
  for (const [what, attempt] of Object.entries(attempts)) {
    try {
      const answer = await attempt();
      found[what] = [answer.status, await answer.text()];
    } catch (error) { found[what] = [0, ""]; }
  }
  for (const path of [own, address + "/_ministack/health"]) {
    await fetch(path, {method: "POST", mode: "no-cors", body}).catch(() => 0);
    await fetch(path, {mode: "no-cors", credentials: "include", referrerPolicy: "no-referrer"}).catch(() => 0);
    for (const [tag, name] of [["img", "src"], ["script", "src"], ["iframe", "src"]]) {
      const element = document.createElement(tag);
      const loaded = new Promise((over) => { element.onload = element.onerror = over; });
      element[name] = path;
      document.body.append(element);
      await loaded;
    }
    const frame = document.createElement("iframe");
    frame.name = "answer";
    const form = document.createElement("form");
    Object.assign(form, {method: "post", action: path, enctype: "text/plain", target: "answer"});
    document.body.append(frame, form);
    const sent = new Promise((over) => { frame.onload = over; });
    form.submit();
    await sent;
    found["the form's answer at " + path] = [0, (() => {
      try { return frame.contentDocument ? frame.contentDocument.body.innerText : ""; } catch { return ""; }
    })()];
    frame.remove();
    await new Promise((over) => {
      const socket = new WebSocket(path.replace("http", "ws"));
      socket.onmessage = (event) => { found["a WebSocket at " + path] = [101, event.data]; over(); };
      socket.onopen = () => { found["a WebSocket at " + path] = [101, "open"]; over(); };
      socket.onerror = over;
    });
  }
  return found;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """It looks up a stranger's name as one who rebinds it would answer: with this machine's own address.

    Of its own accord the newest Chromium keeps strangers' pages from loopback, and other browsers do not.
    """
    with opened(
        f"--host-resolver-rules=MAP {REBOUND} 127.0.0.1", "--disable-features=LocalNetworkAccessChecks"
    ) as browser:
        yield browser


@dataclass(frozen=True)
class Target:
    """What is attacked, as the page is told: where it is, and even the address of the run."""

    url: str
    path: str


@contextmanager
def serving(answer: bytes, **headers: str) -> Iterator[str]:
    """A local server that answers everything alike."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(200)
            for name, value in {"Content-Type": "text/html", "Content-Length": str(len(answer)), **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(answer)

        def do_POST(self) -> None:
            self.do_GET()

        def do_OPTIONS(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def attack(browser: Browser, page_url: str, target: Target) -> dict[str, tuple[int, str]]:
    """What a page at `page_url` gets from the target, by attempt."""
    context = browser.new_context()
    try:
        page = context.new_page()
        # Of a rebound name the page came before, from its owner's server; all else goes over the wire.
        page.route(f"http://{REBOUND}:*/page", lambda route: route.fulfill(content_type="text/html", body="<body>"))
        page.goto(page_url)
        told = {"own": target.url, "address": target.url + target.path, "secret": SECRET}
        found: dict[str, tuple[int, str]] = page.evaluate(ATTACK, told)
        return {what: (status, text) for what, (status, text) in found.items()}
    finally:
        context.close()


def rebound(url: str) -> str:
    return f"http://{REBOUND}:{urlsplit(url).port}/"


@pytest.fixture
def emulator(platform: Platform) -> Target:
    return Target(f"{platform.emulator.endpoint}/", key.read(platform.state).path)


@contextmanager
def refusing(platform: Platform, why: str) -> Iterator[dict[str, tuple[int, str]]]:
    """Take what a page gets, and hold that each attempt was refused for this reason: nothing read, and nothing done."""
    log, found = platform.state / "emulator.log", dict[str, tuple[int, str]]()
    before = log.read_text().count(why)
    yield found
    held = platform.credentials(SMOKE)
    assert len(found) >= 12
    for what, (status, text) in found.items():
        assert status in (0, 403), (what, text)
        assert text == "" or "The emulator refused this request" in text, what
        assert not [word for word in (*held.values(), "services", "keys", "access_token") if f'"{word}"' in text], what
    assert log.read_text().count(why) - before >= len(found)
    assert platform.token(SMOKE)


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_a_page_of_another_local_origin_gets_nothing(
    platform: Platform, browser: Browser, emulator: Target, name: str
) -> None:
    with serving(b"<body>") as page, refusing(platform, "a web page sent it") as found:
        found.update(attack(browser, page.replace("127.0.0.1", name), emulator))


def test_a_page_whose_name_was_rebound_to_this_machine_gets_nothing(
    platform: Platform, browser: Browser, emulator: Target
) -> None:
    own = rebound(emulator.url)
    with refusing(platform, f"Host '{REBOUND}:") as found:
        found.update(attack(browser, f"{own}page", Target(own, emulator.path)))


def test_a_rebound_page_does_not_get_it_by_the_machines_own_name_either(
    platform: Platform, browser: Browser, emulator: Target
) -> None:
    with refusing(platform, "a web page sent it") as found:
        found.update(attack(browser, f"{rebound(emulator.url)}page", emulator))


def test_the_same_page_gets_all_of_a_server_that_has_no_guard(browser: Browser) -> None:
    """The attack itself works: against what any page may read, and against a rebound name."""
    every = dict.fromkeys(("Access_Control_Allow_Origin", "Access_Control_Allow_Headers"), "*")
    kept = json.dumps({"SecretString": "kept"}).encode()
    with serving(b"<body>") as page, serving(kept, **every) as open_to_all, serving(kept) as same_origin:
        for at, target in ((page, open_to_all), (f"{rebound(same_origin)}page", rebound(same_origin))):
            found = attack(browser, at, Target(target, "x"))
            read = {what for what, (_, text) in found.items() if "kept" in text}
            assert len(read) >= 10, found
