"""The profiles API through HTTP: what its callers rely on. Who is turned away is in tests/local/attacks."""

import pytest

from tests.local.platform.deployed import Platform

CONTENT = {"full_name": "Ada Sample", "headline": "Engineer", "attributes": {"years": 12, "ratio": 0.25}}


def test_a_profile_is_written_read_changed_and_deleted(platform: Platform, uri: str) -> None:
    assert platform.call("GET", uri).status == 404
    created = platform.call("PUT", uri, json=CONTENT)
    assert created.status == 201
    assert created.json()["updated_by"] == platform.credentials("generic")["client_id"]
    read = platform.call("GET", uri)
    assert (read.status, read.json(), read.headers["ETag"]) == (200, created.json(), created.headers["ETag"])
    assert {name: read.json()[name] for name in CONTENT} == CONTENT
    assert platform.call("GET", uri, headers={"If-None-Match": read.headers["ETag"]}).status == 304
    changed = platform.call("PUT", uri, json=CONTENT | {"company": "X"}, headers={"If-Match": read.headers["ETag"]})
    assert (changed.status, changed.json()["version"]) == (200, 2)
    assert platform.call("DELETE", uri).status == 204
    assert platform.call("GET", uri).status == 404


def test_a_write_on_a_state_that_has_passed_is_refused(platform: Platform, uri: str) -> None:
    first = platform.call("PUT", uri, json=CONTENT).headers["ETag"]
    platform.call("PUT", uri, json=CONTENT | {"company": "X"})
    stale = platform.call("PUT", uri, json=CONTENT | {"company": "Y"}, headers={"If-Match": first})
    assert (stale.status, stale.json()["type"]) == (412, "urn:otto:problem:precondition-failed")
    assert platform.call("PUT", uri, json=CONTENT, headers={"If-None-Match": "*"}).status == 412
    assert platform.call("GET", uri).json()["company"] == "X"


def test_the_many_ways_to_write_one_profile_are_one(platform: Platform, uri: str) -> None:
    platform.call("PUT", uri, json=CONTENT)
    slug = uri.rsplit("/", 1)[1]
    for spelling in (
        f"HTTP://uk.linkedin.com/in/{slug.upper()}/?utm_source=x#top",
        f"https://m.linkedin.com/in/{slug}",
    ):
        assert platform.call("GET", spelling).json()["uri"] == uri


@pytest.mark.parametrize(
    ("method", "change", "status"),
    [
        ("GET", {"uri": "https://example.com/in/x"}, 400),
        ("GET", {"uri": ""}, 400),
        ("PUT", {"json": {"full_name": ""}}, 400),
        ("PUT", {"body": b"{", "headers": {"Content-Type": "application/json"}}, 400),
        ("PUT", {"body": b"x", "headers": {"Content-Type": "text/plain"}}, 415),
        ("PUT", {"json": {"full_name": "x", "attributes": {"a": "x" * 70_000}}}, 413),
        ("DELETE", {}, 404),
    ],
)
def test_bad_input_is_a_problem_document(
    platform: Platform, uri: str, method: str, change: dict[str, str], status: int
) -> None:
    answer = platform.call(method, **({"uri": uri} | change))
    assert (answer.status, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["status"] == status


def test_a_reader_reads_and_cannot_write(platform: Platform) -> None:
    token = platform.token("lead-enricher")
    sample = "https://www.linkedin.com/in/arjaynacion"
    assert platform.call("GET", sample, token=token).status == 200
    assert platform.call("PUT", sample, token=token, json=CONTENT).status == 401
    assert platform.call("DELETE", sample, token=token).status == 401
