"""`make catalogue`: write what is made from clients/: docs/access.md, .github/CODEOWNERS, and .local/catalogue.html."""

from tools import declared
from tools.catalogue import page, written
from tools.catalogue.access import catalogue
from tools.routes import routes
from tools.synthesis import synthesize

_PAGE = ".local/catalogue.html"


def main() -> None:
    groups = declared.groups()
    access = catalogue(groups, tuple(routes(synthesize(groups)).values()))
    for name, text in (written.render(groups, access) | {_PAGE: page.render(access)}).items():
        path = written.ROOT / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(f"wrote {name}")


if __name__ == "__main__":
    main()
