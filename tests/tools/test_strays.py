"""What the app no longer has is named, whatever else there is in the account."""

import pytest

from stacks.environments import ENVIRONMENTS
from tests.stacks.synthesis import SynthesizedStack
from tools import strays

DEV = ENVIRONMENTS[0]


@pytest.mark.parametrize(
    ("there", "stray"),
    [
        ("otto-dev-companies", True),
        ("otto-dev-firewall", True),
        ("otto-qa-identity", True),
        ("otto-qa-firewall", True),
        ("otto-qa-clients-internal", True),
        ("otto-qa-clients-a-group-that-is-gone", True),
        ("otto-prod-identity", False),
        ("otto-qa-another-application", False),
        ("otto-github-oidc", False),
        ("otto-developers-site", False),
        ("CDKToolkit", False),
    ],
)
def test_the_last_api_a_firewall_switched_off_and_an_environment_removed_are_named(
    stacks: dict[str, SynthesizedStack], there: str, stray: bool
) -> None:
    assert {"otto-dev-identity", "otto-prod-firewall"} <= stacks.keys()
    assert strays.among([*stacks, there], stacks, DEV) == ([there] if stray else [])
