"""Where a scanner's finding is accepted: beside the resource it is about, with the reason, in the scanner's own terms.

`docs/security.md` lists every one of them; a test refuses one that accepts nothing any more.
"""

import re
from collections.abc import Sequence
from typing import Final

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
    # Read by cdk-nag, and for every scanner by what writes the list of acknowledgements.
    accepted = (cdk.Acknowledgment(id=finding, reason=reason) for finding in findings)
    cdk.Validations.of(resource).acknowledge(*accepted)
    if skipped := [{"id": finding, "comment": reason} for finding in findings if finding.startswith("CKV")]:
        found = resource.get_metadata("checkov") or {}
        resource.add_metadata("checkov", {"skip": [*found.get("skip", []), *skipped]})
    if ignored := [finding for finding in findings if re.fullmatch(r"[EIW]\d{4}", finding)]:
        found = resource.get_metadata("cfn-lint") or {}
        known = found.get("config", {}).get("ignore_checks", [])
        resource.add_metadata("cfn-lint", {"config": {"ignore_checks": [*known, *ignored]}})


def wildcards(statements: Sequence[iam.PolicyStatement]) -> list[str]:
    """cdk-nag's finding for each action and resource that these statements give with a wildcard."""
    account, found = cdk.Aws.ACCOUNT_ID, []
    for statement in statements:
        found += [f"Action::{action}" for action in statement.actions if "*" in action]
        found += [f"Resource::{resource}" for resource in statement.resources if "*" in resource]
    return [f"AwsSolutions-IAM5[{place.replace(account, '<AWS::AccountId>')}]" for place in found]
