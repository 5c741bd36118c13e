"""The JSON Schemas that editors read say what the reader says, as far as a schema can."""

import json
from datetime import date
from typing import Any

import jsonschema
import pytest

from stacks import registry
from stacks.registry import document
from stacks.registry.scalars import Implicit
from tests.registry.sample import CLIENT, GROUPS
from tests.registry.test_mutations import MUTATIONS
from tools import schema

FOR_THE_READER = {"owner_boolean", "expires_quoted", "minutes_octal"}
"""What JSON Schema cannot see: how a value is spelt, where YAML 1.2 reads what is meant and YAML 1.1 something else."""


def simple(value: Any) -> Any:
    """A value as an editor's YAML 1.2 sees it: no dates, and what YAML 1.1 alone reads otherwise is its text."""
    match value:
        case dict():
            return {key: simple(each) for key, each in value.items()}
        case list():
            return [simple(each) for each in value]
        case date():
            return value.isoformat()
        case Implicit(kind="nothing"):
            return None
        case Implicit(text=text):
            return float(text) if text.replace(".", "").isdecimal() else text
    return value


def accepts(described: schema.Schema, text: str) -> bool:
    root, _ = document.read("x", text.encode())
    checker = jsonschema.Draft7Validator(described, format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER)
    return checker.is_valid(simple(root.plain()))


def test_the_committed_schemas_are_fresh() -> None:
    committed = [json.loads((registry.CLIENTS / f"{name}.schema.json").read_text()) for name in ("client", "groups")]
    assert committed == [schema.describe_client(), schema.describe_groups()], "run `make schema`"


def test_the_schemas_are_valid_schemas() -> None:
    jsonschema.Draft7Validator.check_schema(schema.describe_client())
    jsonschema.Draft7Validator.check_schema(schema.describe_groups())


def test_every_shipped_file_names_the_schema_that_accepts_it() -> None:
    for path in registry.CLIENTS.rglob("*.yaml"):
        first = path.read_text().partition("\n")[0]
        named = (path.parent / first.removeprefix("# yaml-language-server: $schema=")).resolve()
        assert named == registry.CLIENTS / (
            "client.schema.json" if path.parent != registry.CLIENTS else "groups.schema.json"
        )
        assert accepts(json.loads(named.read_text()), path.read_text())


def test_the_samples_are_accepted() -> None:
    assert accepts(schema.describe_client(), CLIENT)
    assert accepts(schema.describe_groups(), GROUPS)


def test_an_editor_refuses_what_the_reader_refuses() -> None:
    changed = {mutation.id: CLIENT.replace(mutation.values[0], mutation.values[1], 1) for mutation in MUTATIONS}
    # What is no good YAML an editor tells without a schema.
    readable = {name: text for name, text in changed.items() if not document.read("x", text.encode())[1]}
    assert {name for name, text in readable.items() if accepts(schema.describe_client(), text)} == FOR_THE_READER


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("internal", "Internal"),
        ("@sellwithotto/", ""),
        ("optional", "always"),
        ("  purpose", "  porpoise"),
        ("Otto's own", "otto's own"),
    ],
)
def test_an_editor_refuses_a_wrong_group(old: str, new: str) -> None:
    assert not accepts(schema.describe_groups(), GROUPS.replace(old, new, 1))


def test_a_testing_client_outside_dev_or_without_end_is_refused() -> None:
    testing = CLIENT.replace("service", "testing").partition("  prod:")[0]
    assert accepts(schema.describe_client(), testing)
    assert not accepts(schema.describe_client(), testing.replace("  dev:", "  staging:"))
    assert not accepts(schema.describe_client(), testing.replace("expires: 2027-06-30\n", ""))


def test_every_field_is_explained_to_the_editor() -> None:
    for described in (schema.describe_client(), schema.describe_groups()):
        for model in (described, *described["definitions"].values()):
            assert [name for name, field in model.get("properties", {}).items() if not field.get("description")] == []
