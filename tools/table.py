"""A table that is read in a terminal or in a pipeline's log."""

import textwrap
from collections.abc import Sequence
from typing import Final

WIDTH: Final = 110
"""Characters of a line at most, as far as words can be broken."""
_GAP: Final = "  "


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Aligned lines. The first two columns stay whole; the others share what is left, and wrap within it."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for place in _by_size(widths):
        others = sum(width for index, width in enumerate(widths) if index != place)
        room = WIDTH - others - len(_GAP) * (len(widths) - 1)
        widths[place] = min(widths[place], max(room, WIDTH // 3))
    return [line for row in rows for line in _lines(row, widths)]


def _by_size(widths: Sequence[int]) -> list[int]:
    """The columns that may wrap, widest first."""
    return sorted(range(2, len(widths)), key=lambda place: -widths[place])


def _lines(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    cells = [textwrap.wrap(cell, width) or [""] for cell, width in zip(row, widths, strict=True)]
    height = max(map(len, cells))
    padded = [[*cell, *[""] * (height - len(cell))] for cell in cells]
    return [
        _GAP.join(part.ljust(width) for part, width in zip(parts, widths, strict=True)).rstrip()
        for parts in zip(*padded, strict=True)
    ]
