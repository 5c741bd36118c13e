"""`make client` and `make catalogue` as a service team types them: what they write is all a pull request needs."""

import subprocess
from pathlib import Path

from tests.tools.report import repository

ROOT = Path(__file__).parents[2]


def copy_checkout(folder: Path) -> Path:
    """A copy, for changing, where all is installed: an installation through a link to another's would empty that, so
    here it can only fail."""
    repository.copy(folder)
    (folder / "tools/install.sh").write_text("#!/bin/sh\necho 'nothing is to be installed here' >&2\nexit 1\n")
    (folder / ".venv").mkdir()
    for path in (ROOT / ".venv").iterdir():
        if path.name not in (".ready", ".home"):
            (folder / ".venv" / path.name).symlink_to(path)
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
    (folder / ".venv/.home").write_text(f"{folder.resolve()}\n")
    (folder / ".venv/.ready").touch()
    return folder


def test_a_new_client_changes_its_own_file_and_the_page_that_lists_clients(tmp_path: Path) -> None:
    checkout = copy_checkout(tmp_path)
    before = {path: path.read_bytes() for path in checkout.rglob("*") if path.is_file() and ".venv" not in path.parts}
    for command in (["client", "NAME=one-client-more", "GROUP=internal"], ["catalogue"]):
        made = subprocess.run(["make", *command], cwd=checkout, capture_output=True, text=True, check=False)
        assert made.returncode == 0, made.stdout + made.stderr
    assert (checkout / "clients/internal/one-client-more.yaml").exists()
    changed = {str(path.relative_to(checkout)) for path in before if path.read_bytes() != before[path]}
    assert changed == {"docs/access.md"}
    assert "one-client-more" in (checkout / "docs/access.md").read_text()
