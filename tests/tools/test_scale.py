"""docs/scale.md says what the templates say."""

from dataclasses import replace

import pytest

from tools import scale
from tools.template import Assembly


def test_the_committed_arithmetic_is_that_of_the_templates(assembly: Assembly) -> None:
    page = scale.PAGE.read_text(encoding="utf-8")
    assert page == scale.rewrite(page, assembly), "docs/scale.md is stale: run `make scale` and commit it"


def test_a_resource_more_of_each_client_is_counted(assembly: Assembly) -> None:
    changed = dict(assembly.stacks)
    for name, stack in assembly.stacks.items():
        clients = [key for key, value in stack.resources.items() if value["Type"] == "AWS::Cognito::UserPoolClient"]
        more = {f"{key}More": {"Type": "AWS::SSM::Parameter", "Properties": {}} for key in clients}
        template = {**stack.template, "Resources": {**stack.template["Resources"], **more}}
        changed[name] = replace(stack, template=template)
    before, after = scale.read(assembly, "prod"), scale.read(Assembly(changed), "prod")
    assert after.resources == before.resources + 1
    assert after.bytes > before.bytes
    assert scale.by_clients(after) != scale.by_clients(before)


def test_two_resources_of_one_kind_a_client_are_refused(assembly: Assembly) -> None:
    stack = assembly.stacks["otto-prod-clients-internal"]
    secrets = {f"Second{key}": value for key, value in stack.resources.items() if "Secret" in value["Type"]}
    doubled = replace(stack, template={"Resources": {**stack.resources, **secrets}})
    with pytest.raises(ValueError, match="expected one each"):
        scale.read(Assembly({**assembly.stacks, stack.name: doubled}), "prod")


def test_a_longer_token_bridges_a_longer_failure_of_the_token_endpoint(assembly: Assembly) -> None:
    facts = replace(scale.read(assembly, "prod"), token_seconds=3600)
    longer = replace(facts, token_seconds=4 * 3600)
    assert "first callers without a token after | - | 12 min |" in scale.by_region(facts)
    assert "the last after | - | 60 min |" in scale.by_region(facts)
    assert "first callers without a token after | - | 48 min |" in scale.by_region(longer)
    assert "the last after | - | 240 min |" in scale.by_region(longer)
