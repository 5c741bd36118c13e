"""What is made from clients/ is what clients/ makes of it now; `make check` says so in seconds where it is not."""

from pathlib import Path

import pytest

from stacks.registry import Group
from tools.catalogue import written
from tools.catalogue.access import catalogue
from tools.routes import routes
from tools.template import Assembly

FILES = ("docs/access.md", ".github/CODEOWNERS")


@pytest.fixture
def root(groups: tuple[Group, ...], assembly: Assembly, tmp_path: Path) -> Path:
    """A checkout with all of it as it must be."""
    for name, text in written.render(groups, catalogue(groups, tuple(routes(assembly).values()))).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_what_is_committed_is_fresh(groups: tuple[Group, ...], assembly: Assembly) -> None:
    assert written.stale(groups, assembly) == []


@pytest.mark.parametrize("name", FILES)
def test_a_planted_stale_or_missing_file_is_named_with_its_command(
    groups: tuple[Group, ...], assembly: Assembly, root: Path, name: str
) -> None:
    assert written.stale(groups, assembly, root) == []
    told = [f"{name}: not what clients/ makes of it now: run `make catalogue` and commit what it writes"]
    page = root / name
    page.write_text(page.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert written.stale(groups, assembly, root) == told
    page.unlink()
    assert written.stale(groups, assembly, root) == told
