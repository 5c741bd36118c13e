"""The role that deploys from a workflow may make every call of `make preflight`, and `make deploy` heeds its answer."""

import os
import subprocess
import sys
from pathlib import Path

from local import cloud
from local.emulator.process import Emulator
from stacks import preflight_policy
from stacks.environments import ENVIRONMENTS
from stacks.registry import Group
from tests.tools.answers import Answers
from tests.tools.preflight.lines import GOOD, READER, with_reader
from tools.check import run
from tools.preflight.checks import CHECKS
from tools.preflight.plan import Plan
from tools.template import Assembly

ROOT = Path(__file__).parents[3]


def test_every_call_is_granted_and_nothing_more(assembly: Assembly, groups: tuple[Group, ...]) -> None:
    lines = GOOD | {
        "cloudformation.ListStackResources": lambda _: {
            "StackResourceSummaries": [
                {
                    "LogicalResourceId": "F",
                    "ResourceType": "AWS::Lambda::Function",
                    "PhysicalResourceId": "otto-staging-f",
                    "LastUpdatedTimestamp": 0,
                    "ResourceStatus": "CREATE_COMPLETE",
                }
            ]
        }
    }
    answers = Answers(lines=lines)
    plan = Plan(
        environment=ENVIRONMENTS[1],
        groups=with_reader(groups, READER),
        assembly=assembly,
        bootstrap_version=6,
        cloud=answers,
    )
    run(CHECKS, plan, emulated=False)
    # By its HTTP method: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-iam-policy-examples.html
    lines_by_method = {"apigateway.GetRestApis": "apigateway.GET"}
    asked = {lines_by_method.get(line, line).replace(".", ":") for line, _ in answers.asked} - {
        "sts:GetCallerIdentity"
    }  # needs no permission
    granted = {action for each in preflight_policy.statements(ENVIRONMENTS[1]) for action in each.actions}
    assert asked == granted


def test_deploy_stops_before_it_changes_anything_where_there_is_no_bootstrap(
    emulator: Emulator, tmp_path: Path
) -> None:
    before = emulator.client("cloudformation").describe_stacks()["Stacks"]
    deploy = subprocess.run(
        [sys.executable, "-m", "tools.deploy", "dev"],
        cwd=tmp_path,
        env=cloud.environment(emulator) | {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert deploy.returncode == 1
    assert "to fix bootstrap: node_modules/.bin/cdk bootstrap aws://000000000000/us-east-1" in deploy.stdout
    assert deploy.stderr.splitlines()[-1].startswith("deploy: nothing was changed: ")
    assert emulator.client("cloudformation").describe_stacks()["Stacks"] == before
