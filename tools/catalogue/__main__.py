"""`make catalogue`: write `.local/catalogue.html` for people and `docs/access.md` for review."""

from pathlib import Path

from tools import declared
from tools.catalogue import markdown, page
from tools.catalogue.access import catalogue
from tools.routes import routes
from tools.synthesis import synthesize

_ROOT = Path(__file__).parent.parent.parent


def main() -> None:
    groups = declared.groups()
    access = catalogue(groups, tuple(routes(synthesize(groups)).values()))
    for name, text in ((".local/catalogue.html", page.render(access)), ("docs/access.md", markdown.render(access))):
        path = _ROOT / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(f"wrote {name}")


if __name__ == "__main__":
    main()
