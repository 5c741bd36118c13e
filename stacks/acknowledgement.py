"""Where a scanner's finding is accepted: beside the resource it is about, with the reason, in the scanner's own terms.

`docs/security.md` lists every one of them; a test refuses one that accepts nothing any more.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import IConstruct

IN_ITS_ROLE: Final = "Lives and ends with its one role: a managed policy could be attached to others."


def acknowledge(construct: IConstruct, reason: str, *findings: str) -> None:
    """Accept `findings` of this one resource: a construct's own, never those of what else it contains.

    A finding is a rule of cdk-nag (`AwsSolutions-COG8`; one that names its places, with the place:
    `AwsSolutions-IAM5[Resource::*]`), checkov (`CKV_AWS_116`) or cfn-lint (`W3005`).
    """
    resource = construct if isinstance(construct, cdk.CfnResource) else construct.node.default_child
    if not isinstance(resource, cdk.CfnResource):
        raise TypeError(f"{construct.node.path}: acknowledges {', '.join(findings)}, but is not one resource")
    for finding in findings:
        # Read by cdk-nag, and for every scanner by what writes the list of acknowledgements.
        cdk.Validations.of(resource).acknowledge(cdk.Acknowledgment(id=finding, reason=reason))
        if finding.startswith("CKV"):
            _extend(resource, "checkov", "skip", {"id": finding, "comment": reason})
        elif re.fullmatch(r"[EIW]\d{4}", finding):
            _extend(resource, "cfn-lint", "config", finding)


def wildcards(statements: Sequence[iam.PolicyStatement]) -> list[str]:
    """cdk-nag's finding for each action and resource that these statements give with a wildcard."""
    found = []
    for statement in statements:
        found += [f"Action::{action}" for action in statement.actions if "*" in action]
        found += [f"Resource::{resource}" for resource in statement.resources if "*" in resource]
    return [f"AwsSolutions-IAM5[{place.replace(cdk.Aws.ACCOUNT_ID, '<AWS::AccountId>')}]" for place in found]


def _extend(resource: cdk.CfnResource, tool: str, key: str, entry: Any) -> None:
    found = resource.get_metadata(tool) or {}
    if tool == "cfn-lint":
        ignored = found.get(key, {}).get("ignore_checks", [])
        resource.add_metadata(tool, {key: {"ignore_checks": [*ignored, entry]}})
    else:
        resource.add_metadata(tool, {key: [*found.get(key, []), entry]})
