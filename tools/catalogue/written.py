"""What a change to clients/ must regenerate, all of it: committed files that are made from the registry."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from stacks.registry import Group
from tools import codeowners
from tools.catalogue import markdown
from tools.catalogue.access import Catalogue, catalogue
from tools.routes import routes
from tools.template import Assembly

ROOT: Final = Path(__file__).parent.parent.parent


def render(groups: Sequence[Group], access: Catalogue) -> dict[str, str]:
    """Each file and what it must hold."""
    return {
        "docs/access.md": markdown.render(access),
        ".github/CODEOWNERS": codeowners.render({group.name: group for group in groups}),
    }


def stale(groups: Sequence[Group], assembly: Assembly, root: Path = ROOT) -> list[str]:
    """Each file that is not what the registry makes of it now, and the one command that renews it."""
    fresh = render(groups, catalogue(groups, tuple(routes(assembly).values())))
    return [
        f"{name}: not what clients/ makes of it now: run `make catalogue` and commit what it writes"
        for name, text in fresh.items()
        if not (root / name).is_file() or (root / name).read_text(encoding="utf-8") != text
    ]
