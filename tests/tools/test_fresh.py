"""`make client` and `make fresh`, as a service team types them: what they write is all that a pull request needs."""

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = ("dev", "staging", "prod")


def copy_checkout(folder: Path) -> Path:
    """What is under version control, for changing, with the tools that are installed."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    for name in (".venv", "node_modules"):
        (folder / name).symlink_to(ROOT / name)
    return folder


def test_a_new_client_is_on_every_page_after_make_fresh(tmp_path: Path) -> None:
    checkout = copy_checkout(tmp_path)
    before = {path: path.read_bytes() for path in checkout.rglob("*") if path.is_file()}
    for command in (["client", "NAME=my-service", "GROUP=internal"], ["fresh"]):
        made = subprocess.run(
            ["make", "--assume-old=.venv/.ready", *command],
            cwd=checkout, env=os.environ, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert made.returncode == 0, made.stdout + made.stderr
    changed = {str(path.relative_to(checkout)) for path in before if path.read_bytes() != before[path]}
    snapshots = "tests/stacks/__snapshots__/test_snapshots"
    assert changed == {
        "docs/access.md",
        "docs/security.md",
        *(f"{snapshots}/test_template_is_as_reviewed[otto-{name}-clients-internal].json" for name in ENVIRONMENTS),
    }
    assert "my-service" in (checkout / "docs/access.md").read_text()
