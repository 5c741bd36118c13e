"""The deployed stacks are what the templates say, and hold the values that their producers have now."""

import subprocess
from collections.abc import Iterator
from typing import Final

from tools.row import Row, judge
from tools.verify.deployment import Deployment

CDK: Final = "node_modules/.bin/cdk"


def look_at_references(deployment: Deployment) -> Iterator[Row]:
    """Compare what each SSM-typed parameter was resolved to with what its SSM parameter says now."""
    cloudformation, parameters = deployment.client("cloudformation"), deployment.client("ssm")
    stale, compared = [], 0
    for name in _names(deployment):
        [stack] = cloudformation.describe_stacks(StackName=name)["Stacks"]
        for each in stack.get("Parameters", []):
            if "ResolvedValue" not in each:
                continue
            compared += 1
            now = parameters.get_parameter(Name=each["ParameterValue"])["Parameter"]["Value"]
            # CDK's bootstrap is renewed apart from our stacks, whose description tells the CLI to skip it.
            if now != each["ResolvedValue"] and not each["ParameterValue"].startswith("/cdk-bootstrap/"):
                stale.append(f"{name}: {each['ParameterValue']}")
    yield judge(
        "references",
        found=f"stale: {', '.join(stale)}" if stale else f"all {compared} hold what their parameter says",
        expected="each stack holds the values that its producers have now",
        good=not stale and compared > 0,
        fix=deployment.at.make("deploy"),
    )


def look_at_drift(deployment: Deployment) -> Iterator[Row]:
    cloudformation = deployment.client("cloudformation")
    detections = {
        name: cloudformation.detect_stack_drift(StackName=name)["StackDriftDetectionId"] for name in _names(deployment)
    }
    found: dict[str, str] = {}

    def is_done() -> bool:
        for name, detection in detections.items():
            answer = cloudformation.describe_stack_drift_detection_status(StackDriftDetectionId=detection)
            if answer["DetectionStatus"] != "DETECTION_IN_PROGRESS":
                failed = answer["DetectionStatus"] == "DETECTION_FAILED"
                found[name] = "DETECTION_FAILED" if failed else answer["StackDriftStatus"]
        return len(found) == len(detections)

    deployment.poll(is_done)
    drifted = [f"{name}: {found.get(name, 'no answer')}" for name in detections if found.get(name) != "IN_SYNC"]
    yield judge(
        "drift",
        found="; ".join(drifted) or f"{len(found)} stacks are IN_SYNC",
        expected="every stack is IN_SYNC",
        good=not drifted,
        fix=deployment.at.aws("cloudformation", "describe-stack-resource-drifts", "--stack-name", "<stack>"),
    )


def look_at_difference(deployment: Deployment) -> Iterator[Row]:
    command = [CDK, "diff", "--method=template", "--fail", f"{deployment.environment.name}/*"]
    diff = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [line for line in (diff.stdout + diff.stderr).splitlines() if "Number of stacks with differences" in line]
    yield judge(
        "difference",
        found=lines[0].strip("✨ ") if lines else f"cdk diff ends with status {diff.returncode}",
        expected="what is deployed is what this checkout says",
        good=diff.returncode == 0,
        fix=deployment.at.make("diff"),
    )


def _names(deployment: Deployment) -> list[str]:
    return [stack.name for stack in deployment.plan.stacks if stack.name in deployment.plan.deployed]
