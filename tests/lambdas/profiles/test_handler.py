"""HTTP as callers see it: API Gateway's events in, status, headers and problem documents out."""

import base64
import json
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lambdas.profiles import handler, problem, versions
from lambdas.profiles.errors import ProfileError, StoreError, UnavailableError
from lambdas.profiles.handler import respond
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
        "repeated uri": {"uri": [ARJAY, ARJAY]},
        "no profile's uri": {"uri": "https://evil.com/in/x"},
        "no profile's uri, DELETE": {"method": "DELETE", "uri": "https://evil.com/in/x"},
        "no profile's uri, PUT": {"method": "PUT", "uri": "https://evil.com/in/x", "body": BODY},
        "no body": {"method": "PUT", "headers": {"Content-Type": "application/json"}},
        "no JSON": {"method": "PUT", "body": "{"},
        "no object": {"method": "PUT", "body": "[]"},
        "half a surrogate in the event": {"method": "PUT", "body": '"\ud800"'},
        "half a surrogate as a key": {"method": "PUT", "body": '{"\\ud800": 1}'},
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
    },
    (405, "method-not-allowed"): {
        "POST": {"method": "POST", "body": BODY},
        "HEAD": {"method": "HEAD"},
        "get": {"method": "get"},
    },
    (412, "precondition-failed"): {
        "stale PUT": {"method": "PUT", "body": BODY, "headers": {"If-Match": '"x"'}},
        "stale DELETE": {"method": "DELETE", "headers": {"If-Match": '"x", "y"'}},
        "stale GET": {"headers": {"If-Match": '"x"'}},
        "weak If-Match": {"method": "PUT", "body": BODY, "headers": {"If-Match": f"W/{CURRENT}"}},
        "PUT what is not there": {"method": "PUT", "uri": NOBODY, "body": BODY, "headers": {"If-Match": "*"}},
        "DELETE what is not there": {"method": "DELETE", "uri": NOBODY, "headers": {"If-Match": "*"}},
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
        {"detail": "is blank: write something", "pointer": "#/full_name"},
    ]
    response = call("PUT", ARJAY, body="{", headers={"If-Match": '"x"'})
    assert json.loads(response["body"])["errors"][0]["pointer"] == "#"
    response = call("DELETE", ARJAY, headers={"If-Match": "x"})
    assert json.loads(response["body"])["errors"][0]["header"] == "If-Match"


def test_a_method_that_is_not_there_is_answered_with_those_that_are(call: Any) -> None:
    assert call("PATCH")["headers"]["Allow"] == "GET, PUT, DELETE"
    assert set(handler.ROUTES) == set(problem.METHODS)


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
    numbers = '{"a":1.10,"b":123456789012345678901234567890123456789012345,"c":9007199254740993,"d":-0.0}'
    call("PUT", ARJAY, body=f'{{"full_name": "x", "attributes": {numbers}}}')
    body = call("GET", ARJAY)["body"]
    assert f'"attributes":{numbers}' in body
    assert json.loads(body, parse_float=Decimal)["attributes"]["a"] == Decimal("1.10")


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
    "declared", ["application/json", "Application/JSON; charset=UTF-8", 'application/json;charset="utf-8"']
)
def test_json_is_accepted_however_it_is_declared(call: Any, declared: str) -> None:
    assert call("PUT", NOBODY, body=BODY, headers={"Content-Type": declared})["statusCode"] == 201


def test_a_body_in_base64_is_the_body(memory: "Memory", event_of: "EventOf") -> None:
    event = event_of("PUT", body=base64.b64encode(BODY.encode()).decode()) | {"isBase64Encoded": True}
    assert respond(event, lambda: memory)["statusCode"] == 201
    assert respond(event | {"body": "{"}, lambda: memory)["statusCode"] == 400


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
    environment = cloud.environment("http://127.0.0.1:9") | {"TABLE_NAME": "profiles"} | variables
    loaded = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(loaded.stdout) == [made, made, True]
