"""The profiles API through HTTP: what its callers rely on. Who is turned away is in tests/local/attacks."""

import gzip
import json
import uuid
from typing import Any

import pytest
import urllib3

from stacks.registry.own import SMOKE
from tests.instructions import commands, run
from tests.local.platform.deployed import READ, Answer, Platform

CONTENT = {"full_name": "Ada Sample", "headline": "Engineer", "attributes": {"years": 12, "ratio": 0.25}}


def test_a_profile_is_written_read_changed_and_deleted(platform: Platform, uri: str) -> None:
    assert platform.call("GET", uri).status == 404
    created = platform.call("PUT", uri, json=CONTENT)
    assert created.status == 201
    assert created.json()["updated_by"] == platform.credentials(SMOKE)["client_id"]
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
    token = platform.token(scope=READ)
    sample = "https://www.linkedin.com/in/arjaynacion"
    assert platform.call("GET", sample, token=token).status == 200
    assert platform.call("PUT", sample, token=token, json=CONTENT).status == 401
    assert platform.call("DELETE", sample, token=token).status == 401


JSON = {"Content-Type": "application/json"}


def raw(platform: Platform, method: str, query: str, **options: Any) -> Answer:
    """A call whose parameter is written exactly so."""
    headers = {"Authorization": f"Bearer {platform.token()}"} | options.pop("headers", {})
    return urllib3.request(method, f"{platform.parameter('profiles-api-url')}?uri={query}", headers=headers, **options)


@pytest.mark.parametrize("one", ["%E9", "%E8", "%25E9", "%EF%BF%BD", "%25EF%25BF%25BD", "%C0%AF", "%25ED%25A0%2580"])
def test_an_address_that_is_not_utf_8_is_nobodys(platform: Platform, one: str) -> None:
    for method in ("GET", "PUT", "DELETE"):
        body = {"body": b'{"full_name": "First"}', "headers": JSON} if method == "PUT" else {}
        answer = raw(platform, method, f"https://www.linkedin.com/in/jos{one}-lima", **body)
        assert (answer.status, answer.json()["errors"][0]["parameter"]) == (400, "uri")
        assert "UTF-8" in answer.json()["errors"][0]["detail"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b'{"full_name": "Jos\xe9"}', "#/full_name"),
        (b'{"full_name": "x", "attributes": {"a": [{"b": "\xed\xa0\x80"}]}}', "#/attributes/a/0/b"),
        (b'{"full_name": "x", "attributes": {"\xff": 1}}', "#/attributes/%EF%BF%BD"),
        (b'{"full_name": "\\ufffd"}', "#/full_name"),
        (b'{"full_name": "\\ud800"}', "#/full_name"),
        (b'\xef\xbb\xbf{"full_name": "x"}', "#"),
        ('{"full_name": "x"}'.encode("utf-16"), "#"),
        (b'{"full_name": "x", "attributes": {"a": 1e-400}}', "#"),
        (b'{"full_name": "x", "attributes": {"a": 1e400}}', "#"),
        (b'{"full_name": "\\u200b\\u3164"}', "#/full_name"),
    ],
)
def test_a_body_that_would_not_come_back_is_refused(platform: Platform, uri: str, body: bytes, pointer: str) -> None:
    answer = platform.call("PUT", uri, body=body, headers=JSON)
    assert (answer.status, answer.json()["errors"][0]["pointer"]) == (400, pointer)
    assert platform.call("GET", uri).status == 404


def test_what_was_given_comes_back_to_the_letter(platform: Platform, uri: str) -> None:
    attributes = '{"n":[1.10,1e5,-0,5e-324,9007199254740993],"\u200b":"e\u0301\ufffe","é":"é"}'
    body = f'{{"full_name": "Jose\u0301 👨\u200d🏫", "attributes": {attributes}}}'.encode()
    assert platform.call("PUT", uri, body=body, headers=JSON).status == 201
    assert f'"attributes":{attributes}' in platform.call("GET", uri).data.decode()
    changed = platform.call("PUT", uri, body=body.replace(b"1.10", b"1.1"), headers=JSON)
    assert changed.json()["version"] == 2


@pytest.mark.parametrize(
    "slug", ["{}-👨\u200d🏫", "\u200b{}", "\u200e-{}", "\u00a0{}", "o\u2019{}", "می\u200c{}", "ACoAAB{}_-Xy"]
)
def test_an_address_that_linkedin_gives_is_a_profile_of_its_own(platform: Platform, slug: str) -> None:
    name = uuid.uuid4().hex
    uri, plain = (f"https://www.linkedin.com/in/{each}" for each in (slug.format(name), name))
    assert platform.call("PUT", uri, json=CONTENT).status == 201
    assert platform.call("GET", plain).status == 404
    assert platform.call("GET", uri).status == 200


def test_member_ids_that_differ_in_case_are_two_people(platform: Platform) -> None:
    id_ = f"ACoAAB{uuid.uuid4().hex}"
    one, other = (f"https://www.linkedin.com/in/{each}" for each in (f"{id_}xY", f"{id_}Xy"))
    for uri in (one, other):
        answer = platform.call("PUT", uri, json=CONTENT)
        assert (answer.status, answer.json()["uri"]) == (201, uri)


@pytest.fixture
def table(platform: Platform) -> str:
    stack = platform.emulator.client("cloudformation").describe_stack_resources(StackName="otto-dev-profiles")
    [name] = [
        each["PhysicalResourceId"]
        for each in stack["StackResources"]
        if each["ResourceType"].startswith("AWS::DynamoDB")
    ]
    return str(name)


def test_what_was_kept_under_a_former_key_is_found_moved_and_removed(platform: Platform, table: str, uri: str) -> None:
    member = f"https://www.linkedin.com/in/ACoAAB{uuid.uuid4().hex}xY"
    assert platform.call("PUT", uri, json=CONTENT).status == 201
    database = platform.emulator.client("dynamodb")
    item = database.get_item(TableName=table, Key={"uri": {"S": uri}})["Item"]
    database.put_item(TableName=table, Item=item | {"uri": {"S": member.lower()}})
    read = platform.call("GET", member)
    assert (read.status, read.json()["uri"]) == (200, member)
    changed = platform.call("PUT", member, json=CONTENT | {"company": "X"}, headers={"If-Match": read.headers["ETag"]})
    assert (changed.status, changed.json()["version"]) == (200, 2)
    assert platform.call("GET", member).json()["company"] == "X"
    assert platform.call("DELETE", member).status == 204
    assert [platform.call("GET", each).status for each in (member, member.lower())] == [404, 404]


def test_the_shown_command_finds_what_no_address_leads_to(platform: Platform, table: str, uri: str) -> None:
    lost = f"{uri}%EF%BF%BD"
    platform.emulator.client("dynamodb").put_item(TableName=table, Item={"uri": {"S": lost}})
    [scan] = commands("decisions/addresses-as-keys.md", "scan", table=table)
    assert run(platform.emulator.client("dynamodb"), scan)["Items"] == [{"uri": {"S": lost}}]
    platform.emulator.client("dynamodb").delete_item(TableName=table, Key={"uri": {"S": lost}})


@pytest.mark.parametrize("tail", ["/de", "/en-us/", "/EN-US?x#y"])
@pytest.mark.parametrize("front", ["https://www.linkedin.com:443", "http://m.linkedin.com:80/mwlite"])
def test_the_site_s_own_ways_to_write_an_address_are_one(platform: Platform, uri: str, front: str, tail: str) -> None:
    platform.call("PUT", uri, json=CONTENT)
    answer = platform.call("GET", f"{front}/in/{uri.rsplit('/', 1)[1]}{tail}")
    assert (answer.status, answer.json()["uri"]) == (200, uri)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "application/json; charset=utf8"}, 201),
        ({"Content-Type": 'Application/JSON; version=1; note="a;b,c"'}, 201),
        (JSON | {"Content-Encoding": "identity"}, 201),
        ({"Content-Type": "application/json; charset=latin-1"}, 415),
        ({"Content-Type": "application/jsonp"}, 415),
        (JSON | {"Content-Encoding": "gzip"}, 415),
    ],
)
def test_a_body_is_what_its_headers_say(platform: Platform, uri: str, headers: dict[str, str], status: int) -> None:
    body = json.dumps(CONTENT).encode()
    body = gzip.compress(body) if headers.get("Content-Encoding") == "gzip" else body
    assert platform.call("PUT", uri, body=body, headers=headers).status == status


@pytest.mark.parametrize("condition", [{"If-Match": '"x"'}, {"If-Match": "*"}, {"If-None-Match": "*"}])
def test_a_condition_says_nothing_of_what_is_not_there(platform: Platform, uri: str, condition: dict[str, str]) -> None:
    answers = {method: platform.call(method, uri, headers=condition).status for method in ("GET", "HEAD", "DELETE")}
    assert set(answers.values()) == {404}
    assert platform.call("PUT", uri, json=CONTENT, headers=condition).status == (
        412 if "If-Match" in condition else 201
    )


def test_a_write_whose_answer_was_lost_is_not_a_conflict_with_itself(platform: Platform, uri: str) -> None:
    made = [platform.call("PUT", uri, json=CONTENT, headers={"If-None-Match": "*"}) for _ in range(2)]
    assert [answer.status for answer in made] == [201, 412]
    assert "read it again" in made[1].json()["detail"]
    condition = {"If-Match": made[0].headers["ETag"]}
    first, again = (platform.call("PUT", uri, json=CONTENT | {"company": "X"}, headers=condition) for _ in range(2))
    assert (first.status, first.json()["version"]) == (200, 2)
    assert (again.status, again.data, again.headers["ETag"]) == (200, first.data, first.headers["ETag"])
    condition = {"If-Match": first.headers["ETag"]}
    assert [platform.call("DELETE", uri, headers=condition).status for _ in range(2)] == [204, 404]


def test_head_is_get_without_its_content(platform: Platform, uri: str) -> None:
    etag = platform.call("PUT", uri, json=CONTENT).headers["ETag"]
    head, get = (platform.call(method, uri) for method in ("HEAD", "GET"))
    for name in ("ETag", "Cache-Control", "Content-Type", "X-Content-Type-Options"):
        assert head.headers[name] == get.headers[name]
    assert (head.status, head.data) == (200, b"")
    assert platform.call("HEAD", uri, headers={"If-None-Match": etag}).status == 304
    assert platform.call("HEAD", uri, token="").status == 401
    assert platform.call("HEAD", uri, token=platform.token(scope=READ)).status == 200
