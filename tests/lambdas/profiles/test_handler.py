"""HTTP as callers see it: API Gateway's events in, status, headers and problem documents out."""

import base64
import json
import logging
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lambdas.profiles import handler, problem, versions
from lambdas.profiles.errors import ProfileError, StoreError, UnavailableError
from lambdas.profiles.handler import respond
from lambdas.profiles.preconditions import GRAMMAR
from lambdas.profiles.profile import Number
from lambdas.profiles.request import LARGEST
from local import cloud

if TYPE_CHECKING:
    from tests.lambdas.profiles.conftest import EventOf, Memory

ARJAY = "https://www.linkedin.com/in/arjaynacion"
NOBODY = "https://www.linkedin.com/in/nobody"
BODY = json.dumps({"full_name": "Arjay Nacion"})
PROBLEM = "application/problem+json"
REQUEST_ID = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"
CLIENT = "7lead0enricher0client0id00"


@pytest.fixture
def call(memory: "Memory", event_of: "EventOf") -> Any:
    """Sends one request to the service over a store in memory that holds ARJAY."""
    respond(event_of("PUT", ARJAY, body=BODY), lambda: memory)

    def send(*arguments: Any, **parts: Any) -> handler.Response:
        return respond(event_of(*arguments, **parts), lambda: memory)

    return send


def etag(call: Any) -> str:
    return str(call("GET", ARJAY)["headers"]["ETag"])


CURRENT = "<the current ETag>"
REFUSALS: dict[tuple[int, str], dict[str, dict[str, Any]]] = {
    (400, "invalid-request"): {
        "no uri": {"uri": None},
        "blank uri": {"uri": "  "},
        "blank uri that is long": {"uri": "\u200b\u2060"},
        "repeated uri": {"uri": [ARJAY, ARJAY]},
        "a uri that was decoded with replacement": {"uri": "https://www.linkedin.com/in/jos\ufffd-lima"},
        "a uri with the replacement itself": {"method": "PUT", "uri": f"{ARJAY}%EF%BF%BD", "body": BODY},
        "no profile's uri": {"uri": "https://evil.com/in/x"},
        "no profile's uri, DELETE": {"method": "DELETE", "uri": "https://evil.com/in/x"},
        "no profile's uri, PUT": {"method": "PUT", "uri": "https://evil.com/in/x", "body": BODY},
        "no body": {"method": "PUT", "headers": {"Content-Type": "application/json"}},
        "no JSON": {"method": "PUT", "body": "{"},
        "no object": {"method": "PUT", "body": "[]"},
        "half a surrogate in the event": {"method": "PUT", "body": '"\ud800"'},
        "half a surrogate as a key": {"method": "PUT", "body": '{"\\ud800": 1}'},
        "a text that was decoded with replacement": {"method": "PUT", "body": '{"full_name": "Jos\ufffd"}'},
        "the same, escaped": {"method": "PUT", "body": '{"full_name": "Jos\\ufffd"}'},
        "the same as a field": {"method": "PUT", "body": '{"full_name": "x", "\ufffd": 1}'},
        "the same as a key in depth": {
            "method": "PUT",
            "body": '{"full_name": "x", "attributes": {"a": [{"b\ufffd": 1}]}}',
        },
        "a byte order mark": {"method": "PUT", "body": f"\ufeff{BODY}"},
        "a number that others take for zero": {
            "method": "PUT",
            "body": '{"full_name": "x", "attributes": {"a": 1e-400}}',
        },
        "a name that shows nothing": {"method": "PUT", "body": '{"full_name": "\u200b\u3164"}'},
        "If-Match that was decoded with replacement": {"headers": {"If-Match": '"\ufffd"'}},
        "deep nesting": {"method": "PUT", "body": "[" * 60_000},
        "unquoted If-Match": {"method": "PUT", "body": BODY, "headers": {"If-Match": "x"}},
        "empty If-Match": {"headers": {"If-Match": ""}},
        "* in a list": {"method": "DELETE", "headers": {"If-Match": '*, "x"'}},
        "tags without a comma": {"headers": {"If-None-Match": '"x" "y"'}},
    },
    (404, "profile-not-found"): {
        "GET": {"uri": NOBODY},
        "GET, If-None-Match": {"uri": NOBODY, "headers": {"If-None-Match": "*"}},
        "GET, If-Match": {"uri": NOBODY, "headers": {"If-Match": "*"}},
        "DELETE": {"method": "DELETE", "uri": NOBODY},
        "DELETE, If-Match": {"method": "DELETE", "uri": NOBODY, "headers": {"If-Match": '"x"'}},
        "DELETE, If-Match *": {"method": "DELETE", "uri": NOBODY, "headers": {"If-Match": "*"}},
        "DELETE, If-None-Match": {"method": "DELETE", "uri": NOBODY, "headers": {"If-None-Match": "*"}},
    },
    (405, "method-not-allowed"): {
        "POST": {"method": "POST", "body": BODY},
        "PATCH": {"method": "PATCH", "body": BODY},
        "OPTIONS": {"method": "OPTIONS"},
        "get": {"method": "get"},
    },
    (412, "precondition-failed"): {
        "stale PUT": {"method": "PUT", "body": BODY, "headers": {"If-Match": '"x"'}},
        "stale DELETE": {"method": "DELETE", "headers": {"If-Match": '"x", "y"'}},
        "stale GET": {"headers": {"If-Match": '"x"'}},
        "weak If-Match": {"method": "PUT", "body": BODY, "headers": {"If-Match": f"W/{CURRENT}"}},
        "PUT what is not there": {"method": "PUT", "uri": NOBODY, "body": BODY, "headers": {"If-Match": "*"}},
        "PUT anew what is there": {"method": "PUT", "body": BODY, "headers": {"If-None-Match": "*"}},
        "PUT unless": {"method": "PUT", "body": BODY, "headers": {"If-None-Match": f"W/{CURRENT}"}},
        "DELETE unless": {"method": "DELETE", "headers": {"If-None-Match": "*"}},
    },
    (413, "body-too-large"): {
        "in bytes, not characters": {"method": "PUT", "body": f'"{"é" * (LARGEST // 2)}"'},
    },
    (415, "unsupported-media-type"): {
        "text": {"method": "PUT", "body": BODY, "headers": {"Content-Type": "text/plain"}},
        "Latin-1": {"method": "PUT", "body": BODY, "headers": {"Content-Type": "application/json; charset=latin-1"}},
        "a problem": {"method": "PUT", "body": BODY, "headers": {"Content-Type": PROBLEM}},
        "nothing": {"method": "PUT", "body": BODY, "headers": {"Content-Type": ""}},
        "twice": {"method": "PUT", "body": BODY, "headers": {"Content-Type": "application/json, application/json"}},
        "two charsets": {
            "method": "PUT",
            "body": BODY,
            "headers": {"Content-Type": "application/json; charset=utf-8; charset=utf-16"},
        },
        "no media type": {"method": "PUT", "body": BODY, "headers": {"Content-Type": "application/json; charset"}},
        "JSON in its name": {"method": "PUT", "body": BODY, "headers": {"Content-Type": "application/json+x"}},
        "compressed": {"method": "PUT", "body": BODY, "headers": {"Content-Encoding": "gzip"}},
        "compressed in the end": {"method": "PUT", "body": BODY, "headers": {"content-encoding": "identity, GZIP"}},
        "an unknown coding": {"method": "PUT", "body": BODY, "headers": {"Content-Encoding": "x"}},
    },
}
ROWS = [
    pytest.param(request, *expected, id=f"{expected[0]} {name}")
    for expected, requests in REFUSALS.items()
    for name, request in requests.items()
]


@pytest.mark.parametrize(("request_", "status", "kind"), ROWS)
def test_a_refusal_is_its_problem_document(call: Any, request_: dict[str, Any], status: int, kind: str) -> None:
    headers = {name: value.replace(CURRENT, etag(call)) for name, value in request_.get("headers", {}).items()}
    response = call(**{"uri": ARJAY} | request_ | {"headers": headers})
    document = json.loads(response["body"])
    assert (response["statusCode"], document["type"]) == (status, f"urn:otto:problem:{kind}")
    assert response["headers"]["Content-Type"] == PROBLEM
    assert response["headers"]["Cache-Control"] == "no-store"
    assert {"type", "title", "status", "detail", "request_id"} <= document.keys()
    assert (document["status"], document["request_id"]) == (status, REQUEST_ID)
    assert ("errors" in document) is (status == 400)
    assert call("GET", ARJAY)["statusCode"] == 200


def test_every_kind_of_problem_is_in_the_table_of_refusals_or_faults() -> None:
    def missing(shown: set[str]) -> set[str]:
        return {kind.type for kind in problem.KINDS.values()} - shown

    shown = {kind for _, kind in REFUSALS}
    assert missing(shown) == {"write-conflict", "temporarily-unavailable"}  # told apart in the tests of faults below
    assert "body-too-large" in missing(shown - {"body-too-large"})


def test_a_problem_says_where_every_flaw_is(call: Any) -> None:
    body = json.dumps({"full_name": "", "attributes": {"a/b": ["\ud800"]}})
    response = call("PUT", "https://linkedin.com:1/in/x", body=body)
    assert json.loads(response["body"])["errors"] == [
        {
            "detail": "the profile's URI names a port: remove the ':' and what follows it in the host",
            "parameter": "uri",
        },
        {"detail": "holds half of a surrogate pair: no Unicode character", "pointer": "#/attributes/a~1b/0"},
        {"detail": "is blank: write something that shows", "pointer": "#/full_name"},
    ]
    response = call("PUT", ARJAY, body="{", headers={"If-Match": '"x"'})
    assert json.loads(response["body"])["errors"][0]["pointer"] == "#"
    response = call("DELETE", ARJAY, headers={"If-Match": "x"})
    assert json.loads(response["body"])["errors"] == [{"detail": GRAMMAR, "header": "If-Match"}]


@pytest.mark.parametrize(
    ("uri", "detail"),
    [
        (None, "missing or blank"),
        (" ", "missing or blank"),
        ("\u200b", "missing or blank"),
        ([ARJAY, NOBODY], "is there 2 times"),
        ([ARJAY, ARJAY, ARJAY], "is there 3 times"),
    ],
)
def test_a_parameter_that_names_no_one_profile_is_told_apart(call: Any, uri: Any, detail: str) -> None:
    [error] = json.loads(call("GET", uri)["body"])["errors"]
    assert error["parameter"] == "uri"
    assert detail in error["detail"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ('{"full_name": "Jos\ufffd"}', "#/full_name"),
        ('{"full_name": "x", "attributes": {"a": [{"b": "\\uFFFD"}]}}', "#/attributes/a/0/b"),
        ('{"full_name": "x", "attributes": {"\ufffd": 1}}', "#/attributes/%EF%BF%BD"),
        ("{\ufffd}", "#"),
    ],
)
def test_what_was_decoded_with_replacement_is_refused_where_it_is(call: Any, body: str, pointer: str) -> None:
    response = call("PUT", NOBODY, body=body)
    [error] = json.loads(response["body"])["errors"]
    assert (response["statusCode"], error["pointer"]) == (400, pointer)
    assert "UTF-8" in error["detail"]
    assert call("GET", NOBODY)["statusCode"] == 404


def test_two_addresses_that_were_decoded_with_replacement_are_not_one_profile(call: Any) -> None:
    for name in ("First", "Second"):
        response = call("PUT", "https://www.linkedin.com/in/jos\ufffd-lima", body=json.dumps({"full_name": name}))
        [error] = json.loads(response["body"])["errors"]
        assert response["statusCode"] == 400
        assert "encode the address as UTF-8" in error["detail"]


def test_a_method_that_is_not_there_is_answered_with_those_that_are(call: Any) -> None:
    assert call("PATCH")["headers"]["Allow"] == "GET, HEAD, PUT, DELETE" == ", ".join(handler.ROUTES)


@pytest.mark.parametrize(
    "request_",
    [{}, {"headers": {"If-None-Match": "*"}}, {"uri": NOBODY}, {"uri": "x"}, {"headers": {"If-Match": '"x"'}}],
)
def test_head_is_get_without_its_content(call: Any, request_: dict[str, Any]) -> None:
    head, get = (call(**{"method": method, "uri": ARJAY} | request_) for method in ("HEAD", "GET"))
    assert head == get | {"body": ""}


def test_a_profile_is_created_read_replaced_and_removed(call: Any) -> None:
    created = call("PUT", "http://uk.linkedin.com/in/Jos%C3%A9/", body=json.dumps({"full_name": "José"}))
    uri = "https://www.linkedin.com/in/jos%C3%A9"
    document = json.loads(created["body"])
    assert created["statusCode"] == 201
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", document.pop("updated_at"))
    assert document == {
        "uri": uri,
        "full_name": "José",
        "headline": None,
        "company": None,
        "location": None,
        "attributes": {},
        "version": 1,
        "updated_by": CLIENT,
    }
    read = call("GET", uri)
    assert (read["statusCode"], read["body"], read["headers"]) == (200, created["body"], created["headers"])
    assert read["headers"]["Content-Type"] == "application/json"
    assert read["headers"]["Cache-Control"] == "private, no-cache"
    assert read["headers"]["X-Content-Type-Options"] == "nosniff"
    replaced = call("PUT", uri, body=json.dumps({"full_name": "José", "company": "Otto"}))
    assert (replaced["statusCode"], json.loads(replaced["body"])["version"]) == (200, 2)
    assert replaced["headers"]["ETag"] != created["headers"]["ETag"]
    assert call("DELETE", uri)["statusCode"] == 204
    assert call("GET", uri)["statusCode"] == 404


def test_the_same_put_again_changes_nothing(call: Any) -> None:
    before = call("GET", ARJAY)
    again = call("PUT", ARJAY, body=BODY)
    assert (again["statusCode"], again["body"], again["headers"]) == (200, before["body"], before["headers"])


def test_what_was_read_can_be_changed_and_written_back(call: Any) -> None:
    read = call("GET", ARJAY)
    document = json.loads(read["body"]) | {"headline": "Founder"}
    written = call("PUT", ARJAY, body=json.dumps(document), headers={"If-Match": read["headers"]["ETag"]})
    assert (written["statusCode"], json.loads(written["body"])["version"]) == (200, 2)


def test_numbers_come_back_as_they_were_written(call: Any) -> None:
    numbers = '{"a":1.10,"b":123456789012345678901234567890123456789012345,"c":9007199254740993,"d":-0.0,"e":1e5}'
    call("PUT", ARJAY, body=f'{{"full_name": "x", "attributes": {numbers}}}')
    body = call("GET", ARJAY)["body"]
    assert f'"attributes":{numbers}' in body
    assert json.loads(body, parse_float=Number)["attributes"]["a"] == Number("1.10")


@pytest.mark.parametrize(
    ("before", "after"), [("1.1", "1.10"), ("1", "1.0"), ("100000", "1e5"), ("1e5", "1E+5"), ("0", "-0")]
)
def test_a_number_written_in_another_way_is_a_change(call: Any, before: str, after: str) -> None:
    for version, number in enumerate((before, before, after), start=1):
        response = call("PUT", NOBODY, body=f'{{"full_name": "x", "attributes": {{"a": {number}}}}}')
        assert f'"attributes":{{"a":{number}}}' in response["body"]
        assert json.loads(response["body"])["version"] == max(1, version - 1)


@pytest.mark.parametrize("attributes", ['{"a": "text"}', '{"a": {"b": 1}}', '{"a": ["text"]}', '{"a": null}'])
def test_an_attribute_may_become_another_kind_of_value_and_back(call: Any, attributes: str) -> None:
    for version, kept in enumerate(('{"a": "text"}', '{"a": {"b": 1}}', attributes, '{"a": "text", "b": 1}'), start=1):
        response = call("PUT", NOBODY, body=f'{{"full_name": "x", "attributes": {kept}}}')
        assert response["statusCode"] == (201 if version == 1 else 200)
        assert json.loads(response["body"])["attributes"] == json.loads(kept)


def test_a_conditional_write_whose_answer_was_lost_is_answered_again(call: Any) -> None:
    changed, condition = json.dumps({"full_name": "Arjay", "headline": "Founder"}), {"If-Match": etag(call)}
    first = call("PUT", ARJAY, body=changed, headers=condition)
    again = call("PUT", ARJAY, body=changed, headers=condition)
    assert (first["statusCode"], json.loads(first["body"])["version"]) == (200, 2)
    assert again == first
    call("PUT", ARJAY, body=BODY)
    assert call("PUT", ARJAY, body=changed, headers=condition)["statusCode"] == 412


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (json.dumps({"full_name": "Other"}), {}),
        (None, {"If-None-Match": '"x"'}),
        (None, {"If-Match": '"x"'}),
    ],
    ids=["other content", "another condition as well", "another revision"],
)
def test_only_the_same_write_under_the_condition_that_it_met_is_a_repetition(
    call: Any, body: str | None, headers: dict[str, str]
) -> None:
    changed, condition = json.dumps({"full_name": "Arjay", "headline": "Founder"}), {"If-Match": etag(call)}
    call("PUT", ARJAY, body=changed, headers=condition)
    assert call("PUT", ARJAY, body=body or changed, headers=condition | headers)["statusCode"] == 412


def test_a_creation_whose_answer_was_lost_sends_the_caller_to_look(call: Any) -> None:
    created = call("PUT", NOBODY, body=BODY, headers={"If-None-Match": "*"})
    again = call("PUT", NOBODY, body=BODY, headers={"If-None-Match": "*"})
    assert (created["statusCode"], again["statusCode"]) == (201, 412)
    assert "a request of yours that went unanswered" in json.loads(again["body"])["detail"]


def test_a_deletion_whose_answer_was_lost_finds_nothing_any_more(call: Any) -> None:
    condition = {"If-Match": etag(call)}
    assert [call("DELETE", ARJAY, headers=condition)["statusCode"] for _ in range(2)] == [204, 404]


@pytest.mark.parametrize(
    "name", ["Jose\u0301", "👨\u200d🏫", "a\u200eb", "\uff21", " x ", "\ufffe", "\U0010ffff", "\ufb01"]
)
def test_a_text_comes_back_as_it_was_given(call: Any, name: str) -> None:
    call("PUT", NOBODY, body=json.dumps({"full_name": name, "attributes": {name: [name]}}))
    read = json.loads(call("GET", NOBODY)["body"])
    assert (read["full_name"], read["attributes"]) == (name, {name: [name]})


@pytest.mark.parametrize(
    ("method", "name", "value", "status"),
    [
        ("PUT", "If-Match", CURRENT, 200),
        ("PUT", "if-match", f'"x,y", {CURRENT},', 200),
        ("PUT", "If-Match", "*", 200),
        ("PUT", "If-None-Match", '"x"', 200),
        ("DELETE", "If-Match", CURRENT, 204),
        ("DELETE", "If-None-Match", 'W/"x"', 204),
        ("GET", "If-Match", CURRENT, 200),
        ("GET", "If-None-Match", '"x"', 200),
        ("GET", "If-None-Match", CURRENT, 304),
        ("GET", "if-none-match", f'"x", W/{CURRENT}', 304),
        ("GET", "If-None-Match", "*", 304),
    ],
)
def test_a_condition_that_holds_lets_the_request_through(
    call: Any, method: str, name: str, value: str, status: int
) -> None:
    current = etag(call)
    body = json.dumps({"full_name": "Another"}) if method == "PUT" else None
    response = call(method, ARJAY, body=body, headers={name: value.replace(CURRENT, current)})
    assert response["statusCode"] == status
    if status == 304:
        assert response["body"] == ""
        assert response["headers"]["ETag"] == current


def test_a_profile_is_created_where_none_is_to_be_replaced(call: Any) -> None:
    assert call("PUT", NOBODY, body=BODY, headers={"If-None-Match": "*"})["statusCode"] == 201


@pytest.mark.parametrize(
    "declared",
    [
        "application/json",
        "Application/JSON; charset=UTF-8",
        'application/json;charset="utf-8"',
        "application/json; charset=utf8",
        'application/json; charset="utf\\-8"',
        "application/json; version=1",
        "application/json ; odata.metadata=minimal ;charset=utf-8;",
        'application/json; note="a; charset=latin-1, b"',
        "\tapplication/json;; ",
    ],
)
def test_json_is_accepted_however_it_is_declared(call: Any, declared: str) -> None:
    assert call("PUT", NOBODY, body=BODY, headers={"Content-Type": declared})["statusCode"] == 201


@pytest.mark.parametrize("coding", ["", "identity", "Identity", "identity, identity", " , identity"])
def test_a_body_that_is_not_coded_is_accepted_however_that_is_said(call: Any, coding: str) -> None:
    assert call("PUT", NOBODY, body=BODY, headers={"Content-Encoding": coding})["statusCode"] == 201


def test_a_refused_media_type_or_coding_is_answered_with_the_one_to_send(call: Any) -> None:
    text = call("PUT", ARJAY, body=BODY, headers={"Content-Type": "text/plain"})
    coded = call("PUT", ARJAY, body=BODY, headers={"Content-Encoding": "gzip"})
    assert text["headers"]["Accept"] == "application/json"
    assert coded["headers"]["Accept-Encoding"] == "identity"
    assert "Content-Encoding" in json.loads(coded["body"])["detail"]


def test_lines_of_one_header_are_one_list(memory: "Memory", event_of: "EventOf") -> None:
    event = event_of("PUT", body=BODY)
    event["multiValueHeaders"] |= {"Content-Encoding": ["identity"], "content-encoding": ["gzip"]}
    assert respond(event, lambda: memory)["statusCode"] == 415
    event["multiValueHeaders"] |= {"content-encoding": ["identity", ""]}
    assert respond(event, lambda: memory)["statusCode"] == 201


def test_a_body_in_base64_is_the_body(memory: "Memory", event_of: "EventOf") -> None:
    event = event_of("PUT", body=base64.b64encode(BODY.encode()).decode()) | {"isBase64Encoded": True}
    assert respond(event, lambda: memory)["statusCode"] == 201
    assert respond(event | {"body": "{"}, lambda: memory)["statusCode"] == 400
    rubbish = respond(event | {"body": base64.b64encode(BODY.encode()).decode() + "!"}, lambda: memory)
    assert rubbish["statusCode"] == 400
    assert "not the base64 it is declared to be" in rubbish["body"]
    latin = event | {"body": base64.b64encode('{"full_name": "José"}'.encode("latin-1")).decode()}
    assert "is not UTF-8 at byte 18" in respond(latin, lambda: memory)["body"]


class Broken:
    """A store that cannot be had."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __call__(self) -> versions.Store:
        raise self.error


def logged(capsys: pytest.CaptureFixture[str]) -> list[dict[str, str]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_an_unavailable_store_is_503_to_be_tried_again(event_of: "EventOf", capsys: pytest.CaptureFixture[str]) -> None:
    response = respond(event_of(), Broken(UnavailableError("GetItem: ThrottlingException: slow down")))
    assert (response["statusCode"], response["headers"]["Retry-After"]) == (503, "2")
    assert json.loads(response["body"])["type"] == "urn:otto:problem:temporarily-unavailable"
    (line,) = logged(capsys)
    assert (line["level"], line["request_id"], line["client_id"]) == ("WARNING", REQUEST_ID, CLIENT)
    assert line["cause"] == "GetItem: ThrottlingException: slow down"


def test_other_writers_winning_always_is_409(call: Any, memory: "Memory") -> None:
    def another_writes() -> None:
        hook, memory.before_write = memory.before_write, lambda: None
        version = json.loads(call("GET", ARJAY)["body"])["version"]
        call("PUT", ARJAY, body=json.dumps({"full_name": f"Another {version}"}))
        memory.before_write = hook

    memory.before_write = another_writes
    response = call("PUT", ARJAY, body=json.dumps({"full_name": "Late"}))
    assert response["statusCode"] == 409
    assert json.loads(response["body"])["type"] == "urn:otto:problem:write-conflict"


@pytest.mark.parametrize("error", [StoreError("GetItem: AccessDeniedException: no"), ValueError(f"broke at {ARJAY}")])
def test_a_fault_is_a_500_that_tells_only_the_log(
    event_of: "EventOf", capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    response = respond(event_of(), Broken(error))
    document = json.loads(response["body"])
    assert (response["statusCode"], document["type"]) == (500, "urn:otto:problem:internal-error")
    assert (document["request_id"], document["detail"]) == (REQUEST_ID, problem.FAULT.detail)
    assert str(error) not in response["body"]
    (line,) = logged(capsys)
    assert (line["level"], line["request_id"], line["client_id"]) == ("ERROR", REQUEST_ID, CLIENT)
    assert type(error).__name__ in line["stack"]
    assert "in respond" in line["stack"]
    assert line["cause"] == (str(error) if isinstance(error, ProfileError) else "")


def test_a_fault_is_written_once(event_of: "EventOf", capsys: pytest.CaptureFixture[str]) -> None:
    """Lambda puts a handler of its own on the root logger, whose line would be the second."""
    lines: list[logging.LogRecord] = []
    root = logging.Handler()
    root.emit = lines.append  # type: ignore[assignment,method-assign]
    logging.getLogger().addHandler(root)
    try:
        respond(event_of(), Broken(ValueError()))
    finally:
        logging.getLogger().removeHandler(root)
    assert len(logged(capsys)) == 1
    assert lines == []


def test_faults_of_one_profile_are_told_from_those_of_another(
    event_of: "EventOf", capsys: pytest.CaptureFixture[str]
) -> None:
    for uri in (ARJAY, f"{ARJAY}/", NOBODY):
        respond(event_of(uri=uri), Broken(ValueError()))
    one, same, other = (line["profile"] for line in logged(capsys))
    assert one == same != other
    assert one
    assert other


def test_no_log_line_holds_the_uri_a_token_or_a_header(event_of: "EventOf", capsys: pytest.CaptureFixture[str]) -> None:
    event = event_of(uri="http://uk.linkedin.com/in/ArjayNacion")
    token = event["headers"]["Authorization"].removeprefix("Bearer ")

    def leaks(text: str) -> list[str]:
        return [secret for secret in ("arjaynacion", token.lower(), "curl/") if secret in text.lower()]

    respond(event, Broken(ValueError(f"broke at {ARJAY} with {token}")))
    output = capsys.readouterr().out
    assert leaks(output) == []
    assert leaks(f"{output} {ARJAY} {token}") == ["arjaynacion", token.lower()]
    first = json.loads(output)["profile"]
    respond(event_of(uri=ARJAY), Broken(ValueError()))
    assert [line["profile"] for line in logged(capsys)] == [first]


@pytest.mark.parametrize("broken", [{}, {"requestContext": None}, {"requestContext": {"authorizer": {"claims": {}}}}])
def test_an_event_without_an_authorizers_claims_reaches_nothing(
    memory: "Memory", capsys: pytest.CaptureFixture[str], broken: dict[str, Any]
) -> None:
    assert respond(broken, lambda: memory)["statusCode"] == 500
    assert "RuntimeError" in logged(capsys)[0]["stack"]


def test_an_event_with_nothing_optional_is_a_400(memory: "Memory", event_of: "EventOf") -> None:
    event = event_of(uri=None) | {"headers": None, "multiValueHeaders": None}
    assert respond(event, lambda: memory)["statusCode"] == 400
    assert respond(event_of("PUT") | {"multiValueHeaders": None}, lambda: memory)["statusCode"] == 415


@pytest.mark.parametrize(("variables", "made"), [({"AWS_LAMBDA_FUNCTION_NAME": "profiles"}, True), ({}, False)])
def test_the_client_is_made_while_lambda_loads_the_function_and_not_on_import_elsewhere(
    variables: dict[str, str], made: bool
) -> None:
    program = """
import gc, json
from lambdas.profiles import handler
print(json.dumps([handler._table.cache_info().currsize > 0, gc.get_freeze_count() > 0, gc.isenabled()]))
"""
    environment = cloud.isolated("http://127.0.0.1:9") | {"TABLE_NAME": "profiles"} | variables
    loaded = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(loaded.stdout) == [made, made, True]
