"""What is going to be deployed, and what is there already."""

import functools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from stacks.environments import Environment
from stacks.registry import Group
from tools import assembly, synth
from tools.cloud import Cloud
from tools.template import Assembly, Stack

_UNFINISHED: Final = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED")


# Not frozen: what is read once is kept.
@dataclass(kw_only=True)
class Plan:
    """One environment as the templates of this checkout make it, and the account that it goes to."""

    environment: Environment
    groups: Sequence[Group]
    assembly: Assembly
    bootstrap_version: int
    """The least that CDK's bootstrap must be: what the CLI itself asks for."""
    cloud: Cloud

    @classmethod
    def make(cls, environment: Environment, groups: Sequence[Group], cloud: Cloud, given: str = "") -> "Plan":
        """Read what the assembly in the folder `given` holds, or a new one. Raises SynthesisError."""
        with synth.assembly(given, validate=False) as (folder, _):
            return cls(
                environment=environment,
                groups=groups,
                assembly=assembly.read(folder),
                bootstrap_version=max(_bootstrap_versions(folder)),
                cloud=cloud,
            )

    @property
    def stacks(self) -> list[Stack]:
        """The environment's own stacks; its delivery stack is an administrator's."""
        return [stack for stack in self.assembly.stacks.values() if stack.environment == self.environment.name]

    def of_type(self, kind: str) -> Iterator[Mapping[str, Any]]:
        """The resolved properties of each resource of a type that the environment will have."""
        names = {stack.name for stack in self.stacks}
        return (properties for stack, _, properties in self.assembly.of_type(kind) if stack.name in names)

    @functools.cached_property
    def account(self) -> str:
        """Asking this takes no permission."""
        return str(self.cloud.client("sts").get_caller_identity()["Account"])

    @functools.cached_property
    def deployed(self) -> Mapping[str, str]:
        """The status of every stack of the region that is not gone, by name."""
        found = self.cloud.pages("cloudformation", "list_stacks", "StackSummaries")
        return {each["StackName"]: each["StackStatus"] for each in found if each["StackStatus"] != "DELETE_COMPLETE"}

    @functools.cached_property
    def owned(self) -> frozenset[tuple[str, str]]:
        """Type and physical id of every resource that a stack of this environment holds."""
        prefix = self.environment.stack("")
        return frozenset(held for name in self.deployed if name.startswith(prefix) for held in self._held(name))

    def _held(self, name: str) -> Iterator[tuple[str, str]]:
        # A deploy clears away what a failed first creation left (tools/recovery.py); else what is skipped is let go.
        gone = {"DELETE_COMPLETE"} if self.deployed[name] in _UNFINISHED else {"DELETE_COMPLETE", "DELETE_SKIPPED"}
        for each in self.cloud.pages(
            "cloudformation", "list_stack_resources", "StackResourceSummaries", StackName=name
        ):
            if each["ResourceStatus"] not in gone:
                yield each["ResourceType"], each.get("PhysicalResourceId", "")


def _bootstrap_versions(directory: Path) -> Iterator[int]:
    for manifest in directory.rglob("manifest.json"):
        for artifact in json.loads(manifest.read_text()).get("artifacts", {}).values():
            yield artifact.get("properties", {}).get("requiresBootstrapStackVersion", 0)
