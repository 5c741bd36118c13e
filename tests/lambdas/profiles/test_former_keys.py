"""What was kept under a key of before is found, changed and removed under the present one."""

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from lambdas.profiles.former_keys import FormerKeys
from lambdas.profiles.handler import respond
from lambdas.profiles.profile import Profile, draft
from lambdas.profiles.profile_uri import former
from lambdas.profiles.versions import Condition, write

if TYPE_CHECKING:
    from tests.lambdas.profiles.conftest import EventOf, Memory

MEMBER = "https://www.linkedin.com/in/ACoAABCNSioBW3YZHc2lBHVG0E_TXYWitQkmwog"
FORMER = MEMBER.lower()
BODY = json.dumps({"full_name": "Ada"})


@pytest.fixture
def call(memory: "Memory", event_of: "EventOf") -> Any:
    """Sends one request to the service over a store that holds what was written when ids were made lower-case."""
    content = draft(FORMER, {"full_name": "Ada", "attributes": {}})
    kept = Profile(content=content, version=3, revision="old", updated_at="2026-01-01", updated_by="importer")
    memory.profiles[FORMER] = kept

    def send(method: str, uri: str = MEMBER, **parts: Any) -> Any:
        return respond(event_of(method, uri, **parts), lambda: memory)

    return send


def test_it_is_read_by_the_address_that_it_was_written_with(call: Any) -> None:
    read = call("GET")
    assert (read["statusCode"], read["headers"]["ETag"]) == (200, '"old"')
    assert json.loads(read["body"])["uri"] == MEMBER
    assert call("HEAD")["statusCode"] == 200
    assert call("GET", headers={"If-None-Match": '"old"'})["statusCode"] == 304


def test_the_next_write_is_under_the_present_key(call: Any, memory: "Memory") -> None:
    assert call("PUT", body=BODY)["statusCode"] == 200
    assert set(memory.profiles) == {FORMER}
    changed = call("PUT", body=json.dumps({"full_name": "Ada L."}), headers={"If-Match": '"old"'})
    assert (changed["statusCode"], json.loads(changed["body"])["version"]) == (200, 4)
    assert memory.profiles[MEMBER].content.full_name == "Ada L."
    assert json.loads(call("GET")["body"])["full_name"] == "Ada L."
    assert call("PUT", body=BODY, headers={"If-Match": changed["headers"]["ETag"]})["statusCode"] == 200
    assert memory.profiles[MEMBER].version == 5


@pytest.mark.parametrize("written", [False, True])
def test_a_removal_leaves_nothing_of_it(call: Any, memory: "Memory", written: bool) -> None:
    if written:
        call("PUT", body=json.dumps({"full_name": "Ada L."}))
    assert call("DELETE")["statusCode"] == 204
    assert memory.profiles == {}
    assert [call("GET")["statusCode"], call("DELETE")["statusCode"]] == [404, 404]
    assert call("PUT", body=BODY, headers={"If-None-Match": "*"})["statusCode"] == 201


def test_a_writer_who_comes_first_is_met(call: Any, memory: "Memory") -> None:
    def another_writes() -> None:
        memory.before_write = lambda: None
        call("PUT", body=json.dumps({"full_name": "Another"}))

    memory.before_write = another_writes
    late = json.dumps({"full_name": "Late"})
    assert call("PUT", body=late, headers={"If-Match": '"old"'})["statusCode"] == 412
    assert json.loads(call("PUT", body=late)["body"])["version"] == 5


def test_a_removal_that_comes_second_removes_what_is_there_then(call: Any, memory: "Memory") -> None:
    def another_changes_what_was_left() -> None:
        memory.before_write = lambda: None
        memory.profiles[FORMER] = replace(memory.profiles[FORMER], revision="newer")

    memory.before_write = another_changes_what_was_left
    assert call("DELETE", headers={"If-Match": '"old"'})["statusCode"] == 412
    memory.before_write = another_changes_what_was_left
    assert call("DELETE")["statusCode"] == 204
    assert memory.profiles == {}


def test_no_other_key_has_a_former_one(memory: "Memory") -> None:
    uri = "https://www.linkedin.com/in/Arjay"
    profile, _ = write(FormerKeys(memory), draft(uri, {"full_name": "x"}), Condition(), author="x")
    assert former(profile.content.uri) is None
    assert FormerKeys(memory).get(profile.content.uri) == profile
    assert former(FORMER) is None
