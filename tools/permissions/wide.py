"""What a policy grants on resources that may be another application's, beside the list of their reasons: wide.yaml."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from tools.permissions.excess import Grant, grants
from tools.permissions.policies import Statements

_CREATES: Final = re.compile(r"[\w-]+:(Create\w+|POST)")
_TAGS: Final = ("application", "environment")
_WHO: Final = {"cloudformation": "CloudFormation", "boundary": "any role of ours, at most"}


@cache
def entries() -> Mapping[str, list[dict[str, Any]]]:
    """The lists of wide.yaml, by policy."""
    found: dict[str, list[dict[str, Any]]] = yaml.safe_load(Path(__file__).with_name("wide.yaml").read_text())
    return found


def reasons(policy: str) -> Mapping[Grant, str]:
    """The reason of each grant of a policy that reaches further than what is ours."""
    return {
        Grant(action, resource): each["reason"]
        for each in entries()[policy]
        for resource in each["resources"]
        for action in each["actions"]
    }


def beyond_ours(policy: Statements, environment: str) -> set[Grant]:
    """Each grant that nothing ties to the environment: no name in its ARN, and no condition on tags or a boundary."""
    return {
        Grant(action, re.sub(rf"(?<=[/_]){environment}\b", "{env}", resource))
        for (action, resource), statement in grants(policy)
        if not _is_named(resource, environment) and not _is_tied(action, statement.get("Condition", {}))
    }


def _is_named(resource: str, environment: str) -> bool:
    """Whether the part that names the thing begins with our prefix; one that may begin with anything does not."""
    return bool(re.search(rf"(^|[:/]|aws-waf-logs-)otto[-/]{environment}(?![\w])", resource))


def _is_tied(action: str, condition: Mapping[str, Mapping[str, Any]]) -> bool:
    equal = condition.get("StringEquals", {})
    if "iam:PermissionsBoundary" in equal or _has_tags("ResourceTag", equal):
        return True
    return _has_tags("RequestTag", equal) and bool(_CREATES.fullmatch(action))


def _has_tags(of: str, equal: Mapping[str, Any]) -> bool:
    return all(f"aws:{of}/{tag}" in equal for tag in _TAGS)


def table() -> str:
    """The lists as a Markdown table."""
    rows = ["| who | may call | on | because | `make preflight` lists others' |", "|---|---|---|---|---|"]
    for who, listed in entries().items():
        for each in listed:
            cells = ["<br>".join(f"`{_short(one)}`" for one in each[key]) for key in ("actions", "resources")]
            rows.append(" | ".join(["", _WHO[who], *cells, each["reason"], each.get("looked_at", "-"), ""]).strip())
    return "\n".join(rows) + "\n"


def _short(text: str) -> str:
    """An ARN without its account and region, and an action as it is."""
    return re.sub(r"^arn:aws:([\w-]+):[\w-]*:\d*:", r"\1: ", text).replace("{env}", "<env>")
