"""docs/registry.md says what the model says."""

import re
from pathlib import Path

import pytest

from stacks import registry
from tests.registry.sample import GROUPS, write
from tools import schema

ROOT = registry.CLIENTS.parent
PAGE = (ROOT / "docs" / "registry.md").read_text()


def rows(described: schema.Schema) -> list[str]:
    """The table of a model's fields, as the page must have it."""
    required = described["required"]
    table = [(name, "yes" if name in required else "no", field) for name, field in described["properties"].items()]
    return [f"| `{name}` | {needed} | {field['description']} |" for name, needed, field in table]


def written(page: str) -> list[str]:
    return re.findall(r"^\| `.*` \| (?:yes|no) \|.*\|$", page, flags=re.MULTILINE)


def expected() -> list[str]:
    client, groups = schema.describe_client(), schema.describe_groups()
    return rows(client) + rows(client["definitions"]["Grant"]) + rows(groups["definitions"]["Declaration"])


def test_the_page_lists_every_field_as_the_editor_explains_it() -> None:
    assert written(PAGE) == expected()
    assert written(PAGE.replace("| `owner` | yes", "| `owner` | no")) != expected()


@pytest.mark.parametrize("page", ["docs/registry.md", "README.md"])
def test_the_page_s_example_is_valid(tmp_path: Path, page: str) -> None:
    example = (ROOT / page).read_text().partition("```yaml\n")[2].partition("```")[0]
    write(tmp_path, {"groups.yaml": GROUPS, "internal/lead-enricher.yaml": example})
    assert registry.load(tmp_path)


def test_the_page_s_limits_are_the_model_s() -> None:
    assert f"at most {registry.GROUP_CAPACITY} clients" in PAGE
    assert f"at most {registry.POOL_CAPACITY:,}" in PAGE
    assert f"From {registry.WARNING_DAYS} days before" in PAGE


def test_the_page_s_error_is_the_registry_s(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "groups.yaml": GROUPS,
            "internal/lead-enricher.yaml": "\n" * 6 + "environments: {dev:\n {scopes: [api.raed]}}",
        },
    )
    try:
        registry.load(tmp_path)
    except registry.RegistryError as error:
        told = error.problems
    assert next(line for line in PAGE.splitlines() if "api.raed" in line) in told
