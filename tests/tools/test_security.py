"""docs/security.md is whole and fresh: each control has a test that exists or a reason; each acceptance is there."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools import security
from tools.acknowledgements import Acknowledgement
from tools.permissions import wide

REFERENCE = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
REASON = re.compile(r"(Does not apply|Not done|AWS): \S")
SECTIONS = (
    "RFC 6749",
    "RFC 6750",
    "RFC 8725",
    "RFC 9700",
    "OWASP ASVS 5",
    "OWASP API Security",
    "OWASP Non-Human",
    "AWS Foundational",
)
ASVS = {
    *(f"9.1.{n}" for n in range(1, 4)),
    *(f"9.2.{n}" for n in range(1, 5)),
    *(f"10.1.{n}" for n in range(1, 3)),
    *(f"10.2.{n}" for n in range(1, 3)),
    *(f"10.3.{n}" for n in range(1, 5)),
    *(f"10.4.{n}" for n in range(1, 12)),
    "10.5.1 - 10.5.5",
    "10.6.1, 10.6.2",
    "10.7.1 - 10.7.3",
}
"""What V9 and V10 ask for at levels 1 and 2: https://github.com/OWASP/ASVS/tree/v5.0.0/5.0/en."""


def rows(page: str) -> Iterator[tuple[str, str, str]]:
    """The section, first cell and last cell of every row that states a control."""
    section = ""
    for line in page.partition(security.BEGIN)[0].splitlines():
        if line.startswith("## "):
            section = line.removeprefix("## ")
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if section.startswith(SECTIONS) and line.startswith("|") and not line.startswith("|---"):
            yield section, cells[0], cells[-1]


def unshown(page: str) -> Iterator[str]:
    """Every control without a test or a reason, and every reference to a test that is not there."""
    for section, control, shown in rows(page):
        if shown != "shown by" and not REFERENCE.search(shown) and not REASON.match(shown):
            yield f"{section}: {control}: neither a test nor a reason"
    for path, name in REFERENCE.findall(page):
        file = security.CHECKOUT / path
        functions = (
            {node.name for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.FunctionDef)}
            if file.exists()
            else set()
        )
        if name not in functions:
            yield f"{path}::{name}: not there"


@pytest.fixture
def page() -> str:
    return security.PAGE.read_text()


def test_every_control_has_a_test_that_exists_or_a_reason(page: str) -> None:
    assert list(unshown(page)) == []


def test_every_standard_is_there_and_asvs_is_whole(page: str) -> None:
    listed = list(rows(page))
    assert all(any(section.startswith(wanted) for section, _, _ in listed) for wanted in SECTIONS)
    assert {control for section, control, _ in listed if "ASVS" in section} - {"requirement"} == ASVS
    assert {control.split()[0] for section, control, _ in listed if "API Security" in section} - {"risk"} == {
        f"API{n}" for n in range(1, 11)
    }
    assert {control.split()[0] for section, control, _ in listed if "Non-Human" in section} - {"risk"} == {
        f"NHI{n}" for n in range(1, 11)
    }


def test_a_planted_unshown_control_is_found(page: str) -> None:
    planted = page.replace(
        "## RFC 6750", "| 11 | something | trust us |\n| 12 | other | `tests/none.py::test_none` |\n\n## RFC 6750"
    )
    assert list(unshown(planted)) == [
        "RFC 6749, OAuth 2.0: 11: neither a test nor a reason",
        "tests/none.py::test_none: not there",
    ]


def test_the_lists_are_those_of_the_stacks_and_of_what_reaches_further(page: str, cdk_out: Path) -> None:
    assert page == security.renew(page, cdk_out), "docs/security.md is stale: run `make security` and commit it"
    assert page.count("| CloudFormation | ") == len(wide.entries()["cloudformation"])


def test_a_place_of_several_environments_is_told_once() -> None:
    table = security.table(
        [
            Acknowledgement("dev/profiles/Api/Stage.dev/Resource", "AwsSolutions-APIG3", "None here."),
            *(
                Acknowledgement(f"{name}/clients-{client}/Credentials/Resource", "SMG4", "Rotated.")
                for name, client in (("dev", "internal/one"), ("dev", "internal/two"), ("prod", "partners/one"))
            ),
            *(
                Acknowledgement(f"{name}/identity/UserPool/Resource", "COG2", "No people.")
                for name in ("dev", "staging")
            ),
            *(
                Acknowledgement(f"delivery/{name}/Execution", f"IAM5[otto-{name}-*]", "By name.")
                for name in ("dev", "staging", "prod")
            ),
        ]
    )
    assert table.splitlines()[2:] == [
        "| By name. | `IAM5[otto-<env>-*]` | `delivery/Execution` |",
        "| No people. | `COG2` | `identity/UserPool` (dev, staging) |",
        "| None here. | `AwsSolutions-APIG3` | `profiles/Api/Stage.<env>` (dev) |",
        "| Rotated. | `SMG4` | `clients-<group>/<client>/Credentials` (dev, prod) |",
    ]


def test_a_page_without_a_place_for_the_list_is_refused() -> None:
    with pytest.raises(ValueError, match="no place for the list"):
        security.refresh("# Security\n", "")
