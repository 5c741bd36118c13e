"""What we assume of AWS is written down, with what settles it; and what stands for AWS's words is among it."""

import ast
import re
from collections.abc import Iterator
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
        yield from (f"{row.id}: {each}" for each in row.fixtures if not _exists(each))


def _exists(path: str) -> bool:
    return (ROOT / path).is_file()


def recorded(root: Path) -> set[str]:
    """Every file that stands for AWS's words: JSON beside the tests, and modules that give an error code its text."""
    found = {path for path in (root / "tests").rglob("*.json") if "__snapshots__" not in path.parts}
    for path in [*(root / "tests").rglob("*.py"), *(root / "local").rglob("*.py")]:
        if any(map(_gives_text, ast.walk(ast.parse(path.read_text())))):
            found.add(path)
    return {str(path.relative_to(root)) for path in found}


def _gives_text(node: ast.AST) -> bool:
    """A call with an error code and, beside it, words."""
    if not isinstance(node, ast.Call):
        return False
    return any(
        isinstance(code, ast.Constant)
        and isinstance(code.value, str)
        and CODE.fullmatch(code.value)
        and (isinstance(text, ast.JoinedStr) or (isinstance(text, ast.Constant) and " " in str(text.value)))
        for code, text in zip(node.args, node.args[1:], strict=False)
    )


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
        ("tests/__snapshots__/a.json", "{}"),
        ("local/service.py", "raise RefusedError('InvalidParameterException', 'The name is taken.')"),
        ("local/other.py", "raise RefusedError('InvalidParameterException', code)"),
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert recorded(tmp_path) == {"tests/events.json", "local/service.py"}


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
