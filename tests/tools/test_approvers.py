"""A team that GitHub ignores is told, wherever there is a token to ask with."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import pytest
import urllib3

from tools import approvers

# The shape of GitHub's own example: https://docs.github.com/rest/repos/repos#list-codeowners-errors (2026-11-25)
ERROR = {
    "line": 5,
    "column": 22,
    "kind": "Unknown owner",
    "source": "/clients/exports/  @sellwithotto/exports\n",
    "suggestion": "make sure the team @sellwithotto/exports exists, is publicly visible, and has write access to the "
    "repository",
    "message": "Unknown owner on line 5: …",
    "path": ".github/CODEOWNERS",
}


class GitHub(BaseHTTPRequestHandler):
    status = 200
    answer: ClassVar[dict[str, Any]] = {"errors": []}
    asked: ClassVar[list[tuple[str, str | None]]] = []

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers["Authorization"]))
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(json.dumps(self.answer).encode())

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def asker() -> Iterator[dict[str, str]]:
    """A workflow's variables, with GitHub on loopback."""
    GitHub.status, GitHub.answer, GitHub.asked = 200, {"errors": []}, []
    server = HTTPServer(("127.0.0.1", 0), GitHub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield {
        "GITHUB_API_URL": f"http://127.0.0.1:{server.server_port}",
        "GITHUB_REPOSITORY": "sellwithotto/otto-m2m",
        "GITHUB_SHA": "0123abc",
        "GITHUB_TOKEN": "a-token",
    }
    server.shutdown()
    server.server_close()


def test_a_team_without_write_access_is_named_with_githubs_own_fix(asker: dict[str, str]) -> None:
    GitHub.answer = {"errors": [ERROR]}
    assert approvers.ignored(asker) == [
        ".github/CODEOWNERS:5: Unknown owner: /clients/exports/  @sellwithotto/exports: make sure the team "
        "@sellwithotto/exports exists, is publicly visible, and has write access to the repository"
    ]
    assert GitHub.asked == [("/repos/sellwithotto/otto-m2m/codeowners/errors?ref=0123abc", "Bearer a-token")]


def test_teams_that_github_knows_are_no_news(asker: dict[str, str]) -> None:
    assert approvers.ignored(asker) == []


def test_without_a_token_nobody_is_asked(asker: dict[str, str]) -> None:
    assert approvers.ignored({**asker, "GITHUB_TOKEN": ""}) == []
    assert GitHub.asked == []


def test_what_github_cannot_say_is_a_warning_and_no_failure(
    asker: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    GitHub.status = 403
    with pytest.raises(urllib3.exceptions.HTTPError, match="403"):
        approvers.ignored(asker)
    for name, value in asker.items():
        monkeypatch.setenv(name, value)
    approvers.main()
    assert capsys.readouterr().out == "warning: GitHub cannot be asked about .github/CODEOWNERS: 403 Forbidden\n"
