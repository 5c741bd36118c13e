"""Which app clients `make credentials` names, and what it says of the others."""

import dataclasses
from datetime import UTC, datetime
from typing import Any

import pytest

from stacks.environments import ENVIRONMENTS
from stacks.registry import Group
from tools.credentials import ready, unready

DEV = ENVIRONMENTS[0]
READY: dict[str, Any] = {
    "RotationEnabled": True,
    "LastRotatedDate": datetime(2027, 1, 31, tzinfo=UTC),
    "VersionIdsToStages": {"a": ["AWSPREVIOUS"], "b": ["AWSCURRENT", "registered-beside:1"]},
}
WRITTEN = {"b": ["AWSPREVIOUS", "registered-beside:1"], "c": ["AWSCURRENT"]}
PENDING = READY["VersionIdsToStages"] | {"c": ["AWSPENDING"]}
LEFT_ON = {"a": ["AWSPREVIOUS"], "b": ["AWSCURRENT", "AWSPENDING", "registered-beside:1"]}


@pytest.mark.parametrize(
    ("found", "why"),
    [
        ({"LastRotatedDate": None}, "its rotation has not ended"),
        ({"VersionIdsToStages": PENDING}, "its rotation has not ended"),
        ({"VersionIdsToStages": WRITTEN}, "its current value was written or restored since its last rotation"),
        ({"VersionIdsToStages": {}}, "its current value was written or restored since its last rotation"),
        ({"RotationEnabled": False}, "its rotation was cancelled"),
        ({"RotationEnabled": False, "LastRotatedDate": None}, "its rotation was cancelled"),
    ],
)
def test_a_client_that_a_rotation_is_missing_for_is_named_with_the_mend(found: dict[str, Any], why: str) -> None:
    [problem] = unready(DEV, ["a"], lambda **_: READY | found)
    assert problem == (
        f"a: otto/dev/clients/a: {why}; see the log of otto-dev-rotation, then make rotate CLIENT=a ENV=dev"
    )


@pytest.mark.parametrize("labels", [READY["VersionIdsToStages"], LEFT_ON])
def test_a_client_whose_current_value_a_rotation_registered_is_ready(labels: dict[str, list[str]]) -> None:
    assert list(unready(DEV, ["a"], lambda **_: READY | {"VersionIdsToStages": labels})) == []


def test_a_suspended_client_is_not_counted_among_those_that_can_get_tokens(groups: tuple[Group, ...]) -> None:
    first, second, *_ = [client for group in groups for client in group.clients_in("dev")]
    grant = dataclasses.replace(second.environments["dev"], suspended=True)
    suspended = dataclasses.replace(second, environments=dict(second.environments) | {"dev": grant})
    assert ready(DEV, [first, second]) == "all 2 app clients of dev can get tokens"
    assert ready(DEV, [first, suspended]) == f"1 of 2 app clients of dev can get tokens; suspended: {second.name}"
