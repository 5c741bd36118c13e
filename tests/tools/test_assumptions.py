"""What we assume of AWS is written down, with what settles it; and what stands for AWS's words is among it."""

import ast
import builtins
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from tools.assumptions import FILE, PAGE, Assumption, page, read
from tools.preflight.checks import CHECKS as PREFLIGHT
from tools.verify.checks import CHECKS as VERIFY

ROOT = Path(__file__).parents[2]
ROWS = read(FILE.read_text())
ROW = """- id: a-row
  what: What we take it to do.
  rests: everything that is
  kind: believed
  source: nothing is published
  date: 2026-11-25
  verified_by: [{}]
"""
CODE = re.compile(r"[A-Z]\w*(Exception|Error|Fault|Failure|NotFound|Denied|Exists)")
SENTENCE = re.compile(r"\[Errno .*|[^\n]*\(Service: .*|[A-Z1](?=.* .* )[^\n]*\.")
UNTRIED = re.compile(
    r"not tried on AWS|was never tried|nobody here has tried|nobody documents|nobody outside AWS"
    r"|not known before a first|can be tried at the emulator|no page (of AWS )?shows|AWS publishes none"
    r"|at the emulator only",
    re.IGNORECASE,
)
POINTER = re.compile(r"\]\((?:\.\./)?assumptions\.md#([a-z-]+)\)")
PAGES = [each for each in (*(ROOT / "docs").rglob("*.md"), ROOT / "README.md") if each != PAGE]


def unsettled(rows: list[Assumption]) -> Iterator[str]:
    """Rows that nothing settles, and what they name that does not exist."""
    known = {f"verify: {check.name}" for check in VERIFY} | {f"preflight: {check.name}" for check in PREFLIGHT}
    for row in rows:
        if not row.verified_by:
            yield f"{row.id}: nothing verifies it"
        for way in row.verified_by:
            is_test = way.startswith("tests/") and "def test_" in (ROOT / way).read_text() if _exists(way) else False
            if way not in known and not is_test:
                yield f"{row.id}: {way}"
        yield from (f"{row.id}: {each}" for each in row.fixtures if not _exists(each.partition("#")[0]))


def _exists(path: str) -> bool:
    return (ROOT / path).is_file()


def recorded(root: Path) -> set[str]:
    """Everything that stands for AWS's words: JSON beside the tests, and modules that answer in a service's place."""
    found = {each for path in (root / "tests").rglob("*.json") for each in _entries(path, root)}
    for folder in ("tests", "local"):
        for path in (root / folder).rglob("*.py"):
            speaks = _speaks(path)
            if any(speaks(node) for node in _spoken(path.read_text())):
                found.add(str(path.relative_to(root)))
    return found


def _entries(path: Path, root: Path) -> Iterator[str]:
    """A file of several recordings, each with its source, is each of them."""
    if "__snapshots__" in path.parts:
        return
    name, content = str(path.relative_to(root)), json.loads(path.read_text())
    entries = content.items() if isinstance(content, dict) else ()
    named = [key for key, entry in entries if isinstance(entry, dict) and "source" in entry]
    yield from (f"{name}#{key}" for key in named) if named else (name,)


def _spoken(source: str) -> Iterator[ast.AST]:
    """All of a module but its docstrings."""
    tree = ast.parse(source)
    silent = {id(each.value) for each in ast.walk(tree) if isinstance(each, ast.Expr) and not _parts(each.value)}
    return (node for node in ast.walk(tree) if id(node) not in silent)


def _speaks(path: Path) -> Callable[[ast.AST], bool]:
    """A test quotes a service by a code and its words, a fake of one by the code; the emulator also says sentences."""
    if path.name.startswith("test_"):
        return lambda node: _names_code(node) and any(map(_is_text, _parts(node)))
    if "emulator" in path.parts and "local" in path.parts and "tests" not in path.parts:
        return lambda node: _names_code(node) or _is_sentence(node)
    return _names_code


def _parts(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Call):
        return [*node.args, *(each.value for each in node.keywords)]
    return [*node.values] if isinstance(node, ast.Dict) else []


def _names_code(node: ast.AST) -> bool:
    """A call or a dictionary with an error code of a service's: Python's own exceptions are none."""
    texts = [part.value for part in _parts(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    return any(CODE.fullmatch(text) and not hasattr(builtins, text) for text in texts)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and " " in str(node.value))


def _is_sentence(node: ast.AST) -> bool:
    """Services end what they say with a full stop; our own messages have none."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    texts = [str(part.value) if isinstance(part, ast.Constant) else "…" for part in parts]
    return SENTENCE.fullmatch("".join(texts)) is not None


def untold(page: Path) -> Iterator[str]:
    """Paragraphs that say of AWS what nobody has tried, without pointing to their row."""
    for paragraph in re.split(r"\n\s*\n", page.read_text()):
        text = " ".join(paragraph.split())
        if UNTRIED.search(re.sub(r"[\[\]]", "", text)) and not POINTER.search(text):
            yield f"{page.name}: {text[:60]}"


def test_every_assumption_is_settled_by_a_test_or_a_check_that_exists() -> None:
    assert list(unsettled(ROWS)) == []


def test_a_row_that_nothing_settles_is_found() -> None:
    assert list(unsettled(read(ROW.format("")))) == ["a-row: nothing verifies it"]
    missing = "'verify: weather', tests/test_none.py, tests/conftest.py"
    assert list(unsettled(read(ROW.format(missing)))) == [
        "a-row: verify: weather",
        "a-row: tests/test_none.py",
        "a-row: tests/conftest.py",
    ]


def test_every_check_of_verify_settles_an_assumption() -> None:
    settled = {way.removeprefix("verify: ") for row in ROWS for way in row.verified_by}
    assert {check.name for check in VERIFY} - settled == set()


def test_what_stands_for_awss_words_has_a_row() -> None:
    assert recorded(ROOT) == {fixture for row in ROWS for fixture in row.fixtures}


def test_planted_words_of_aws_are_found(tmp_path: Path) -> None:
    for name, text in (
        ("tests/events.json", "{}"),
        ("tests/two.json", '{"One": {"source": "a page"}, "Two": {"source": "a page"}}'),
        ("tests/__snapshots__/a.json", "{}"),
        ("tests/fake.py", "refuse(code='ThrottlingException')"),
        ("tests/test_words.py", "refused({'Code': 'AccessDenied', 'Message': 'You may not.'})"),
        ("tests/test_code.py", "refused('AccessDeniedException')"),
        ("local/service.py", "raise RefusedError('InvalidParameterException', 'The name is taken.')"),
        ("local/other.py", "raise RefusedError(code)"),
        ("local/emulator/says.py", "def say():\n    return f'The name {name} is taken.'"),
        ("local/emulator/ours.py", '"""Says nothing of its own."""\nraise OSError("port 1 is taken: choose another")'),
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert recorded(tmp_path) == {
        "tests/events.json",
        "tests/two.json#One",
        "tests/two.json#Two",
        "tests/fake.py",
        "tests/test_words.py",
        "local/service.py",
        "local/emulator/says.py",
    }


def test_what_a_page_says_that_nobody_tried_points_to_its_row() -> None:
    assert [each for path in PAGES for each in untold(path)] == []
    pointed = {name for path in PAGES for name in POINTER.findall(path.read_text())}
    assert pointed - {row.id for row in ROWS} == set()
    assert len(pointed) > 8


def test_a_planted_claim_without_a_row_is_found(tmp_path: Path) -> None:
    page_ = tmp_path / "page.md"
    page_.write_text(
        "It works.\n\nThis was not tried\non AWS.\n\nNor [this](assumptions.md#a-row): not tried on AWS.\n"
    )
    assert list(untold(page_)) == ["page.md: This was not tried on AWS."]


def test_the_page_is_made_of_the_rows() -> None:
    assert PAGE.read_text() == page(ROWS), "make assumptions"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ROW.format("") + ROW.format(""), "two rows of one id: a-row"),
        (ROW.format("") + "  weather: fine\n", "Extra inputs are not permitted"),
        (ROW.format("").replace("believed", "hoped"), "Input should be 'documented', 'reported' or 'believed'"),
        (ROW.format("").replace("id: a-row", "id: U1"), "String should match pattern"),
    ],
)
def test_a_row_that_is_none_is_refused(text: str, message: str) -> None:
    with pytest.raises((ValueError, ValidationError), match=message):
        read(text)
