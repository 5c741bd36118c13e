"""The store against a real table on the emulator: what is written is what is read, and of racing writers one wins."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from lambdas.profiles import handler
from lambdas.profiles.errors import ConditionError, SupersededError
from lambdas.profiles.profile import Content, Number, Profile, draft
from lambdas.profiles.store import Table, connect
from lambdas.profiles.versions import Condition, Revisions, Store, read, remove, write

URI = "https://www.linkedin.com/in/arjaynacion"
ALWAYS = Condition()


def content(name: str, **fields: Any) -> Content:
    return draft(URI, {"full_name": name, **fields})


def profile(name: str, version: int = 1) -> Profile:
    return Profile(content=content(name), version=version, revision=name, updated_at="now", updated_by="importer")


@pytest.fixture
def table(profiles_table: str) -> Table:
    return connect(profiles_table)


class Together:
    """Lets nobody write before everybody has read, so that a race is run every time and not only with luck."""

    def __init__(self, table: Table, writers: int) -> None:
        self.put, self.delete = table.put, table.delete
        self._table, self._barrier = table, Barrier(writers, timeout=30)

    def get(self, uri: str) -> Profile | None:
        found = self._table.get(uri)
        self._barrier.wait()
        return found


def race(table: Table, calls: list[Callable[[Store], Any]]) -> list[Any]:
    together = Together(table, len(calls))

    def outcome(call: Callable[[Store], Any]) -> Any:
        try:
            return call(together)
        except ConditionError as error:
            return error

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(outcome, calls))


def test_what_is_written_is_what_is_read(table: Table) -> None:
    attributes = {
        "numbers": [Number(text) for text in ("1.10", "1" + "0" * 50, "1e300", "-0")],
        "others": [True, None, "", "🦄\n", {}, [], {"": {"#revision": ":revision"}}],
    }
    whole = content("José", headline="h", company="c", location="l", attributes=attributes)
    written, created = write(table, whole, ALWAYS, author="importer")
    found = table.get(URI)
    assert created
    assert found == written
    assert found.content.attributes["numbers"] == attributes["numbers"]
    bare, _ = write(table, content("José"), ALWAYS, author="importer")
    assert table.get(URI) == bare


def test_nothing_is_read_where_nothing_is(table: Table) -> None:
    assert table.get(URI) is None


def test_the_largest_body_fits_an_item(table: Table) -> None:
    large = content("x", attributes={"a": [Number("1e5")] * (64 * 1024 // 4)})
    written, _ = write(table, large, ALWAYS, author="importer")
    assert table.get(URI) == written


@pytest.mark.parametrize("present", [None, "present"])
@pytest.mark.parametrize("expected", [None, "expected"])
def test_a_write_on_a_state_that_is_not_there_is_refused_with_what_is(
    table: Table, present: str | None, expected: str | None
) -> None:
    current = profile(present) if present else None
    if current:
        table.put(current, replacing=None)
    if current or expected:
        with pytest.raises(SupersededError) as refused:
            table.put(profile("new"), replacing=profile(expected) if expected else None)
        assert refused.value.current == current
    assert table.get(URI) == current


def test_a_removal_of_a_state_that_is_not_there_is_refused_unless_nothing_is(table: Table) -> None:
    table.put(profile("present"), replacing=None)
    with pytest.raises(SupersededError) as refused:
        table.delete(profile("expected"))
    assert refused.value.current == profile("present")
    table.delete(profile("present"))
    table.delete(profile("present"))
    assert table.get(URI) is None


def test_of_two_writers_with_the_same_etag_exactly_one_wins(table: Table) -> None:
    first, _ = write(table, content("first"), ALWAYS, author="importer")
    condition = Condition(only_if=Revisions(frozenset({first.revision})))
    outcomes = race(
        table,
        [lambda store, name=name: write(store, content(name), condition, author=name) for name in ("a", "b")],  # type: ignore[misc]
    )
    losers = [outcome for outcome in outcomes if isinstance(outcome, ConditionError)]
    ((winner, _),) = [outcome for outcome in outcomes if outcome not in losers]
    assert len(losers) == 1
    assert winner.version == 2
    assert table.get(URI) == winner


def test_of_two_creators_who_would_replace_nothing_exactly_one_wins(table: Table) -> None:
    condition = Condition(unless=Revisions(any=True))
    outcomes = race(
        table,
        [lambda store, name=name: write(store, content(name), condition, author=name) for name in ("a", "b")],  # type: ignore[misc]
    )
    assert sum(isinstance(outcome, ConditionError) for outcome in outcomes) == 1


def test_of_a_writer_and_a_remover_with_the_same_etag_exactly_one_wins(table: Table) -> None:
    first, _ = write(table, content("first"), ALWAYS, author="importer")
    condition = Condition(only_if=Revisions(frozenset({first.revision})))
    outcomes = race(
        table,
        [
            lambda store: write(store, content("a"), condition, author="a"),
            lambda store: remove(store, URI, condition),
        ],
    )
    assert sum(isinstance(outcome, ConditionError) for outcome in outcomes) == 1


def test_unconditional_racing_writers_make_consecutive_versions(table: Table) -> None:
    names = ("a", "b", "c", "d")
    outcomes = race(
        table,
        [lambda store, name=name: write(store, content(name), ALWAYS, author=name) for name in names],  # type: ignore[misc]
    )
    assert sorted(written.version for written, _ in outcomes) == [1, 2, 3, 4]
    assert sum(created for _, created in outcomes) == 1
    last = max((written for written, _ in outcomes), key=lambda written: int(written.version))
    assert read(table, URI) == last


def test_the_function_itself_answers_from_the_table_it_is_given(
    profiles_table: str, monkeypatch: pytest.MonkeyPatch, event_of: Callable[..., dict[str, Any]]
) -> None:
    monkeypatch.setenv("TABLE_NAME", profiles_table)
    handler._table.cache_clear()
    assert handler.handle(event_of("PUT", URI, body='{"full_name": "Arjay"}'), None)["statusCode"] == 201
    response = handler.handle(event_of("GET", URI), None)
    assert response["statusCode"] == 200
    assert (
        handler.handle(event_of("GET", URI, headers={"If-None-Match": response["headers"]["ETag"]}), None)["statusCode"]
        == 304
    )
    assert handler._table() is handler._table()
    handler._table.cache_clear()
