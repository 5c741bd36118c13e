"""The package itself: what it may import, and what it says of itself."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import otto_m2m
from otto_m2m.token_endpoint import REFUSALS
from tests.callers.faults import AWS_FAULTS, FAULTS

CHECKOUT = Path(__file__).parents[3]
PACKAGE = CHECKOUT / "callers" / "python" / "otto_m2m"
CORE = {"errors", "clock", "token", "background", "addresses", "proxy", "aws", "token_endpoint", "source", "connection"}
"""Modules that know no HTTP library of the caller's."""


def imports(source: str) -> set[str]:
    """Everything that a module imports, as its top-level name, or whole where it is the package's own."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
        found |= {name if name.startswith("otto_m2m.") else name.partition(".")[0] for name in names}
    return found


def test_the_core_knows_no_http_library_of_the_callers() -> None:
    known = {"requests", "httpx", "otto_m2m.requests", "otto_m2m.httpx", "authlib"}
    assert {path.stem for path in PACKAGE.glob("*.py")} == CORE | {"requests", "httpx", "__init__", "__main__"}
    for name in CORE:
        assert imports((PACKAGE / f"{name}.py").read_text()) & known == set(), name


def test_a_planted_import_is_found() -> None:
    assert imports("import httpx.x\nfrom otto_m2m.requests import y\n") == {"httpx", "otto_m2m.requests"}


def test_httpx_is_needed_by_its_own_module_alone() -> None:
    """It is an extra: `otto_m2m` and its command work without it."""
    for path in PACKAGE.glob("*.py"):
        assert path.stem == "httpx" or not imports(path.read_text()) & {"httpx", "otto_m2m.httpx"}, path


PAGE = (CHECKOUT / "docs" / "calling.md").read_text()
TABLE = PAGE.partition("## When it does not work")[2]


def numbered(text: str) -> list[str]:
    """The items of a numbered list, each on one line."""
    return [" ".join(item.split()) for item in re.findall(r"^\d\. (.*(?:\n   .*)*)", text, re.MULTILINE)]


def test_the_page_states_the_rules_as_the_package_does() -> None:
    assert len(numbered(otto_m2m.__doc__ or "")) == 9
    assert numbered(PAGE) == numbered(otto_m2m.__doc__ or "")


def words() -> Iterator[str]:
    """Everything that a TokenError says; other tests provoke each."""
    yield from (f"credentials: otto/dev/clients/x: {reason}" for reason in AWS_FAULTS)
    yield from (f"refused: {error}: {meaning}" for error, meaning in REFUSALS.items())
    yield from (f"token endpoint: {reason}" for reason, _ in FAULTS.values() if not reason.endswith(": "))
    yield "addresses: /otto/dev/m2m/token-endpoint: ParameterNotFound"
    yield "addresses: /otto/dev/m2m/profiles-api-url is no https address"


def shown(table: str) -> list[re.Pattern[str]]:
    """What a reader may see, from the first cells of a table."""
    cells = [line.split(" | ")[0] for line in table.splitlines() if line.startswith("| `")]
    texts = [text for cell in cells for text in re.findall(r"`([^`]+)`", cell)]
    return [re.compile(re.sub(r"…|<\w+>", ".*", re.escape(text).replace(r"\ ", " "))) for text in texts]


def test_the_table_of_what_goes_wrong_has_the_packages_own_words_and_all_of_them() -> None:
    assert [said for said in words() if not any(row.fullmatch(said) for row in shown(TABLE))] == []
    assert [row.pattern for row in shown(TABLE) if not any(row.fullmatch(said) for said in words())] == []


def test_planted_words_that_are_not_the_packages_are_found() -> None:
    [row] = shown("| `refused: invalid_cleint: …` | x | y |\n| 404 | x | y |")
    assert not any(row.fullmatch(said) for said in words())
