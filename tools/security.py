"""`make security`: the lists in docs/security.md of what reaches further than ours, and of every accepted finding."""

import re
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from stacks.environments import ENVIRONMENTS
from tools import declared, synthesis
from tools.acknowledgements import Acknowledgement, read, templates
from tools.permissions import wide

CHECKOUT = Path(__file__).parent.parent
PAGE = CHECKOUT / "docs" / "security.md"
BEGIN, END = "<!-- from here: make security -->\n", "<!-- to here: make security -->\n"
BEGIN_REACH, END_REACH = BEGIN.replace(":", ", reach:"), END.replace(":", ", reach:")


def acknowledgements(cdk_out: Path) -> list[Acknowledgement]:
    """All of them, of every template."""
    return sorted(found for template in templates(cdk_out) for found in read(template))


def table(found: Iterable[Acknowledgement]) -> str:
    """The acknowledgements by reason; a place that is the same in several environments is one line."""
    reasons: dict[str, tuple[set[str], dict[str, set[str]]]] = defaultdict(lambda: (set(), defaultdict(set)))
    for path, finding, reason, _ in found:
        environment, place = _place(path)
        findings, places = reasons[reason]
        findings.add(re.sub(rf"\b(otto[-/]|Logs_[*]/){environment}\b", r"\1<env>", finding))
        places[place].add(environment)
    lines = ["| reason | accepted findings | where |", "|---|---|---|"]
    for reason, (findings, places) in sorted(reasons.items()):
        where = [f"`{place}`{_only(environments)}" for place, environments in sorted(places.items())]
        listed = [f"`{finding}`" for finding in sorted(findings)]
        lines.append(f"| {reason} | {'<br>'.join(listed)} | {'<br>'.join(where)} |")
    return "\n".join(lines) + "\n"


def _place(path: str) -> tuple[str, str]:
    """`prod/profiles/Api/Stage.prod/Resource` is `profiles/Api/Stage.<env>` in `prod`.

    Every app client is made alike, and is one place: a client more changes nothing here.
    """
    stage, *rest = path.removesuffix("/Resource").split("/")
    if stage == "delivery":
        environment, rest = rest[0], [stage, *rest[1:]]
    else:
        environment = stage
    if rest[0].startswith("clients-"):
        rest = ["clients-<group>", "<client>", *rest[2:]]
    return environment, re.sub(rf"\.{environment}\b", ".<env>", "/".join(rest))


def _only(environments: set[str]) -> str:
    known = [environment.name for environment in ENVIRONMENTS]
    return "" if environments == set(known) else f" ({', '.join(name for name in known if name in environments)})"


def refresh(page: str, listed: str, *, first: str = BEGIN, last: str = END) -> str:
    """The page with the list in its place. Raises ValueError where the page has no place for it."""
    before, begin, rest = page.partition(first)
    _, end, after = rest.partition(last)
    if not (begin and end):
        raise ValueError(f"no place for the list: expected the lines {first.strip()} and {last.strip()}")
    return f"{before}{first}{listed}{last}{after}"


def renew(page: str, cdk_out: Path) -> str:
    """The page with both lists as they are now."""
    page = refresh(page, table(acknowledgements(cdk_out)))
    return refresh(page, wide.table(), first=BEGIN_REACH, last=END_REACH)


def main() -> None:
    try:
        with TemporaryDirectory() as folder:
            synthesis.write(declared.groups(), Path(folder))
            PAGE.write_text(renew(PAGE.read_text(), Path(folder)))
    except (OSError, ValueError) as error:
        sys.exit(f"security: {PAGE.relative_to(CHECKOUT)}: {error}")


if __name__ == "__main__":
    main()
