"""The permission statements of a template, wherever its resources keep them."""

import json
from collections.abc import Iterator
from typing import Any

from tests.stacks.synthesis import Template


def written(value: Any) -> str:
    """A part of a template as one text, with what only a deployment knows as `<…>`."""
    match value:
        case str(text):
            return text
        case {"Fn::Join": [str(separator), list(parts)]}:
            return separator.join(written(part) for part in parts)
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), _]}:
            return f"<{name}>"
        case _:
            return json.dumps(value)


def many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def statements(template: Template) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every permission statement of every role, policy, key and log group, with the logical id it stands in."""
    for logical_id, resource in template["Resources"].items():
        properties = resource.get("Properties", {})
        documents = [properties.get(name) for name in ("PolicyDocument", "ResourcePolicy", "KeyPolicy")]
        if resource["Type"].startswith("AWS::IAM::"):
            documents += [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
        for document in documents:
            text = document is not None and (isinstance(document, str) or "Fn::Join" in document)
            for statement in (json.loads(written(document)) if text else document or {}).get("Statement", []):
                yield logical_id, statement


def allowed(template: Template, service: str, *kinds: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """What the service itself may do by policies of resources of these types, or of any."""
    for logical_id, statement in statements(template):
        principal = statement.get("Principal")
        services = many(principal.get("Service", [])) if isinstance(principal, dict) else []
        wanted = not kinds or template["Resources"][logical_id]["Type"] in kinds
        if wanted and statement["Effect"] == "Allow" and f"{service}.amazonaws.com" in services:
            yield logical_id, statement
