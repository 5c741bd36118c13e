"""The report of every change in the table, made to a real checkout and synthesized by its own code."""

import dataclasses
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.tools.report import code_changes, repository
from tests.tools.report.changes import CHANGES
from tests.tools.report.repository import Base, Checkout
from tools.report import comparison, markdown

assert code_changes  # its changes are in the table

COMMIT = "0123456789ab"
ON = date(2027, 1, 1)
NOTHING: dict[str, Any] = {
    "verdict": "pass",
    "reasons": [],
    "base_error": "",
    "head_error": "",
    "problems": [],
    "losses": [],
    "violations": [],
    "not_understood": [],
    "access": [],
    "expiry": [],
    "routes": [],
}
READ = {
    "nothing",
    "a_client_added",
    "a_client_removed_and_acknowledged",
    "a_file_renamed_and_widened",
    "a_function_allowed_to_read_the_whole_table",
    "an_end_within_thirty_days",
    "every_method_open_to_anybody",
    "the_domain_renamed",
}
"""Whose Markdown is kept to be read, as a reviewer would see it."""


@pytest.mark.parametrize("name", CHANGES)
def test_report_holds_exactly_what_changes(
    name: str, base: Base, checkout: Checkout, tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    edit, expected = CHANGES[name]
    edit(checkout)
    report = comparison.compare(base.side, base.head(checkout, tmp_path / "head"), commit=COMMIT, on=ON)
    facts = json.loads(json.dumps(dataclasses.asdict(report), default=str))
    facts["not_understood"] = sorted({f"{item['type']} {item['what']}".strip() for item in facts["not_understood"]})
    assert {key: facts[key] for key in NOTHING | expected} == NOTHING | expected
    if name in READ:
        assert markdown.write(report) == snapshot


@pytest.mark.parametrize("name", ["a_client_added", "a_file_moved_to_another_group"])
def test_what_the_registry_reaches_is_all_that_it_changes(
    name: str, base: Base, checkout: Checkout, tmp_path: Path
) -> None:
    CHANGES[name][0](checkout)
    short, whole = base.head(checkout, tmp_path / "short"), repository.side(checkout, tmp_path / "whole")
    assert short == whole
    assert short.assembly is not None
    assert whole.assembly is not None
    assert list(short.assembly.stacks) == list(whole.assembly.stacks)
