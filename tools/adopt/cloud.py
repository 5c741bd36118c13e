"""The CDK CLI and CloudFormation, with the caller's credentials, on one assembly that is synthesized once."""

import contextlib
import json
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from tools import synth
from tools.adopt.plan import Adopted, AdoptionError
from tools.synth import SynthesisError

_ROOT = Path(__file__).parents[2]
_CDK = _ROOT / "node_modules/.bin/cdk"
_PAUSE = 2
"""Seconds between two questions."""


class Cloud:
    """Runs `cdk` on `assembly` (a directory) and asks `cloudformation` (a boto3 client)."""

    def __init__(self, assembly: str, cloudformation: Any) -> None:
        self._assembly = assembly
        self._cloudformation = cloudformation

    @classmethod
    def synthesize(cls, directory: str, cloudformation: Any) -> "Cloud":
        """Make the sealed assembly of this checkout in `directory`, so that a deploy then changes nothing."""
        try:
            synth.make(Path(directory), validate=synth.validates())
        except SynthesisError as error:
            raise AdoptionError(f"nothing was synthesized, so nothing is adopted:\n{error}") from error
        return cls(directory, cloudformation)

    def cdk(self, *arguments: str) -> None:
        """Run one command of the CDK CLI, its output to the terminal. Raises AdoptionError when it fails."""
        command = [str(_CDK), "--app", self._assembly, *arguments]
        if subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode:
            raise AdoptionError(f"cdk {' '.join(arguments)} failed, for the reason above")

    def adopt(self, adopted: Sequence[Adopted]) -> None:
        """Import into each stack what is not in it yet, and deploy it: the next stack refers to it."""
        for (stack, name), resources in groupby(adopted, key=lambda each: (each.stack, each.stack_name)):
            present = self.resources(name)
            missing = [each for each in resources if each.logical_id not in present]
            if missing:
                with tempfile.NamedTemporaryFile("w", suffix=".json") as file, _without_parameters(missing):
                    json.dump({each.logical_id: dict(each.identifier) for each in missing}, file)
                    file.flush()
                    self.cdk("import", stack, "--resource-mapping", file.name)
            self.cdk("deploy", "--require-approval=never", stack)

    def resources(self, stack: str) -> set[str]:
        """The logical ids that the stack of this name holds now; none when there is no such stack."""
        try:
            pages = self._cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
            return {r["LogicalResourceId"] for page in pages for r in page["StackResourceSummaries"]}
        except self._cloudformation.exceptions.ClientError as error:
            if "does not exist" in str(error):
                return set()
            raise

    def drifted(self, stacks: Iterable[str]) -> list[str]:
        """What CloudFormation's drift detection finds in the stacks of these names. It cannot look at user pools."""
        return [line for stack in stacks for line in self._drifted(stack)]

    def _drifted(self, stack: str) -> Iterable[str]:
        detection = self._cloudformation.detect_stack_drift(StackName=stack)["StackDriftDetectionId"]
        asked = {"StackDriftDetectionId": detection}
        # It takes seconds to minutes, and CloudFormation throttles who asks without a pause.
        while (answer := self._cloudformation.describe_stack_drift_detection_status(**asked))[
            "DetectionStatus"
        ] == "DETECTION_IN_PROGRESS":
            time.sleep(_PAUSE)
        if answer["DetectionStatus"] != "DETECTION_COMPLETE":
            yield f"{stack}: drift detection failed: {answer.get('DetectionStatusReason')}"
        page: dict[str, Any] = {"StackName": stack, "StackResourceDriftStatusFilters": ["MODIFIED", "DELETED"]}
        while page:
            found = self._cloudformation.describe_stack_resource_drifts(**page)
            for drift in found["StackResourceDrifts"]:
                yield f"{stack}: {drift['LogicalResourceId']}: {drift['StackResourceDriftStatus']}"
            page = page | {"NextToken": found["NextToken"]} if found.get("NextToken") else {}


@contextlib.contextmanager
def _without_parameters(resources: Sequence[Adopted]) -> Iterator[None]:
    """Put values for parameters into the template of these resources' stack, until they are imported.

    `cdk import` sends what is deployed and the resources alone (aws-cdk 2.1148.1, `currentTemplateWithAdditions`): of a
    stack that is not there yet, no parameter that they refer to. The deployment that follows finds the same values.
    """
    path = resources[0].template
    text = path.read_text()
    template = json.loads(text)
    for each in resources:
        template["Resources"][each.logical_id]["Properties"] = each.importable
    path.write_text(json.dumps(template))
    try:
        yield
    finally:
        path.write_text(text)
