"""docs/profiles-api.md is what the code's tables make of it, and names every one of their entries."""

import re
from collections.abc import Iterable

import pytest

from lambdas.profiles import json_text, preconditions, problem, profile, profile_uri, request
from lambdas.profiles.errors import InvalidError
from stacks.gateway_errors import ERRORS
from tools import profiles_api


def missing(page: str, texts: Iterable[str]) -> list[str]:
    shown = page.replace("&lt;", "<").replace("\\*", "*").replace("\\|", "|")
    return [text for text in texts if text not in shown]


def tables() -> Iterable[str]:
    yield from profile_uri.REFUSALS.values()
    yield from json_text.REASONS.values()
    yield from (text.replace("{{}}", "{}") for text in profile.FLAWS.values())
    yield from request.FLAWS.values()
    yield preconditions.GRAMMAR
    yield from (kind.detail for kind in (*problem.KINDS.values(), problem.FAULT))
    yield from (error.kind for error in ERRORS)
    yield from (f"U+{ord(character):04X} " for character in profile_uri.UNSEEN)


def test_the_committed_page_is_what_the_tables_make() -> None:
    assert profiles_api.PAGE.read_text(encoding="utf-8") == profiles_api.render(), (
        "run `make profiles-api` and commit it"
    )


def test_every_refusal_is_on_the_page() -> None:
    page = profiles_api.PAGE.read_text(encoding="utf-8")
    assert missing(page, tables()) == []
    assert missing(page.replace("names a port", ""), tables()) == [profile_uri.REFUSALS["port"]]


@pytest.mark.parametrize("written", profiles_api.REFUSED)
def test_what_is_shown_as_refused_is_refused(written: str) -> None:
    with pytest.raises(InvalidError):
        profile_uri.canonicalise(written)


def test_the_ways_to_write_one_address_are_one() -> None:
    assert len({profile_uri.canonicalise(written) for written in profiles_api.ONE}) == 1


def test_the_decisions_that_the_page_names_are_there() -> None:
    named = re.findall(r"\(([a-z./-]+\.(?:md|json))\)", profiles_api.PAGE.read_text(encoding="utf-8"))
    assert len(named) == 6
    assert [name for name in named if not (profiles_api.PAGE.parent / name).exists()] == []
