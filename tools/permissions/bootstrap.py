"""What CDK's bootstrap lets its roles do, from the template that the CDK CLI of package.json deploys."""

from pathlib import Path
from typing import Any, Final

import yaml

from tools.permissions.arns import EXAMPLE_ACCOUNT
from tools.permissions.policies import Statements

_TEMPLATE: Final = Path(__file__).parents[2] / "node_modules/aws-cdk/lib/api/bootstrap/bootstrap-template.yaml"
_REGION: Final = "us-east-1"
_BUCKET: Final = f"cdk-hnb659fds-assets-{EXAMPLE_ACCOUNT}-{_REGION}"
_NAMES: Final = {
    "AWS::AccountId": EXAMPLE_ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::Region": _REGION,
    "Qualifier": "hnb659fds",
    "CdkBootstrapVersion": "/cdk-bootstrap/hnb659fds/version",
    "StagingBucket.Arn": f"arn:aws:s3:::{_BUCKET}",
    "CloudFormationExecutionRole.Arn": (
        f"arn:aws:iam::{EXAMPLE_ACCOUNT}:role/cdk-hnb659fds-cfn-exec-role-{EXAMPLE_ACCOUNT}-{_REGION}"
    ),
}
# Managed policies of AWS that bootstrap attaches:
# https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCloudFormationReadOnlyAccess.html (2026-11-25)
_MANAGED: Final = {
    "AWSCloudFormationReadOnlyAccess": [
        f"cloudformation:{each}" for each in ("Describe*", "EstimateTemplateCost", "Get*", "List*", "ValidateTemplate")
    ]
}


def statements(role: str) -> Statements:
    """All that one of bootstrap's roles may do, by its logical id in the template, with no option chosen."""
    resources: dict[str, Any] = yaml.safe_load(_TEMPLATE.read_text())["Resources"]
    own = resources[role]["Properties"]
    documents = [policy["PolicyDocument"] for policy in own.get("Policies", ())]
    documents += [
        each["Properties"]["PolicyDocument"]
        for each in resources.values()
        if each["Type"] == "AWS::IAM::Policy" and {"Ref": role} in each["Properties"].get("Roles", ())
    ]
    found = [_fill(statement) for document in documents for statement in document["Statement"]]
    for arn in own.get("ManagedPolicyArns", ()):
        name = _fill(arn).rpartition("/")[2]
        found.append({"Effect": "Allow", "Action": _MANAGED[name], "Resource": "*"})
    return found


def _fill(value: Any) -> Any:
    match value:
        case {"Fn::Sub": str(text)}:
            for name, known in _NAMES.items():
                text = text.replace(f"${{{name}}}", known)
            return text
        case {"Ref": str(name)}:
            return _NAMES.get(name, name)
        case {"Fn::If": [_, _, otherwise]}:
            return _fill(otherwise)
        case dict():
            return {key: _fill(item) for key, item in value.items()}
        case list():
            return [_fill(item) for item in value]
        case _:
            return value
