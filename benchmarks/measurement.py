"""Measurements of which noise cancels: subjects take turns, and each round gives one ratio."""

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Final, Literal, TypeVar

CHECKOUT: Final = Path(__file__).parents[1]
T = TypeVar("T")
Unit = Literal["s", "ms", "µs", "MB", "kB", "x", ""]


@dataclass(frozen=True)
class Series:
    """One subject's values, a value a round."""

    values: tuple[float, ...]
    unit: Unit = "s"

    @property
    def median(self) -> float:
        return median(self.values)

    def __str__(self) -> str:
        """The median, and in brackets the quartiles: half of all rounds lie between them."""
        if len(set(self.values)) < 2:
            return f"{shown(self.median)} {self.unit}".strip()
        low, _, high = quantiles(self.values, n=4, method="inclusive")
        return f"{shown(self.median)} {self.unit} ({shown(low)} to {shown(high)})"

    def over(self, other: "Series") -> "Series":
        """The ratio of each round: what slowed the machine then slowed both."""
        return Series(tuple(mine / theirs for mine, theirs in zip(self.values, other.values, strict=True)), "x")

    def each(self, count: float, unit: Unit | None = None, factor: float = 1) -> "Series":
        """Spread over `count` things, in another unit that is `factor` of this one."""
        return Series(tuple(value * factor / count for value in self.values), unit or self.unit)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One line of docs/performance.md."""

    what: str
    measured: str
    against: str = "-"
    value: Series
    """What the reach is about; its median is judged."""
    reach: float | None = None
    """What we want: at most this."""
    bound: float | None = None
    """What `make bench-check` lets pass: it must hold on a busy machine too."""

    @property
    def met(self) -> bool:
        return self.reach is None or self.value.median <= self.reach


@dataclass(frozen=True)
class Run:
    """One process from start to end."""

    seconds: float
    peak: float
    """Most memory that one of its processes held, in MB."""
    status: int


def shown(value: float) -> str:
    digits = 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
    return f"{value:,.{digits}f}"


def take_turns(rounds: int, subjects: Mapping[str, Callable[[], T]]) -> dict[str, list[T]]:
    """Run every subject once a round, after a first round that only warms caches. The order turns with each round."""
    results: dict[str, list[T]] = {name: [] for name in subjects}
    names = list(subjects)
    for name in names:
        subjects[name]()
    for number in range(rounds):
        for name in names if number % 2 else reversed(names):
            results[name].append(subjects[name]())
    return results


def run(command: Sequence[str], environment: Mapping[str, str], directory: Path = CHECKOUT, *, allowed: int = 0) -> Run:
    """Run to the end. Raises RuntimeError with what it said if its status is neither 0 nor `allowed`."""
    with tempfile.TemporaryFile() as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=directory, env=dict(environment), stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, allowed):
            output.seek(0)
            said = output.read().decode(errors="replace")[-2000:]
            raise RuntimeError(f"{' '.join(command)} ended with status {process.returncode}: {said}")
    return Run(seconds, usage.ru_maxrss / 1024, process.returncode)
