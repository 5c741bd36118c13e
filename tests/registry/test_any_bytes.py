"""Whatever a file holds, the reader answers with a registry or with problems; never with another exception."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stacks import registry
from stacks.registry import document
from tests.registry.sample import CLIENT, GROUPS, write

LINE = re.compile(r"clients[^\n]*:[1-9][0-9]*: [^\n]+: [^\n]+")
MARKS = [
    *":-?[]{}#&*!|>'\"%@`,~\t\r\x85\u2028\u202e\ufeff",
    "\n",
    "\n  ",
    "\n    ",
    "---\n",
    "...\n",
    "&a ",
    "*a",
    "<<: ",
    "!!map ",
]
WORDS = ["yes", "0x1F", "1e9", "2027-02-30", "2027-06-30", "null", "\\u"]
PIECES = st.sampled_from([*CLIENT.split("\n"), *MARKS, *WORDS])
ANY = settings(deadline=None, max_examples=100)


def check(name: str, content: bytes) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        write(root, {"groups.yaml": GROUPS, "internal/x1.yaml": CLIENT})
        write(root, {name: content})
        problems = []
        try:
            registry.load(root)
        except registry.RegistryError as error:
            problems = error.problems or ["an error without a problem"]
    assert [problem for problem in problems if not (LINE.fullmatch(problem) and problem.isprintable())] == []


FILES = st.sampled_from(["internal/x1.yaml", "groups.yaml"])


@ANY
@given(FILES, st.binary(max_size=300))
def test_any_bytes_are_a_registry_or_problems(name: str, content: bytes) -> None:
    check(name, content)


@ANY
@given(FILES, st.lists(PIECES, max_size=40).map("".join))
def test_any_text_like_yaml_is_a_registry_or_problems(name: str, text: str) -> None:
    check(name, text.encode())


@ANY
@given(FILES, st.data())
def test_any_change_of_a_valid_file_is_a_registry_or_problems(name: str, data: st.DataObject) -> None:
    text = GROUPS if name == "groups.yaml" else CLIENT
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 30)))
    new = data.draw(st.one_of(PIECES, st.text(max_size=8)))
    check(name, (text[:start] + new + text[end:]).encode(errors="replace"))


def test_the_check_notices_another_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_path: str, _content: bytes) -> None:
        raise RecursionError

    monkeypatch.setattr(document, "read", fail)
    with pytest.raises(RecursionError):
        check("internal/x1.yaml", b"")
