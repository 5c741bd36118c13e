"""CODEOWNERS says who approves which folder of the registry, and is what `make catalogue` writes now."""

from stacks.registry import Declaration
from tools import codeowners


def test_every_group_has_its_own_approvers_and_all_else_is_the_platforms() -> None:
    groups = {
        "sales": Declaration(approvers="@sellwithotto/sales-leads", purpose="What sales runs at night."),
        "growth": Declaration(approvers="@sellwithotto/growth", purpose="What growth runs at night."),
    }
    assert codeowners.render(groups).splitlines()[2:] == [
        "*                 @sellwithotto/platform",
        "/clients/growth/  @sellwithotto/growth",
        "/clients/sales/   @sellwithotto/sales-leads",
    ]
