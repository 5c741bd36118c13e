"""The comment fits GitHub, shows what fails before anything else, and quotes nothing that Markdown would act on."""

from dataclasses import replace
from datetime import date

import pytest

from tools.report import markdown
from tools.report.access import AccessChange
from tools.report.facts import Expiry, Report
from tools.report.loss import Loss
from tools.report.resources import ResourceChange
from tools.report.table import code, plain


def lost(count: int) -> tuple[Loss, ...]:
    return tuple(
        Loss(
            resource=f"prod/clients-internal/a-service-with-quite-a-long-name-{number}/AppClient",
            environment="prod",
            stack="otto-prod-clients-internal",
            type="AWS::Cognito::UserPoolClient",
            kind="replaced",
            loses="its client id and secret",
            because=("UserPoolId is of identity/UserPool, which is replaced",),
            retained=False,
        )
        for number in range(count)
    )


def changes(stacks: int) -> tuple[ResourceChange, ...]:
    return tuple(
        ResourceChange(
            environment="prod",
            stack=f"otto-prod-{stack}",
            resource=f"prod/{stack}/{number}",
            logical_id=f"X{number}",
            type="AWS::SSM::Parameter",
            action="added",
        )
        for stack in range(stacks)
        for number in range(100)
    )


def test_details_are_left_out_with_a_count_and_failures_are_not() -> None:
    losses, resources = lost(100), changes(40)
    text = markdown.write(Report(base="b", verdict="fail", reasons=("r",), losses=losses, resources=resources))
    shown = text.count("<details><summary><code>otto-prod-")
    assert len(text) <= markdown.LIMIT
    assert 0 < shown < 40
    assert text.endswith(f"\n_{40 - shown} sections did not fit a comment: see `report.json` of this run._\n")
    assert [loss for loss in losses if f"`{loss.resource.removeprefix('prod/')}`" not in text] == []


def test_more_losses_than_a_comment_holds_are_counted_by_kind() -> None:
    text = markdown.write(Report(base="b", verdict="fail", reasons=("r",), losses=lost(2_000)))
    assert len(text) <= markdown.LIMIT
    assert text.count("and 1800 more, named in `report.json`") == 1


@pytest.mark.parametrize("text", ["<b>", "a|b", "@team", "#1", "[x](y)", "`x`", "*x*", "x\ny", "</details>"])
def test_what_people_wrote_is_shown_as_it_is(text: str) -> None:
    change = AccessChange(client="c", environments=("dev",), what="owner", before=(text,), after=("b",))
    lines = markdown.write(Report(base="b", access=(change,))).splitlines()
    assert lines[-1] == f"| `c` | dev | owner | {plain(text)} → b |"


SHOWN = {
    "<b>": r"\<b\>",
    "a|b": r"a\|b",
    "[x](y)": r"\[x\](y)",
    "`x`": r"\`x\`",
    "x\ny": "x y",
    # A backslash would not do for these two.
    "@sellwithotto/platform": "@<!-- -->sellwithotto/platform",
    "#12": r"\#<!-- -->12",
}


@pytest.mark.parametrize("text", SHOWN)
def test_nothing_that_people_wrote_is_acted_on(text: str) -> None:
    assert plain(text) == SHOWN[text]


HOSTILE = "<img src=x> @sellwithotto/platform, and so on"


def test_the_reason_for_a_base_that_is_not_compared_is_shown_as_it_is() -> None:
    text = markdown.write(Report(base="b", base_error="e", uncompared=HOSTILE))
    assert text.splitlines()[2] == f"The base `b` cannot be synthesized. Acknowledged: {plain(HOSTILE)}"


def test_the_reason_for_a_loss_is_shown_as_it_is() -> None:
    [loss] = lost(1)
    text = markdown.write(Report(base="b", losses=(replace(loss, acknowledged=HOSTILE),)))
    assert plain(HOSTILE) in text
    assert "<img" not in text.replace(r"\<img", "")


def test_the_owner_of_what_expires_is_shown_as_it_is() -> None:
    end = Expiry(client="c", owner=HOSTILE, expires=date(2027, 1, 2), days=1)
    report = Report(base="b", on=date(2027, 1, 1), expiry=(end,), losses=lost(1))
    assert f"| `c` | {plain(HOSTILE)} | 2027-01-02 |" in markdown.write(report)


def test_code_cannot_be_left_from_within() -> None:
    assert code("a`b|c\nd") == "`` a`b\\|c d ``"
