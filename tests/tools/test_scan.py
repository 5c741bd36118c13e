"""What is planted in a template is found, and where; that ours have nothing is what `make check` shows."""

import json
from pathlib import Path
from typing import Any

import pytest

from tools import scan

QUEUE = {"Type": "AWS::SQS::Queue"}


def plant(folder: Path, resource: dict[str, Any], *acknowledged: str) -> Path:
    """A template of one resource, and what it acknowledges, as synth writes both."""
    rules = {"type": "aws:cdk:acknowledged-rules", "data": {f"Annotation::{rule}": "planted" for rule in acknowledged}}
    metadata = {"/dev/planted/Planted": [{"type": "aws:cdk:logicalId", "data": "Planted"}, rules]}
    (folder / "planted.metadata.json").write_text(json.dumps(metadata))
    template = folder / "planted.template.json"
    template.write_text(json.dumps({"Resources": {"Planted": resource}}))
    return template


def test_planted_findings_and_stale_acknowledgements_of_both_scanners_are_found(tmp_path: Path) -> None:
    properties = {
        "Code": {"ZipFile": "x"},
        "Handler": "index.handle",
        "MemorySize": 99_999,
        "Role": "arn:aws:iam::111122223333:role/planted",
        "Runtime": "python2.7",  # E2533, CKV_AWS_363
    }
    accepted = ("CKV_AWS_117", "CKV_AWS_116", "CKV_AWS_363", "CKV_AWS_18", "E2533", "E3012", "Serverless-LambdaDLQ")
    template = plant(tmp_path, {"Type": "AWS::Lambda::Function", "Properties": properties}, *accepted)
    place = "planted.template.json: Planted"
    concurrency, no_bucket, no_type, size = sorted(scan.scan([template]))
    assert concurrency.startswith(f"{place}: CKV_AWS_115: Ensure that AWS Lambda function is configured for ")
    assert no_bucket == f"{place}: CKV_AWS_18: acknowledged, but found no more"
    assert no_type == f"{place}: E3012: acknowledged, but found no more"
    assert size.startswith(f"{place}: E3034: Resources/Planted/Properties/MemorySize: ")


def test_without_checkov_it_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "CHECKOV", scan.CHECKOUT / "none" / "checkov")
    with pytest.raises(scan.ScanError, match="run make check, which installs it"):
        scan.scan([plant(tmp_path, QUEUE)])


def test_a_scanner_that_does_not_run_is_no_clean_scan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "CHECKOV", Path("/bin/false"))
    with pytest.raises(scan.ScanError, match="false ended with status 1"):
        scan.scan([plant(tmp_path, QUEUE)])
