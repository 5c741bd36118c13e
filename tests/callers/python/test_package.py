"""The package itself: what it may import, and what it says of itself."""

import ast
from pathlib import Path

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
