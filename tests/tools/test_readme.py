"""What README.md and CONTRIBUTING.md say is so: each command is run by something, each rule shown by a test."""
# ruff: noqa: E501 - names of tests are sentences

import ast
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from local.guide import Credentials
from stacks.contract import GATEWAY
from stacks.profiles_contract import CONTRACTS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()

RUN_BY = {
    "cdk deploy": "tests/local/platform/test_commands.py::test_deploying_with_nothing_selected_is_refused_by_the_cli_itself",
    "curl --silent --config": "tests/local/platform/test_commands.py::test_the_two_shown_commands_do_what_they_say",
    "curl --silent --get": "tests/local/platform/test_commands.py::test_the_two_shown_commands_do_what_they_say",
    "make": "tests/tools/test_readme.py::test_make_lists_every_command_that_the_page_names",
    "make catalogue": "tests/tools/test_new_client.py::test_a_new_client_changes_its_own_file_and_the_page_that_lists_clients",
    "make check": ".ci/run",
    "make client": "tests/tools/test_new_client.py::test_a_new_client_changes_its_own_file_and_the_page_that_lists_clients",
    "make credentials": "tests/local/rotation/test_commands.py::test_rotate_rotates_and_credentials_tells_when_it_is_done",
    "make deploy": "tests/tools/test_deploy.py::test_deploy_selects_one_environment_and_passes_on_all_but_endpoints",
    "make preflight": "tests/tools/preflight/test_access.py::test_deploy_stops_before_it_changes_anything_where_there_is_no_bootstrap",
    "make smoke": "tests/local/platform/test_smoke.py::test_a_deployed_platform_passes_and_the_table_shows_no_secret",
    "make test": ".ci/run",
    "make token": "tests/local/platform/test_commands.py::test_token_prints_a_token_that_works_and_nothing_else",
    "make up": "tests/local/platform/test_commands.py::test_up_shows_the_two_requests_with_their_real_answers",
    "make verify": "tests/local/platform/test_verify.py::test_a_deployed_platform_is_as_we_assume_as_far_as_the_emulator_answers",
}
"""Each command of the page, without its values, and what runs it: a test, or a file of CI that holds it."""


def commands(page: str) -> set[str]:
    """Every command in a page's `sh` blocks and in its text, without its values."""
    blocks = re.findall(r"^```sh\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    inline = re.findall(
        r"`((?:make|cdk|curl)\b[^`]*)`", re.sub(r"^```.*?^```", "", page, flags=re.MULTILINE | re.DOTALL)
    )
    known = re.compile(r"make [a-z-]+|make$|cdk [a-z]+|curl --silent --[a-z]+")
    return {found[0] if (found := known.match(line)) else line for line in [*filter(None, lines), *inline]}


def missing(places: set[str]) -> Iterator[str]:
    """Every `<file>::<test>` and every file of tests in which there is no such test."""
    for place in places:
        path, _, name = place.partition("::")
        file = ROOT / path
        tests = {
            node.name
            for node in (ast.parse(file.read_text()).body if file.exists() else ())
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        }
        if not tests or (name and name not in tests):
            yield place


def test_every_command_of_the_page_is_run_by_something() -> None:
    assert commands(README) == RUN_BY.keys()
    assert list(missing({place for place in RUN_BY.values() if "::" in place})) == []
    for command, place in RUN_BY.items():
        assert "::" in place or command in (ROOT / place).read_text().splitlines()


def test_planted_commands_that_nothing_runs_are_found() -> None:
    page = "```sh\nmake planted ENV=dev  # why\naws s3 \\\nls\n```\nOr `make inline X=1`, or `cdk synth`.\n"
    assert commands(page) == {"make planted", "aws s3  ls", "make inline", "cdk synth"}
    assert list(missing({"tests/tools/test_readme.py::test_none"})) == ["tests/tools/test_readme.py::test_none"]


def test_make_lists_every_command_that_the_page_names() -> None:
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    named = {command.removeprefix("make ") for command in commands(README) if command.startswith("make ")}
    assert named <= set(re.findall(r"^  make ([a-z-]+) +\S", listed, re.MULTILINE))


def test_the_credentials_file_is_what_make_up_writes() -> None:
    config = Credentials(client_id="<client_id>", client_secret="<client_secret>").curl_config()
    assert " and ".join(f"`{line}`" for line in config.splitlines()) in README


def unexplained(page: str) -> set[str]:
    """Libraries that a lock is made from and that docs/decisions/libraries.md has no line for."""
    named = re.findall(r"^\| ([^|]+) \|", page, re.MULTILINE)
    explained = {re.sub(r"[^a-z0-9]", "", name.lower()) for names in named for name in names.split(",")}
    files = [path.read_text() for path in sorted(ROOT.glob("requirements*.in"))]
    wanted = {name for text in files for name in re.findall(r"^([a-z][\w-]*)", text, re.MULTILINE)}
    wanted |= json.loads((ROOT / "package.json").read_text())["devDependencies"].keys()
    return {name for name in wanted if re.sub(r"[^a-z0-9]", "", name.lower()) not in explained}


def test_every_library_has_its_reason() -> None:
    page = (ROOT / "docs/decisions/libraries.md").read_text()
    assert unexplained(page) == set()
    assert unexplained(page.replace("| cfn-lint |", "| |")) == {"cfn-lint"}


def test_each_row_of_the_page_has_every_answer_of_its_method() -> None:
    rows = dict(re.findall(r"^\| `([A-Z]+) /profiles\?uri=` \| `[a-z.]+` \| (.*) \|$", README, re.MULTILINE))
    said = {method: {int(status) for status in re.findall(r"\b\d{3}\b", row)} for method, row in rows.items()}
    of_any = GATEWAY.keys() | {400, 500, 503}
    assert said == {method: set(contract.answers) - of_any for method, contract in CONTRACTS.items()}


def test_what_must_stay_true_is_shown_by_tests_that_exist() -> None:
    rules = CONTRIBUTING.partition("## What must stay true")[2].partition("\n## ")[0]
    shown_by = set(re.findall(r"`(tests/[\w/.]+)`", rules))
    assert shown_by
    assert list(missing(shown_by)) == []
    assert list(missing({"tests/stacks/synthesis.py"})) == ["tests/stacks/synthesis.py"]
