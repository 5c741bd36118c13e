"""`make check`: every template of every environment through CloudFormation Validate, cdk-nag, cfn-lint and checkov.

The synth runs the first two (app.py). A finding is accepted beside its resource: stacks/acknowledgement.py.
"""

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, NamedTuple

from tools import acknowledgements, assembly, declared, synth
from tools.catalogue import written
from tools.synth import SynthesisError

CHECKOUT = Path(__file__).parent.parent
CHECKOV = CHECKOUT / ".venv" / "checkov" / "bin" / "checkov"
_THEIRS: Final = re.compile(r"[EIW]\d{4}|CKV.*")
"""The rules of cfn-lint and checkov; cdk-nag's are held at synth."""


class ScanError(Exception):
    """A scanner could not be run or did not read every template; the message is for the person who ran it."""


class Finding(NamedTuple):
    """What a scanner says of one resource."""

    template: str
    logical_id: str
    rule: str
    text: str

    @property
    def place(self) -> tuple[str, str, str]:
        return self.template, self.logical_id, self.rule


def scan(templates: Sequence[Path]) -> list[str]:
    """Every finding of cfn-lint and checkov that its resource does not acknowledge, and what acknowledges nothing."""
    if not CHECKOV.exists():
        raise ScanError(f"{CHECKOV.relative_to(CHECKOUT)} is not there: run make check, which installs it")
    with ThreadPoolExecutor() as pool:
        scanners = [pool.submit(scanner, templates) for scanner in (_cfn_lint, _checkov)]
        found = [finding for scanner in scanners for finding in scanner.result()]
    acknowledged = {
        (template.name, accepted.logical_id, accepted.finding)
        for template in templates
        for accepted in acknowledgements.read(template)
        if _THEIRS.fullmatch(accepted.finding)
    }
    stale = acknowledged - {finding.place for finding in found}
    return [
        *(": ".join(finding) for finding in found if finding.place not in acknowledged),
        *(f"{': '.join(place)}: acknowledged, but found no more" for place in stale),
    ]


def _cfn_lint(templates: Sequence[Path]) -> list[Finding]:
    return [_lint(match) for match in _json([Path(sys.executable).parent / "cfn-lint", "--format", "json", *templates])]


def _lint(match: dict[str, Any]) -> Finding:
    path = [str(step) for step in match["Location"]["Path"]]
    logical_id = path[1] if path[:1] == ["Resources"] and len(path) > 1 else ""
    return Finding(
        Path(match["Filename"]).name, logical_id, match["Rule"]["Id"], f"{'/'.join(path)}: {match['Message']}"
    )


def _checkov(templates: Sequence[Path]) -> list[Finding]:
    # Findings alone: the descriptions that it offers to download add nothing here.
    options = ["--framework", "cloudformation", "--skip-download", "--compact", "--output", "json"]
    report = _json([CHECKOV, *options, "--file", *templates])
    if report["summary"]["parsing_errors"]:
        raise ScanError(f"checkov could not read {', '.join(report['results']['parsing_errors'])}")
    # A resource is its type and its logical id there, with a dot between.
    return [
        Finding(Path(check["file_path"]).name, check["resource"].split(".")[-1], check["check_id"], check["check_name"])
        for check in report["results"]["failed_checks"]
    ]


def _json(command: Sequence[str | Path]) -> Any:
    ended = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    try:
        return json.loads(ended.stdout)
    except ValueError:
        said = (ended.stderr + ended.stdout).strip()
        raise ScanError(f"{Path(command[0]).name} ended with status {ended.returncode}: {said}") from None


def main() -> None:
    parser = argparse.ArgumentParser(prog="make check", description=__doc__)
    parser.add_argument("--assembly", default="", help="a folder that `make synth` made (default: make one)")
    arguments = parser.parse_args()
    groups = declared.groups()
    try:
        with synth.assembly(arguments.assembly) as (folder, _):
            findings = [*written.stale(groups, assembly.read(folder)), *scan(acknowledgements.templates(folder))]
    except (ScanError, SynthesisError, OSError) as error:  # also where no acknowledgements stand beside a template
        sys.exit(f"scan: {error}")
    if findings:
        sys.exit("\n".join([*sorted(findings), f"scan: {len(findings)} finding(s): mend or acknowledge each"]))


if __name__ == "__main__":
    main()
