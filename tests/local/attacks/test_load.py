"""200 callers, mixed reads and racing conditional writes, while the function's workers are killed and come back.

A few seconds of it in `make test`; `make load`, which every pull request passes as well, runs the same for a minute and
shows the figures.
"""

import os
import sys
import uuid

from tests.local.attacks.load import CALLERS, Counter, Load, killing
from tests.local.platform.deployed import Platform

SECONDS = float(os.environ.get("SECONDS_OF_LOAD", "6"))


def show(line: str) -> None:
    """Figures for who runs `make load`; pytest keeps them to itself otherwise."""
    sys.stdout.write(f"\n{line}\n")


def test_under_load_nothing_is_lost_and_only_requests_in_flight_fail(platform: Platform) -> None:
    counters = [Counter(f"https://www.linkedin.com/in/{uuid.uuid4().hex}") for _ in range(10)]
    for counter in counters:
        body = {"full_name": "Counted Up", "attributes": {"count": 0}}
        assert platform.call("PUT", counter.uri, json=body).status == 201
    load = Load(platform, counters)
    with killing(platform, every=SECONDS / 6) as kills:
        load.run(SECONDS)
    calls = sum(load.statuses.values())
    show(
        f"{CALLERS} callers, {SECONDS:g} s: {calls} calls, {calls / SECONDS:.0f} a second, answers {load.statuses}, "
        f"{len(kills)} workers killed, {len(load.failures)} calls failed, "
        f"{sum(counter.acknowledged for counter in counters)} writes acknowledged"
    )
    assert kills
    # A worker has one request at a time, so a kill fails one at most: the one that was in flight.
    assert len(load.failures) <= len(kills), load.failures
    for failure in load.failures:
        assert any(kill.explains(failure) for kill in kills), (failure, kills)
    assert load.stale == []
    # It is load, and not refusals alone: 50 a second on a machine of two cores that is busy with other things as well.
    assert load.statuses[200] >= max(CALLERS, 10 * SECONDS)
    assert load.statuses.get(429, 0) <= load.statuses[200]
    for counter in counters:
        found = platform.call("GET", counter.uri).json()
        assert counter.acknowledged <= found["attributes"]["count"] <= counter.acknowledged + counter.unknown
        assert found["version"] == found["attributes"]["count"] + 1
    assert all(counter.acknowledged for counter in counters), counters
