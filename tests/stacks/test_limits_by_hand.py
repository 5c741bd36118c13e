"""What pages say to do by hand about the limits of an API stops, and gives back, what is deployed."""

import pytest

from stacks.environments import ENVIRONMENTS, Environment
from tests.instructions import commands, patches
from tests.stacks.synthesis import SynthesizedStack
from tests.stacks.test_gateway import of, route


def limits(stack: SynthesizedStack, *methods: str) -> dict[str, str]:
    """The limits of each method, or of these alone, as the paths and values of a stage's patch."""
    [stage] = of(stack.template, "Stage").values()
    methods_there = [each for each in of(stack.template, "Method").values() if each["HttpMethod"] != "ANY"]
    routes = {route(stack.template, method) for method in methods_there}
    found = {}
    for setting in stage["MethodSettings"]:
        method, path = setting["HttpMethod"], setting["ResourcePath"]
        if (method, path) in routes and method in (methods or (method,)):
            found[f"{path}/{method}/throttling/rateLimit"] = f"{setting['ThrottlingRateLimit']:g}"
            found[f"{path}/{method}/throttling/burstLimit"] = f"{setting['ThrottlingBurstLimit']:g}"
    return found


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda environment: environment.name)
@pytest.mark.parametrize(("page", "methods"), [("runbook.md", ()), ("restoring.md", ("PUT", "DELETE"))])
def test_what_is_stopped_by_hand_is_every_limit_and_is_lifted_to_what_is_deployed(
    stacks: dict[str, SynthesizedStack], environment: Environment, page: str, methods: tuple[str, ...]
) -> None:
    deployed = limits(stacks[environment.stack("profiles")], *methods)
    stop, lift = (dict(patches(words)) for words in commands(page, "update-stage"))
    assert stop == dict.fromkeys(deployed, "0")
    assert lift == deployed
