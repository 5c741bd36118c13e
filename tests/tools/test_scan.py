"""What is planted in a template is found, and where; that ours have nothing is what `make check` shows."""

import json
from pathlib import Path

import pytest

from tools import scan


def test_planted_findings_and_stale_acknowledgements_of_both_scanners_are_found(tmp_path: Path) -> None:
    rules = ("CKV_AWS_117", "CKV_AWS_116", "CKV_AWS_363", "CKV_AWS_18")
    accepted = [{"id": name, "comment": "planted"} for name in rules]
    function = {
        "Type": "AWS::Lambda::Function",
        "Metadata": {
            "checkov": {"skip": accepted},
            "cfn-lint": {"config": {"ignore_checks": ["E2533", "E3012"]}},
        },
        "Properties": {
            "Code": {"ZipFile": "x"},
            "Handler": "index.handle",
            "MemorySize": 99_999,
            "Role": "arn:aws:iam::111122223333:role/planted",
            "Runtime": "python2.7",  # E2533, CKV_AWS_363
        },
    }
    template = tmp_path / "planted.template.json"
    template.write_text(json.dumps({"Resources": {"Function": function}}))
    found = sorted(scan.scan([template]))
    place = "planted.template.json: AWS::Lambda::Function.Function: "
    assert f"{place}CKV_AWS_18: acknowledged, but found no more" in found
    assert "planted.template.json: Function: E3012: acknowledged, but found no more" in found
    concurrency, size = (each for each in found if "found no more" not in each)
    assert concurrency.startswith(f"{place}CKV_AWS_115: ")
    assert size.startswith("planted.template.json: Resources/Function/Properties/MemorySize: E3034: ")


def test_without_checkov_it_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "CHECKOV", scan.CHECKOUT / "none" / "checkov")
    (tmp_path / "a.template.json").write_text('{"Resources": {}}')
    with pytest.raises(scan.ScanError, match="run make check, which installs it"):
        scan.scan([tmp_path / "a.template.json"])


def test_a_scanner_that_does_not_run_is_no_clean_scan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "CHECKOV", Path("/bin/false"))
    (tmp_path / "a.template.json").write_text('{"Resources": {}}')
    with pytest.raises(scan.ScanError, match="false ended with status 1"):
        scan.scan([tmp_path / "a.template.json"])
