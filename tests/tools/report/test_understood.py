"""What the report does not know to be harmless is never under "Nobody gets more access", and what is, always."""

import copy
from dataclasses import replace

import pytest

from tests.tools.report.widenings import HARMLESS, WIDENINGS, Edit, Templates
from tools.report import comparison, markdown
from tools.report.comparison import Side
from tools.report.facts import Report
from tools.report.table import parted
from tools.report.understood import Unknown
from tools.template import Assembly

PASS = "## ✅ Access report: pass\n\nNobody gets more access (against `base`)"


def planted(base: Assembly, edit: Edit) -> Assembly:
    """The assembly after an edit of copies of its templates."""
    templates: Templates = {
        name.removeprefix("otto-"): copy.deepcopy(dict(stack.template)) for name, stack in base.stacks.items()
    }
    edit(templates)
    return Assembly(
        {name: replace(stack, template=templates[name.removeprefix("otto-")]) for name, stack in base.stacks.items()}
    )


def report(base: Assembly, edit: Edit) -> Report:
    before, after = Side(assembly=base, entries={}), Side(assembly=planted(base, edit), entries={})
    return comparison.compare(before, after, commit="base")


@pytest.fixture(scope="module")
def base(assembly: Assembly) -> Assembly:
    """Without prod, which is staging with other numbers."""
    return Assembly({name: stack for name, stack in assembly.stacks.items() if stack.environment != "prod"})


@pytest.mark.parametrize("name", WIDENINGS)
def test_a_widening_is_never_called_nobody(base: Assembly, name: str) -> None:
    text = markdown.write(report(base, WIDENINGS[name]))
    assert "Nobody gets more access" not in text
    assert "No change" not in text
    headline = text.splitlines()[2]
    assert any(
        said in headline
        for said in ("Somebody gets more access", "ot understood: ", "no scope", "violation", "not acknowledged")
    )


@pytest.mark.parametrize("name", HARMLESS)
def test_a_harmless_change_is_called_nobody(base: Assembly, name: str) -> None:
    text = markdown.write(report(base, HARMLESS[name]))
    assert text.startswith(PASS)


def test_long_values_are_shown_where_they_part() -> None:
    before, after = "same " * 100 + "old", "same " * 100 + "new"
    assert parted(before, after, 40) == ("`…same same old`", "`…same same new`")
    assert parted(None, "short", 40) == ("none", "`short`")


def test_what_is_not_understood_is_never_cut_from_a_comment() -> None:
    many = tuple(
        Unknown(environment="dev", resource=f"dev/x/{n}", type="A::B::C", what="added", before=None, after=None)
        for n in range(2_000)
    )
    text = markdown.write(Report(base="base", not_understood=many))
    assert len(text) < markdown.LIMIT
    assert "Not understood: `A::B::C added` (2000)" in text.splitlines()[2]
    assert "in `report.json` of this run" in text
