"""`make check`: every template of every environment through CloudFormation Validate, cdk-nag, cfn-lint and checkov.

The CDK CLI's own synth runs the first two. A finding is accepted beside its resource: stacks/acknowledgement.py.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

CHECKOUT = Path(__file__).parent.parent
CHECKOV = CHECKOUT / ".venv" / "checkov" / "bin" / "checkov"


class ScanError(Exception):
    """A scanner could not be run or did not read every template; the message is for the person who ran it."""


def synthesize(folder: Path) -> list[Path]:
    """The templates of every environment. Raises ScanError with what the CDK CLI says, findings included."""
    command: list[str | Path] = ["node_modules/.bin/cdk", "synth", "--quiet", "--strict", "--output", folder]
    ended = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise ScanError(f"cdk synth: {(ended.stderr + ended.stdout).strip()}")
    return sorted(folder.glob("assembly-*/*.template.json"))


def scan(templates: Sequence[Path]) -> list[str]:
    """Every finding of cfn-lint and checkov that its resource does not acknowledge, and what acknowledges nothing."""
    with ThreadPoolExecutor() as pool:
        found = [pool.submit(scanner, templates) for scanner in (_cfn_lint, _checkov)]
        return [finding for future in found for finding in future.result()]


def _cfn_lint(templates: Sequence[Path]) -> list[str]:
    acknowledged = {
        (template.name, logical_id, rule)
        for template in templates
        for logical_id, rules in _lint_rules(json.loads(template.read_text())).items()
        for rule in rules
    }
    with TemporaryDirectory() as folder:
        bare = [_without_acknowledgements(template, Path(folder)) for template in templates]
        matches = _json([Path(sys.executable).parent / "cfn-lint", "--format", "json", *bare])
    found = {_lint_place(match) for match in matches}
    return [
        *(
            f"{Path(match['Filename']).name}: {'/'.join(str(step) for step in match['Location']['Path'])}: "
            f"{match['Rule']['Id']}: {match['Message']}"
            for match in matches
            if _lint_place(match) not in acknowledged
        ),
        *(f"{': '.join(place)}: acknowledged, but found no more" for place in sorted(acknowledged - found)),
    ]


def _lint_place(found: dict[str, Any]) -> tuple[str, str, str]:
    match found["Location"]["Path"]:
        case ["Resources", str(logical_id), *_]:
            pass
        case _:
            logical_id = ""
    return Path(found["Filename"]).name, logical_id, found["Rule"]["Id"]


def _lint_rules(template: dict[str, Any]) -> dict[str, list[str]]:
    """The rules that each resource acknowledges, by its logical id."""
    return {
        logical_id: resource.get("Metadata", {}).get("cfn-lint", {}).get("config", {}).get("ignore_checks", [])
        for logical_id, resource in template["Resources"].items()
    }


def _without_acknowledgements(template: Path, folder: Path) -> Path:
    """A copy in which cfn-lint finds what is acknowledged, too: it has no list of what it was told to ignore."""
    content = json.loads(template.read_text())
    for resource in content["Resources"].values():
        resource.get("Metadata", {}).pop("cfn-lint", None)
    copy = folder / template.name
    copy.write_text(json.dumps(content))
    return copy


def _checkov(templates: Sequence[Path]) -> list[str]:
    if not CHECKOV.exists():
        raise ScanError(f"{CHECKOV.relative_to(CHECKOUT)} is not there: run make check, which installs it")
    # Findings alone: the descriptions that it offers to download add nothing here.
    options = ["--framework", "cloudformation", "--skip-download", "--compact", "--output", "json"]
    report = _json([CHECKOV, *options, "--file", *templates])
    if report["summary"]["parsing_errors"]:
        raise ScanError(f"checkov could not read {', '.join(report['results']['parsing_errors'])}")
    results = report["results"]
    skipped = {_place(check) for check in results["skipped_checks"]}
    return [
        *(f"{': '.join(_place(check))}: {check['check_name']}" for check in results["failed_checks"]),
        *(f"{': '.join(place)}: acknowledged, but found no more" for place in _acknowledged(templates) - skipped),
    ]


def _place(check: dict[str, Any]) -> tuple[str, str, str]:
    return Path(check["file_path"]).name, check["resource"], check["check_id"]


def _acknowledged(templates: Iterable[Path]) -> set[tuple[str, str, str]]:
    return {
        (template.name, f"{resource['Type']}.{logical_id}", skip["id"])
        for template in templates
        for logical_id, resource in json.loads(template.read_text())["Resources"].items()
        for skip in resource.get("Metadata", {}).get("checkov", {}).get("skip", [])
    }


def _json(command: Sequence[str | Path]) -> Any:
    ended = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    try:
        return json.loads(ended.stdout)
    except ValueError:
        said = (ended.stderr + ended.stdout).strip()
        raise ScanError(f"{Path(command[0]).name} ended with status {ended.returncode}: {said}") from None


def _report(folder: Path) -> Iterator[str]:
    templates = synthesize(folder)
    yield from scan(templates)


def main() -> None:
    try:
        with TemporaryDirectory() as folder:
            findings = list(_report(Path(folder)))
    except ScanError as error:
        sys.exit(f"scan: {error}")
    if findings:
        sys.exit("\n".join([*sorted(findings), f"scan: {len(findings)} finding(s): mend or acknowledge each"]))


if __name__ == "__main__":
    main()
