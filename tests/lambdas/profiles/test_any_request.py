"""Whatever a caller sends as body and headers is answered, with a documented status, and never by a fault."""

import base64
import json
from typing import TYPE_CHECKING, Any

import jsonschema
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lambdas.profiles.handler import respond
from lambdas.profiles.profile import FIELDS, REQUIRED, TEXTS, Number
from stacks.profiles_contract import CONTRACTS
from tests.lambdas.profiles.conftest import Memory

if TYPE_CHECKING:
    from tests.lambdas.profiles.conftest import EventOf

anything = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
text = st.text(st.characters(codec=None))
scalars = st.none() | st.booleans() | st.integers() | st.floats() | text
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3), max_leaves=12
)
documents = st.dictionaries(st.sampled_from(FIELDS) | text, values, max_size=6)
profiles = st.fixed_dictionaries(
    {"full_name": st.sampled_from(["Ada", "José 🦄"]) | text},
    optional={
        **{name: text | st.none() for name in TEXTS if name != REQUIRED},
        "attributes": st.dictionaries(text, values, max_size=4),
    },
)
bodies = st.none() | text | st.binary().map(lambda data: data.decode("latin-1")) | documents.map(json.dumps)
bodies |= profiles.map(json.dumps) | values.map(json.dumps)
tags = st.sampled_from(["*", '"x"', 'W/"x"', "", ",", '"', '"x", *', "W/", '"a" "b"']) | text
names = st.sampled_from(["If-Match", "if-match", "IF-NONE-MATCH", "Content-Type", "content-type", "X"])
media_types = st.sampled_from(["application/json", "application/json; charset=utf-8", "text/plain", ";"]) | text
headers = st.dictionaries(names, st.lists(tags | media_types, max_size=3), max_size=5)


@anything
@given(
    method=st.sampled_from([*CONTRACTS]),
    body=bodies,
    sent=headers,
    uri=st.sampled_from(["https://www.linkedin.com/in/ada", ["https://linkedin.com/in/ada"] * 2, "x", None]),
    encoded=st.booleans(),
    lacking=st.sets(st.sampled_from(["headers", "multiValueHeaders", "body", "isBase64Encoded"])),
)
@example(method="PUT", body="[" * 100_000, sent={}, uri="https://linkedin.com/in/ada", encoded=False, lacking=set())
@example(method="PUT", body='{"full_name": ' + "9" * 5000 + "}", sent={}, uri="x", encoded=False, lacking=set())
def test_every_request_has_a_documented_answer(
    event_of: "EventOf",
    method: str,
    body: str | None,
    sent: dict[str, list[str]],
    uri: Any,
    encoded: bool,
    lacking: set[str],
) -> None:
    memory = Memory()
    respond(event_of("PUT", body='{"full_name": "Ada"}', uri="https://linkedin.com/in/ada"), lambda: memory)
    event = event_of(method, uri, body=body)
    event["multiValueHeaders"] |= sent
    if encoded and body is not None:
        event["body"] = base64.b64encode(body.encode("utf-8", "surrogatepass")).decode()
    event["isBase64Encoded"] = encoded
    event |= dict.fromkeys(lacking)
    response = respond(event, lambda: memory)
    assert response["statusCode"] in CONTRACTS[method].answers
    assert response["statusCode"] < 500
    # What API Gateway can send: text that is UTF-8, and headers of one line.
    assert isinstance(response["body"].encode(), bytes)
    for value in response["headers"].values():
        assert value.isascii()
        assert value.isprintable()
    if response["statusCode"] >= 400 and method != "HEAD":
        assert json.loads(response["body"])["status"] == response["statusCode"]


@anything
@given(document=profiles)
def test_what_was_accepted_is_what_is_read(event_of: "EventOf", document: dict[str, Any]) -> None:
    memory = Memory()
    body = json.dumps(document)
    written = respond(event_of("PUT", body=body), lambda: memory)
    if written["statusCode"] != 201:
        assert written["statusCode"] == 400
        assert memory.profiles == {}
        return
    model = CONTRACTS["PUT"].body
    assert model is not None
    jsonschema.Draft4Validator(model.schema).validate(document)  # where the gateway checks bodies, it lets this through
    jsonschema.Draft4Validator(model.schema).validate(json.loads(written["body"]))  # and what is read go back
    read, sent = (
        json.loads(each, parse_float=Number, parse_int=Number)
        for each in (respond(event_of(), lambda: memory)["body"], body)
    )
    assert {name: read[name] for name in sent} == sent
