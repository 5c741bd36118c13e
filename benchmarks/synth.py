"""How long a synth takes, and how it grows with the number of app clients: `python -m benchmarks synth`."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measurement import Finding, Run, Series, shown, take_turns
from benchmarks.synthesis import by_the_cli, stacks, synthesize

OURS, FLOOR = "app.py", "benchmarks/subjects/bare_app.py"
REGISTRY, STRAIGHTFORWARD = "benchmarks/subjects/registry_app.py", "benchmarks/subjects/straightforward_app.py"
ALL = ("dev", "staging", "prod")
SIZES = (10, 100, 1_000, 5_000)


def measure(rounds: int) -> Iterator[Finding]:
    yield from _shipped(rounds)
    yield from _thousand(rounds)
    yield from _growth(rounds)


def _shipped(rounds: int) -> Iterator[Finding]:
    subjects = {app: partial(synthesize, app) for app in (OURS, FLOOR)}
    for what, results in (
        ("synth of the shipped registry: all environments, in the app's own process", take_turns(rounds, subjects)),
        (
            'the same by the CDK CLI, `cdk synth "dev/*"`, with its validation',
            take_turns(rounds, {app: partial(by_the_cli, app, "dev/*") for app in (OURS, FLOOR)}),
        ),
    ):
        ours, floor = _seconds(results[OURS]), _seconds(results[FLOOR])
        yield Finding(
            what=what,
            measured=str(ours),
            against=f"an app with one stack that is next to empty: {floor}",
            value=ours.over(floor),
            reach=1.25,
            bound=4.5,
        )


def _thousand(rounds: int) -> Iterator[Finding]:
    apps = (REGISTRY, STRAIGHTFORWARD)
    results = take_turns(rounds, {app: partial(synthesize, app, "1000", *ALL) for app in apps})
    ours, theirs = (_seconds(results[app]) for app in apps)
    yield Finding(
        what="synth of 1,000 clients in 10 groups and three environments",
        measured=str(ours),
        against=f"L2 clients in a loop, without rotation: {theirs}",
        value=ours.over(theirs),
        reach=0.5,
        bound=1.2,
    )
    size, of_straightforward = (_megabytes(app) for app in apps)
    yield Finding(
        what="the templates of that",
        measured=f"{shown(size)} MB",
        against=f"the same: {shown(of_straightforward)} MB",
        value=Series((size / of_straightforward,), "x"),
        reach=0.35,
        bound=0.6,
    )
    few, many = (
        sum(len(stack.template["Resources"]) for stack in stacks(REGISTRY, str(count), "dev")) for count in (100, 200)
    )
    yield Finding(
        what="resources a client, its rotation schedule among them",
        measured=f"{(many - few) / 100:.2f}",
        value=Series(((many - few) / 100,), ""),
        reach=3.05,
        bound=3.05,
    )


def _growth(rounds: int) -> Iterator[Finding]:
    sizes = (0, *SIZES)
    results = take_turns(rounds, {str(size): partial(synthesize, REGISTRY, str(size), "dev") for size in sizes})
    base = _seconds(results["0"])
    each = {
        size: Series(
            tuple(
                (whole.seconds - start) * 1000 / size
                for whole, start in zip(results[str(size)], base.values, strict=True)
            ),
            "ms",
        )
        for size in SIZES
    }
    for size in SIZES:
        yield Finding(
            what=f"{size:,} clients in one environment: time, and peak memory",
            measured=str(_seconds(results[str(size)])) + (f"; {each[size]} a client" if size >= 100 else ""),
            value=Series(tuple(run.peak for run in results[str(size)]), "MB"),
        )
    yield Finding(
        what="time a client at 5,000 clients",
        measured=str(each[5_000]),
        against=f"at 100 clients: {each[100]}",
        value=each[5_000].over(each[100]),
        reach=1.2,
        bound=1.8,
    )


def _seconds(runs: list[Run]) -> Series:
    return Series(tuple(run.seconds for run in runs))


def _megabytes(app: str) -> float:
    """What CloudFormation gets of an app's 1,000 clients in three environments."""
    with TemporaryDirectory() as directory:
        synthesize(app, "1000", *ALL, output=Path(directory))
        return sum(path.stat().st_size for path in Path(directory).rglob("*.template.json")) / 1e6
