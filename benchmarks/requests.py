"""How long a caller waits for the profiles function, cold and warm: `python -m benchmarks requests`."""

import time
import zipfile
from collections.abc import Iterator
from functools import partial
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from benchmarks.function import BOTOCORE, COMPILED, FLOOR, OURS, PEER, Invocation, events, functions
from benchmarks.measurement import CHECKOUT, Finding, Series, take_turns
from benchmarks.subjects.table_stub import CAPACITY, ITEM
from lambdas.profiles import handler
from lambdas.profiles.store import Table

SUBJECTS = {FLOOR: "a handler that only reads an item by boto3", PEER: "Powertools and boto3.resource"}
REQUESTS = 400


def measure(rounds: int) -> Iterator[Finding]:
    yield from _asset()
    yield from _own_code(rounds)
    with functions() as made:
        runs = {name: partial(made.invoke, name) for name in (OURS, FLOOR, BOTOCORE, PEER, COMPILED)}
        yield from _cold(take_turns(2 * rounds + 1, runs))
        warm = {name: partial(made.invoke, name, requests=REQUESTS) for name in (OURS, FLOOR, PEER)}
        yield from _warm(take_turns(2 * rounds + 1, warm))


def _cold(results: dict[str, list[Invocation]]) -> Iterator[Finding]:
    cold = {name: Series(tuple(run.cold for run in runs), "ms") for name, runs in results.items()}
    ours = cold[OURS]
    for name, reach, bound in ((FLOOR, 1.1, 1.6), (PEER, 0.5, 1.0)):
        yield Finding(
            what="cold: from import to the first answer",
            measured=str(ours),
            against=f"{SUBJECTS[name]}: {cold[name]}",
            value=ours.over(cold[name]),
            reach=reach,
            bound=bound,
        )
    yield Finding(
        what="what ours takes beyond that floor",
        measured=f"{ours.median - cold[FLOOR].median:.0f} ms",
        value=Series(tuple(1 - 1 / ratio for ratio in ours.over(cold[FLOOR]).values), ""),
    )
    yield Finding(
        what="that floor, boto3",
        measured=str(cold[FLOOR]),
        against=f"botocore without boto3: {cold[BOTOCORE]}",
        value=cold[FLOOR].over(cold[BOTOCORE]),
    )
    yield Finding(
        what="cold, with our bytecode in the asset",
        measured=str(cold[COMPILED]),
        against=f"without it, as shipped: {ours}",
        value=cold[COMPILED].over(ours),
    )


def _warm(results: dict[str, list[Invocation]]) -> Iterator[Finding]:
    for method in ("GET", "PUT"):
        warm = {
            name: Series(tuple(Series(tuple(run.warm[method])).median * 1000 for run in runs), "µs")
            for name, runs in results.items()
        }
        for name, reach, bound in ((FLOOR, 1.15, 1.6), (PEER, None, None)):
            yield Finding(
                what=f"warm {method}",
                measured=str(warm[OURS]),
                against=f"{SUBJECTS[name]}: {warm[name]}",
                value=warm[OURS].over(warm[name]),
                reach=reach,
                bound=bound,
            )


def _own_code(rounds: int) -> Iterator[Finding]:
    """A request through handler, domain and store, when boto3 itself takes no time."""
    answers: Any = SimpleNamespace(get_item=lambda **_: {"Item": ITEM} | CAPACITY, put_item=lambda **_: CAPACITY)
    table = Table(answers, "profiles")
    for method, event in events().items():
        timings = take_turns(rounds, {method: partial(_microseconds, event, table)})[method]
        own = Series(tuple(timings), "µs")
        yield Finding(what=f"own code of a warm {method}", measured=str(own), value=own, reach=150, bound=600)


def _microseconds(event: dict[str, Any], table: Table) -> float:
    timings = []
    for _ in range(REQUESTS):
        began = time.perf_counter()
        answer = handler.respond(event, lambda: table)
        timings.append((time.perf_counter() - began) * 1e6)
        if answer["statusCode"] != 200:
            raise RuntimeError(f"the handler answered {answer}")
    return Series(tuple(timings)).median


def _asset() -> Iterator[Finding]:
    for name in ("profiles", "rotation"):
        folder = CHECKOUT / "lambdas" / name
        size = Series((_zipped(sorted(folder.glob("*.py"))) / 1000,), "kB")
        yield Finding(
            what=f"asset of {name}, zipped, no dependency in it", measured=str(size), value=size, reach=50, bound=50
        )


def _zipped(files: list[Path]) -> int:
    with BytesIO() as buffer:
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in files:
                archive.write(file, file.name)
        return len(buffer.getvalue())
