"""CDK's bootstrap is there, new enough, and lets CloudFormation do what our policies say and no more."""

from collections.abc import Iterator

import aws_cdk as cdk
from botocore.exceptions import ClientError

from stacks import execution_policy
from tools.preflight.plan import Plan
from tools.row import Row, judge

QUALIFIER = cdk.DefaultStackSynthesizer.DEFAULT_QUALIFIER


def execution_role(plan: Plan) -> str:
    """The name of the role that CloudFormation assumes, as CDK's bootstrap template makes it."""
    return f"cdk-{QUALIFIER}-cfn-exec-role-{plan.account}-{plan.cloud.region}"


def look(plan: Plan) -> Iterator[Row]:
    policies = [f"arn:aws:iam::{plan.account}:policy/{name}" for name in execution_policy.names(plan.environment)]
    command = (
        f"node_modules/.bin/cdk bootstrap aws://{plan.account}/{plan.cloud.region} "
        f"--cloudformation-execution-policies {','.join(policies)}"
    )
    version = _version(plan)
    yield judge(
        "bootstrap",
        found=f"version {version}" if version else "none",
        expected=f"version {plan.bootstrap_version} or later",
        good=version >= plan.bootstrap_version,
        fix=command,
    )
    if not version or plan.cloud.emulated:
        return
    attached = plan.cloud.pages("iam", "list_attached_role_policies", "AttachedPolicies", RoleName=execution_role(plan))
    names = sorted(each["PolicyArn"] for each in attached)
    yield judge(
        "bootstrap",
        found=", ".join(name.rpartition("/")[2] for name in names) or "none",
        expected=", ".join(policy.rpartition("/")[2] for policy in policies),
        good=names == policies,
        fix=command,
    )


def _version(plan: Plan) -> int:
    """What the CDK CLI reads as well; 0 where there is no bootstrap."""
    parameters = plan.cloud.client("ssm")
    try:
        return int(parameters.get_parameter(Name=f"/cdk-bootstrap/{QUALIFIER}/version")["Parameter"]["Value"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "ParameterNotFound":
            raise
        return 0
