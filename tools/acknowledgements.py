"""What resources acknowledge, read from what synth writes beside each template (stacks/acknowledgement.py)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

ACKNOWLEDGED: Final = "aws:cdk:acknowledged-rules"
"""CDK's `Validations.ACKNOWLEDGED_RULES_METADATA_KEY`, without a second of loading the CDK."""


class Acknowledgement(NamedTuple):
    """One finding accepted by one resource."""

    path: str
    """The resource's construct path, the stage first."""
    finding: str
    reason: str
    logical_id: str = ""


def templates(cdk_out: Path) -> list[Path]:
    """The templates of every stage of a cloud assembly."""
    return sorted(cdk_out.glob("assembly-*/*.template.json"))


def read(template: Path) -> Iterator[Acknowledgement]:
    """Those of the template's resources. Raises OSError where synth has not written beside it."""
    written = template.with_name(template.name.removesuffix(".template.json") + ".metadata.json")
    for path, entries in json.loads(written.read_text()).items():
        logical_id = next((entry["data"] for entry in entries if entry["type"] == "aws:cdk:logicalId"), "")
        for entry in entries:
            if entry["type"] == ACKNOWLEDGED:
                for finding, reason in entry["data"].items():
                    yield Acknowledgement(path.strip("/"), finding.removeprefix("Annotation::"), reason, logical_id)
