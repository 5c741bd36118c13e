"""No write is lost: whoever writes on a state that has passed is told, or tries again on the present one."""

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from lambdas.profiles import versions
from lambdas.profiles.errors import ConditionError, ContendedError, NotFoundError, UnavailableError
from lambdas.profiles.profile import Content, draft
from lambdas.profiles.versions import Condition, Revisions, read, remove, write

if TYPE_CHECKING:
    from tests.lambdas.profiles.conftest import Memory

URI = "https://www.linkedin.com/in/arjaynacion"
ALWAYS = Condition()


def content(name: str) -> Content:
    return draft(URI, {"full_name": name})


def test_versions_count_from_one_and_every_revision_is_new(memory: "Memory") -> None:
    written = [write(memory, content(name), ALWAYS, author="importer") for name in ("a", "b", "a")]
    assert [(profile.version, created) for profile, created in written] == [(1, True), (2, False), (3, False)]
    assert len({profile.revision for profile, _ in written}) == 3


def test_the_same_content_again_makes_no_version_whoever_writes_it(memory: "Memory") -> None:
    first, _ = write(memory, content("a"), ALWAYS, author="importer")
    assert write(memory, content("a"), ALWAYS, author="enricher") == (first, False)


@pytest.mark.parametrize("author", ["importer", "enricher"])
def test_only_who_wrote_it_is_answered_again(memory: "Memory", author: str) -> None:
    first, _ = write(memory, content("a"), ALWAYS, author="importer")
    seen = Condition(only_if=Revisions(frozenset({first.revision})))
    second, _ = write(memory, content("b"), seen, author="importer")
    if author == "importer":
        assert write(memory, content("b"), seen, author=author) == (second, False)
    else:
        with pytest.raises(ConditionError):
            write(memory, content("b"), seen, author=author)


def test_a_profile_made_anew_is_at_no_revision_of_the_removed_one(memory: "Memory") -> None:
    first, _ = write(memory, content("a"), ALWAYS, author="importer")
    remove(memory, URI, ALWAYS)
    again, created = write(memory, content("a"), ALWAYS, author="importer")
    assert created
    with pytest.raises(ConditionError):
        write(memory, content("b"), Condition(only_if=Revisions(frozenset({first.revision}))), author="importer")
    assert read(memory, URI) == again


def test_a_writer_who_comes_first_is_built_upon(memory: "Memory") -> None:
    def another_writes() -> None:
        memory.before_write = lambda: None
        write(memory, content("another"), ALWAYS, author="another")

    memory.before_write = another_writes
    assert write(memory, content("a"), ALWAYS, author="importer")[0].version == 2


def test_a_removal_that_is_overtaken_by_another_finds_nothing(memory: "Memory") -> None:
    first, _ = write(memory, content("a"), ALWAYS, author="importer")

    def another_removes() -> None:
        memory.before_write = lambda: None
        remove(memory, URI, ALWAYS)

    memory.before_write = another_removes
    with pytest.raises(NotFoundError):
        remove(memory, URI, Condition(only_if=Revisions(frozenset({first.revision}))))


@pytest.mark.parametrize("remake", [False, True])
def test_a_conditional_write_that_is_overtaken_is_refused(memory: "Memory", remake: bool) -> None:
    first, _ = write(memory, content("a"), ALWAYS, author="importer")

    def another_writes() -> None:
        memory.before_write = lambda: None
        remove(memory, URI, ALWAYS)
        if remake:
            write(memory, content("a"), ALWAYS, author="another")

    memory.before_write = another_writes
    with pytest.raises(ConditionError):
        write(memory, content("b"), Condition(only_if=Revisions(frozenset({first.revision}))), author="importer")


@pytest.mark.parametrize("call", ["write", "remove"])
def test_a_call_that_always_comes_second_gives_up_and_leaves_the_others_writes(memory: "Memory", call: str) -> None:
    write(memory, content("a"), ALWAYS, author="importer")

    def another_writes() -> None:
        hook, memory.before_write = memory.before_write, lambda: None
        write(memory, content(f"another {read(memory, URI).version}"), ALWAYS, author="another")
        memory.before_write = hook

    memory.before_write = another_writes
    calls: dict[str, partial[Any]] = {
        "write": partial(write, content=content("b"), author="importer"),
        "remove": partial(remove, uri=URI),
    }
    with pytest.raises(ContendedError):
        calls[call](memory, condition=ALWAYS)
    assert read(memory, URI).version == 1 + versions.ATTEMPTS
    assert read(memory, URI).updated_by == "another"


def test_no_write_begins_after_the_time_for_it(memory: "Memory", monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, versions.SECONDS + 0.1])
    monkeypatch.setattr(versions, "monotonic", lambda: next(clock))
    with pytest.raises(UnavailableError):
        write(memory, content("a"), ALWAYS, author="importer")
    assert not memory.profiles


def test_what_is_not_there_cannot_be_read_or_removed(memory: "Memory") -> None:
    with pytest.raises(NotFoundError):
        read(memory, URI)
    with pytest.raises(NotFoundError):
        remove(memory, URI, ALWAYS)
    for condition in (Condition(only_if=Revisions(any=True)), Condition(unless=Revisions(any=True))):
        with pytest.raises(NotFoundError):
            remove(memory, URI, condition)
