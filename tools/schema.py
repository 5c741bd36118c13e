"""Writes the JSON Schemas that editors complete and check the registry's files with, from the reader's own model."""

import json
import re
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter

from stacks.registry import CLIENTS, ClientFile, Declaration
from stacks.registry.model import NAMES, TESTING
from stacks.registry.texts import KEBAB

Schema = dict[str, Any]

# What VS Code's and JetBrains's YAML support reads: draft 7, so `definitions` and no keyword beside a `$ref`.
DRAFT: Final = "http://json-schema.org/draft-07/schema#"


def describe_client() -> Schema:
    """The schema of `clients/<group>/<client>.yaml`."""
    schema = TypeAdapter(ClientFile).json_schema(ref_template="#/definitions/{model}")
    environments: Schema = schema["properties"]["environments"]
    grant = environments.pop("additionalProperties")
    environments.pop("propertyNames", None)
    environments |= {"properties": dict.fromkeys(NAMES, grant), "additionalProperties": False}
    ends = {"required": ["expires"], "properties": {"environments": {"propertyNames": {"enum": list(TESTING)}}}}
    testing = {"required": ["kind"], "properties": {"kind": {"const": "testing"}}}
    return _finish(schema | {"title": "An app client", "if": testing, "then": ends})


def describe_groups() -> Schema:
    """The schema of `clients/groups.yaml`."""
    schema: Schema = {
        "title": "The groups of app clients",
        "description": "Each group is a folder of clients/, a stack in each environment, and a team that approves.",
        "type": "object",
        "patternProperties": {f"^{KEBAB}$": {"$ref": "#/definitions/Declaration"}},
        "additionalProperties": False,
        "$defs": {"Declaration": TypeAdapter(Declaration).json_schema()},
    }
    return _finish(schema)


def write(folder: Path) -> None:
    for name, schema in (("client", describe_client()), ("groups", describe_groups())):
        (folder / f"{name}.schema.json").write_text(json.dumps(schema, indent=2, ensure_ascii=False) + "\n")


def _finish(schema: Schema) -> Schema:
    definitions = schema.pop("$defs")
    for definition in definitions.values():
        definition.pop("title")
    for model in (schema, *definitions.values()):
        for name, field in model.get("properties", {}).items():
            model["properties"][name] = _tidy(field)
    return {"$schema": DRAFT} | schema | {"definitions": definitions}


def _tidy(field: Schema) -> Schema:
    """A field without what a file cannot say (null is the model's way to say absent) and titles that repeat names."""
    for choice in field.pop("anyOf", ()):
        if choice.get("type") != "null":
            field |= choice
    if field.get("default", ...) is None:
        del field["default"]
    field.pop("title", None)
    if "description" in field:
        field["description"] = re.sub(r"\s+", " ", field["description"])
    return field


if __name__ == "__main__":
    write(CLIENTS)
