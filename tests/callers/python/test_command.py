"""`python -m otto_m2m`: a batch of profiles, of which some are refused."""

import json
import runpy
import subprocess
import sys
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.callers.world import Reply, Sent, World, to_json

PERSON = "https://www.linkedin.com/in/arjaynacion"
GONE = {"title": "No such profile", "detail": "No profile is kept at this URI.", "request_id": "r-1"}
INVALID = {"detail": "Fix what `errors` names.", "errors": [{"detail": "no host"}], "request_id": "r-2"}
REFUSED = {
    "gone": (to_json(404, GONE), "404 No profile is kept at this URI. (request r-1)"),
    "invalid": (to_json(400, INVALID), '400 Fix what `errors` names. [{"detail": "no host"}] (request r-2)'),
    "html": (Reply(502, b"<html>"), "502"),
    "odd": (Reply(200, b"[1"), "200"),
    "list": (Reply(200, b"[1]"), "200"),
    "cut": (Reply(raw=b""), "no answer (ConnectionError)"),
    "title": (to_json(403, {"title": "Forbidden"}), "403 Forbidden"),
}


def answer(sent: Sent) -> Reply:
    uri = parse_qs(urlsplit(sent.path).query)["uri"][0]
    return REFUSED[uri][0] if uri in REFUSED else to_json(200, {"uri": uri})


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int | str | None:
    monkeypatch.setattr("sys.argv", ["otto_m2m", *arguments])
    monkeypatch.delitem(sys.modules, "otto_m2m.__main__", raising=False)
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("otto_m2m", run_name="__main__")
    return ended.value.code


def test_each_profile_is_printed_as_a_line_and_the_status_is_0(
    at_aws: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    at_aws.api = answer
    assert run(monkeypatch, "dev", "lead-enricher", PERSON, f"{PERSON}?a&b") == 0
    printed, errors = capsys.readouterr()
    assert [json.loads(line) for line in printed.splitlines()] == [{"uri": PERSON}, {"uri": f"{PERSON}?a&b"}]
    assert errors == ""
    assert len(at_aws.token_requests) == 1


def test_a_refused_profile_is_explained_and_does_not_end_the_batch(
    at_aws: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    at_aws.api = answer
    assert run(monkeypatch, "dev", "lead-enricher", *REFUSED, PERSON) == 1
    printed, errors = capsys.readouterr()
    assert json.loads(printed) == {"uri": PERSON}
    assert errors.splitlines() == [f"{uri}: {explained}" for uri, (_, explained) in REFUSED.items()]


def test_no_token_is_one_line_without_a_traceback(
    at_aws: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    at_aws.accepted = set()
    assert run(monkeypatch, "dev", "lead-enricher", PERSON) == 1
    printed, errors = capsys.readouterr()
    assert printed == ""
    assert errors.startswith("otto_m2m: refused: invalid_client: ")
    assert errors.count("\n") == 1


def test_a_reader_that_stops_reading_ends_it_without_a_word(at_aws: World) -> None:
    at_aws.api = answer
    command = [sys.executable, "-m", "otto_m2m", "dev", "lead-enricher", *[PERSON] * 9]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.close()
    _, errors = process.communicate(timeout=60)
    assert (errors, process.returncode) == ("", 130)


def test_too_few_arguments_show_the_usage(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "dev") == 2
    assert "usage: python -m otto_m2m" in capsys.readouterr().err
