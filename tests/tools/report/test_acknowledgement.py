"""An acknowledgement names what is lost by this very change and says why; anything else is refused with its place."""

from pathlib import Path

import pytest

from tools.report import acknowledgement
from tools.report.acknowledgement import FILE
from tools.report.loss import Loss

VALID = """\
- resources:
    - prod/identity/UserPool
  change: replaced
  reason: Agreed with every owner on the second of May.
"""
LOSS = Loss(
    resource="prod/identity/UserPool",
    environment="prod",
    stack="otto-prod-identity",
    type="AWS::Cognito::UserPool",
    kind="replaced",
    loses="",
    because=(),
    retained=False,
)
REASON = "a sentence of 20 to 300 characters that says why"
RESOURCES = "expected a list of what the report names, at least one"
WHY = "  reason: Agreed with every owner on the second of May.\n"
MUTATIONS = {
    "unknown key": ("  reason", "  why: x\n  reason", "4: why: unknown key, expected resources, change and reason"),
    "no reason": (WHY, "", f"1: reason: missing, expected {REASON}"),
    "short reason": ("Agreed with every owner on the second of May.", "ok", f"4: reason: 'ok', expected {REASON}"),
    "unknown change": ("replaced", "gone", "3: change: 'gone', expected removed, replaced, regenerated or uncompared"),
    "no resource": ("\n    - prod/identity/UserPool", " []", f"1: resources: [], {RESOURCES}"),
    "one resource as text": ("\n    - prod/identity/UserPool", " x", f"1: resources: 'x', {RESOURCES}"),
    "nothing": (VALID, "", "1: file: empty, expected fields, each as 'name: value'"),
    "a text": (VALID, "yes please\n", "1: file: not a list, expected entries with resources, change and reason"),
    "a list of texts": (VALID, "- prod\n", "1: file: expected resources, change and reason"),
}  # fmt: skip


def read(folder: Path, text: str) -> tuple[tuple[acknowledgement.Acknowledgement, ...], list[str]]:
    (folder / FILE).write_text(text)
    given, problems = acknowledgement.read(folder)
    return given, [str(problem) for problem in problems]


def test_a_valid_entry_acknowledges_the_loss_with_its_reason(tmp_path: Path) -> None:
    given, problems = read(tmp_path, VALID)
    judged, idle = acknowledgement.apply([LOSS], given, ())
    assert ([item.acknowledged for item in judged], idle, problems) == (
        ["Agreed with every owner on the second of May."],
        (),
        [],
    )


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, mutation: str) -> None:
    old, new, problem = MUTATIONS[mutation]
    assert VALID.count(old) == 1
    assert read(tmp_path, VALID.replace(old, new)) == ((), [f"{FILE}:{problem}"])


def test_an_entry_that_the_base_has_is_spent_and_no_problem(tmp_path: Path) -> None:
    given, _ = read(tmp_path, VALID)
    judged, idle = acknowledgement.apply([LOSS], given, given)
    assert ([item.acknowledged for item in judged], idle) == ([None], ())


@pytest.mark.parametrize("old", ["prod/identity", "replaced"])
def test_another_resource_or_another_kind_of_loss_acknowledges_nothing(tmp_path: Path, old: str) -> None:
    new = {"prod/identity": "dev/identity", "replaced": "removed"}[old]
    given, _ = read(tmp_path, VALID.replace(old, new))
    judged, idle = acknowledgement.apply([LOSS], given, ())
    said = f"'{given[0].resource}' is not {given[0].change} by this change"
    assert [item.acknowledged for item in judged] == [None]
    assert list(map(str, idle)) == [f"{FILE}:2: resources: {said}: expected prod/identity/UserPool (replaced)"]


def test_an_acknowledgement_where_nothing_is_lost_is_a_problem(tmp_path: Path) -> None:
    given, _ = read(tmp_path, VALID)
    _, [idle] = acknowledgement.apply([], given, ())
    said = "'prod/identity/UserPool' is not replaced by this change: nothing is lost, remove the entry"
    assert str(idle) == f"{FILE}:2: resources: {said}"


def test_no_file_is_no_problem(tmp_path: Path) -> None:
    assert acknowledgement.read(tmp_path) == ((), ())
