"""What pages tell people to type exists: each command of the AWS CLI, and what runs each step of deploying."""
# ruff: noqa: E501 - names of tests are sentences

import re
from typing import Any

import pytest

from tests.instructions import DOCS, mistakes, spoken
from tests.stacks.synthesis import SynthesizedStack
from tests.tools.test_readme import ROOT, commands, missing

PAGES = sorted([*DOCS.glob("*.md"), ROOT / "README.md"])
DEPLOYING = {
    "cdk bootstrap": "tests/local/test_first_steps.py::test_the_steps_make_who_may_deploy_and_a_bootstrap_without_an_administrator",
    "cdk deploy": "tests/local/test_first_steps.py::test_the_steps_make_who_may_deploy_and_a_bootstrap_without_an_administrator",
    "cdk diff": "tests/tools/test_workflows.py::test_a_pull_request_is_checked_tested_reported_and_compared",
    "make check": ".ci/run",
    "make credentials": "tests/local/rotation/test_commands.py::test_rotate_rotates_and_credentials_tells_when_it_is_done",
    "make deploy": "tests/tools/test_deploy.py::test_deploy_selects_one_environment_and_passes_on_all_but_endpoints",
    "make preflight": "tests/tools/preflight/test_access.py::test_deploy_stops_before_it_changes_anything_where_there_is_no_bootstrap",
    "make diff": "tests/tools/test_workflows.py::test_a_pull_request_is_checked_tested_reported_and_compared",
    "make smoke": "tests/local/platform/test_smoke.py::test_a_deployed_platform_passes_and_the_table_shows_no_secret",
    "make synth": "tests/tools/test_synth.py::test_why_there_is_no_assembly_stands_in_its_place",
    "make verify": "tests/local/platform/test_verify.py::test_a_deployed_platform_is_as_we_assume_as_far_as_the_emulator_answers",
}
"""Each command of docs/deploying.md, without its values, and what runs it."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_aws_command_of_a_page_is_one_that_the_cli_takes(page: Any) -> None:
    assert {command: found for command in spoken(page.read_text()) if (found := mistakes(command))} == {}


def test_pages_have_commands_and_planted_mistakes_are_found() -> None:
    assert sum(len(list(spoken(page.read_text()))) for page in PAGES) > 20
    page = "Run `aws s33 ls`, `aws iam delete-rolle --role-name x`.\n```sh\na=$(aws iam get-role --role x) # why\n```\n"
    assert [found for command in spoken(page) for found in mistakes(command)] == [
        "no option --role",
        "no service s33",
        "no operation delete-rolle",
    ]


def test_every_command_of_deploying_is_run_by_something() -> None:
    page = re.sub(r"node_modules/\.bin/", "", (DOCS / "deploying.md").read_text())
    indented = re.findall(r"^ {7}(cdk [a-z]+)", page, re.MULTILINE)
    assert commands(page) | set(indented) == DEPLOYING.keys()
    assert list(missing({place for place in DEPLOYING.values() if "::" in place})) == []
    for command, place in DEPLOYING.items():
        assert "::" in place or command in (ROOT / place).read_text().splitlines()


@pytest.mark.parametrize("environment", ["staging", "prod"])
def test_the_page_on_a_whole_environment_names_all_that_a_deleted_stack_leaves_behind(
    stacks: dict[str, SynthesizedStack], environment: str
) -> None:
    page = (DOCS / "restoring.md").read_text().partition("## The whole environment anew")[2]
    kept = [
        resource
        for stack in stacks.values()
        if stack.environment == environment
        for resource in stack.template["Resources"].values()
        if resource.get("DeletionPolicy", "Delete") != "Delete"
    ]
    assert {resource["Type"] for resource in kept} == set(re.findall(r"`(AWS::\w+::\w+)`", page))
    named = {
        str(name)
        for resource in kept
        for key in ("LogGroupName", "Domain", "TableName")
        if isinstance(name := resource.get("Properties", {}).get(key), str)
    }
    spelled = page.replace("`…-", f"`aws-waf-logs-otto-{environment}-").replace("<env>", environment)
    assert [name for name in sorted(named) if f"`{name}`" not in spelled] == []
    assert named
