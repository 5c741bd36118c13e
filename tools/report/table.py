"""Tables, code and folded sections in GitHub-flavoured Markdown, with every value escaped."""

from collections.abc import Iterable, Sequence


def code(text: str, most: int | None = None) -> str:
    """`text` as a code span that no content can break out of, on one line, cut to `most` characters when given."""
    flat = " ".join(text.split()) or " "
    flat = flat if most is None or len(flat) <= most else f"{flat[: most - 1]}…"
    fence = "``" if "`" in flat else "`"
    space = " " if "`" in flat else ""
    return f"{fence}{space}{flat}{space}{fence}".replace("|", "\\|")


def codes(values: Iterable[str]) -> str:
    return ", ".join(code(value) for value in values)


def plain(text: str) -> str:
    """`text` of people, with nothing in it that Markdown, HTML or GitHub's mentions would act on."""
    flat = " ".join(text.split())
    escaped = "".join(f"\\{char}" if char in "\\`*_[]<>|#~" else char for char in flat)
    # A backslash keeps GitHub from none of them: https://github.com/github/cmark-gfm/issues/181
    return escaped.replace("@", "@<!-- -->").replace("#", "#<!-- -->")


def rows(head: Sequence[str], lines: Iterable[Sequence[str]], most: int | None = None) -> str:
    """A table; a column that is empty throughout is left out. Of more than `most` lines, the rest is counted."""
    lines = list(lines)
    left = 0 if most is None else len(lines) - most
    if left > 0:
        return f"{rows(head, lines[:most])}\n\n_and {left} more, in `report.json` of this run_"
    used = [index for index in range(len(head)) if any(line[index] for line in lines)]
    table = [head, ["---"] * len(head), *lines]
    return "\n".join("| " + " | ".join(line[index] for index in used) + " |" for line in table)


def parted(before: str | None, after: str | None, most: int) -> tuple[str, str]:
    """Two values as code, each cut to `most` characters from shortly before the place where they part."""
    old, new = (" ".join((value or "").split()) for value in (before, after))
    same = next(
        (i for i, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]), min(len(old), len(new))
    )
    start = same - most // 4 if max(len(old), len(new)) > most and same > most // 2 else 0
    shown = (f"{'…' if start else ''}{value[start:]}" for value in (old, new))
    first, second = (
        code(text, most) if value is not None else "none" for value, text in zip((before, after), shown, strict=True)
    )
    return first, second


def fold(summary: str, body: str) -> str:
    """A section that opens when it is clicked. GitHub wants the empty lines."""
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"
