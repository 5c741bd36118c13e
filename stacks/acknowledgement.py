"""Where a scanner's finding is accepted: beside the resource it is about, with the reason, in the scanner's own terms.

`docs/security.md` lists every one of them; a test refuses one that accepts nothing any more.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import aws_cdk as cdk
from constructs import IConstruct

from stacks.policy import Statement

IN_ITS_ROLE: Final = "Lives and ends with its one role: a managed policy could be attached to others."


def acknowledge(construct: IConstruct, accepted: Mapping[str, Sequence[str]]) -> None:
    """Accept findings, by the reason, of this one resource: a construct's own, never those of what else it contains.

    A finding is a rule of cdk-nag (`AwsSolutions-COG8`; one that names its places, with the place:
    `AwsSolutions-IAM5[Resource::*]`), checkov (`CKV_AWS_116`) or cfn-lint (`W3005`). Synth writes them down beside the
    templates: cdk-nag reads them there, and `tools/scan.py` tells the other two.
    """
    resource = construct if isinstance(construct, cdk.CfnResource) else construct.node.default_child
    if not isinstance(resource, cdk.CfnResource):
        findings = ", ".join(finding for each in accepted.values() for finding in each)
        raise TypeError(f"{construct.node.path}: acknowledges {findings}, but is not one resource")
    # One call for all: a call to jsii is what a synth spends its time on.
    cdk.Validations.of(resource).acknowledge(
        *(
            cdk.Acknowledgment(id=finding, reason=reason)
            for reason, findings in accepted.items()
            for finding in findings
        )
    )


def wildcards(*statements: Statement) -> list[str]:
    """cdk-nag's finding for each action and resource that these statements give with a wildcard."""
    account, found = cdk.Aws.ACCOUNT_ID, []
    for statement in statements:
        found += [f"Action::{action}" for action in statement.actions if "*" in action]
        found += [f"Resource::{resource}" for resource in statement.resources if "*" in resource]
    return [f"AwsSolutions-IAM5[{place.replace(account, '<AWS::AccountId>')}]" for place in found]
