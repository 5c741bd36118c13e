"""The OpenAPI document of the deployed API: what is committed is what its stage exports, and its answers keep to it."""

import json
from hashlib import sha256
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from local import openapi
from tests.local.platform.deployed import Platform

CHECKS: list[schemathesis.CheckFunction] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
KNOWN = [f"https://www.linkedin.com/in/schema-{number}" for number in range(8)]


@pytest.fixture(scope="session")
def document(platform: Platform) -> dict[str, Any]:
    return openapi.export(platform.emulator)


def loaded(document: dict[str, Any]) -> schemathesis.BaseSchema:
    schema = schemathesis.openapi.from_dict(document)

    @schema.hook
    def map_query(_context: Any, query: Any) -> Any:
        """API Gateway cannot say what a `uri` looks like: half of them become one of a few, so that calls meet."""
        written = query.get("uri") if isinstance(query, dict) else None
        digest = sha256(repr(written).encode()).hexdigest()
        if written is not None and digest[0] in "01234567":
            query["uri"] = KNOWN[int(digest[1], 16) % len(KNOWN)]
        return query

    return schema


def test_the_committed_document_is_the_stages_export(document: dict[str, Any]) -> None:
    assert openapi.DOCUMENT.read_text(encoding="utf-8") == openapi.render(document), (
        "docs/openapi.json is stale: run `make up openapi` and commit it"
    )


def test_the_document_names_no_deployment(platform: Platform) -> None:
    text = openapi.DOCUMENT.read_text(encoding="utf-8")
    assert [word for word in ("execute-api", "127.0.0.1", str(platform.emulator.port)) if word in text] == []


@pytest.mark.parametrize(("method", "success"), [("GET", 200), ("HEAD", 200), ("PUT", 201), ("DELETE", 204)])
def test_every_answer_is_a_documented_one(
    platform: Platform, document: dict[str, Any], method: str, success: int
) -> None:
    url, token = platform.parameter("profiles-api-url").removesuffix("/profiles"), platform.token()
    for uri in KNOWN:
        platform.call("DELETE" if method == "PUT" else "PUT", uri, token=token, json={"full_name": "Ada Sample"})
    statuses = set()
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {token}"

        @settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        @given(case=loaded(document)["/profiles"][method].as_strategy())
        def attack(case: schemathesis.Case[Any]) -> None:
            statuses.add(case.call_and_validate(base_url=url, session=session, checks=CHECKS).status_code)

        attack()
    # The calls reach what the method is for, and not one kind of refusal only.
    assert {success, 400} <= statuses


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (500, {"Content-Type": "application/problem+json"}, {"type": "x", "title": "x", "status": 500}),
        (418, {"Content-Type": "application/problem+json"}, {"type": "x", "title": "x", "status": 418}),
        (200, {"Content-Type": "text/html"}, {}),
        (200, {"Content-Type": "application/json", "ETag": '"x"', "Cache-Control": "no-cache"}, {"uri": 1}),
    ],
    ids=["a server error", "an undocumented status", "another media type", "not of its schema"],
)
def test_a_planted_answer_is_found(
    document: dict[str, Any], status: int, headers: dict[str, str], body: dict[str, Any]
) -> None:
    case = loaded(document)["/profiles"]["GET"].Case(query={"uri": "x"})
    planted = schemathesis.Response(
        status_code=status,
        headers={name: [value] for name, value in headers.items()},
        content=json.dumps(body).encode(),
        request=requests.Request("GET", "http://127.0.0.1/profiles").prepare(),
        elapsed=0,
        verify=True,
    )
    with pytest.raises((Failure, FailureGroup)):
        case.validate_response(planted, checks=CHECKS)
