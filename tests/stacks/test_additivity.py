"""One client more adds its own resources to its own group's stack, and changes no other template at all."""

import dataclasses
import re

from stacks.registry import Group
from stacks.registry.own import SMOKE
from tests.stacks.synthesis import SynthesizedStack, synthesize, synthesize_callers


def with_one_more(groups: tuple[Group, ...], name: str) -> tuple[Group, ...]:
    """The registry with a copy of a service client under another name."""
    internal = next(group for group in groups if group.name == "internal")
    added = dataclasses.replace(next(each for each in internal.clients if each.name == SMOKE), name=name)
    grown = dataclasses.replace(internal, clients=tuple(sorted((*internal.clients, added), key=lambda c: c.name)))
    return tuple(grown if group is internal else group for group in groups)


def test_a_client_more_changes_one_stack_and_only_adds_to_it(
    stacks: dict[str, SynthesizedStack], groups: tuple[Group, ...]
) -> None:
    grown = synthesize(with_one_more(groups, "one-client-more"))
    assert set(grown) == set(stacks)
    changed = {name for name in stacks if grown[name].template != stacks[name].template}
    assert changed == {f"otto-{environment}-clients-internal" for environment in ("dev", "staging", "prod")}
    for name in changed:
        before, after = stacks[name].template, grown[name].template
        assert {key: after["Resources"].get(key) for key in before["Resources"]} == before["Resources"]
        assert {key: value for key, value in after.items() if key != "Resources"} == {
            key: value for key, value in before.items() if key != "Resources"
        }
        added = after["Resources"].keys() - before["Resources"].keys()
        assert {re.split("AppClient|Credentials|Readers|Rotation", key)[0] for key in added} == {"oneclientmore"}


def test_what_the_registry_makes_is_the_same_without_the_rest(
    stacks: dict[str, SynthesizedStack], groups: tuple[Group, ...]
) -> None:
    alone = synthesize_callers(groups)
    assert {name for name in stacks if "-clients-" in name} <= alone.keys()
    for name, stack in alone.items():
        if "-clients-" in name:
            assert stack == stacks[name]
        else:  # what others refer to is an output
            assert stack.template["Resources"] == stacks[name].template["Resources"]
