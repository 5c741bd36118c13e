"""Refuses, of a cloud assembly, whatever would let a deploy do more than publish its files and deploy its templates.

The CDK CLI believes an assembly: which roles it takes, which file it uploads under which key and deploys as the
template, which program it runs to make an asset. The report and the scan read the templates alone, so the rest has to
be what the CDK makes of ours: https://github.com/aws/aws-cdk-cli/tree/main/packages/%40aws-cdk/cloud-assembly-schema
(2026-11-25).
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from tools.assembly import NESTED, STACK, AssemblyError, artifacts, load, within

ASSETS: Final = "cdk:asset-manifest"
_BUCKET: Final = "cdk-hnb659fds-assets-${AWS::AccountId}-"
_VERSION: Final = "/cdk-bootstrap/hnb659fds/version"
_ARTIFACTS: Final[Mapping[str, frozenset[str]]] = {
    STACK: frozenset(
        {
            "templateFile", "stackName", "terminationProtection", "validateOnSynth", "tags", "assumeRoleArn",
            "cloudFormationExecutionRoleArn", "stackTemplateAssetObjectUrl", "requiresBootstrapStackVersion",
            "bootstrapStackVersionSsmParameter", "additionalDependencies", "lookupRole",
        }
    ),
    ASSETS: frozenset({"file", "requiresBootstrapStackVersion", "bootstrapStackVersionSsmParameter"}),
    NESTED: frozenset({"directoryName", "displayName"}),
    "cdk:tree": frozenset({"file"}),
    "cdk:feature-flag-report": frozenset({"module", "flags"}),
}  # fmt: skip
"""The types of artifacts that ours consist of, and the properties that each may have."""


def problems(directory: Path) -> Iterator[str]:
    """Everything in an assembly that ours never have, with its place. Raises AssemblyError where it cannot be read."""
    for folder in sorted({folder for folder, *_ in artifacts(directory)}):
        manifest = folder / "manifest.json"
        for key in sorted(set(load(directory, manifest)) - {"version", "artifacts", "minimumCliVersion"}):
            yield f"{manifest.relative_to(directory)}: {key}: expected a synth that asks nothing outside the checkout"
    for folder, _, artifact_id, artifact in artifacts(directory):
        place, kind = f"{(folder / artifact_id).relative_to(directory)}", artifact["type"]
        if kind not in _ARTIFACTS:
            yield f"{place}: an artifact of type {kind!r}, expected {', '.join(_ARTIFACTS)}"
            continue
        for name in sorted(artifact["properties"].keys() - _ARTIFACTS[kind]):
            yield f"{place}: {name}: expected {', '.join(sorted(_ARTIFACTS[kind]))} alone"
        if kind == STACK:
            yield from _stack(directory, folder, place, artifact)
        elif kind == ASSETS:
            yield from _assets(directory, folder, place, artifact)


def sources(directory: Path, folder: Path, artifact: Mapping[str, Any]) -> Iterator[tuple[str, Path]]:
    """Each key in the bucket that an asset manifest fills, and what with. Raises AssemblyError."""
    content = load(directory, within(directory, folder, artifact["properties"].get("file")))
    try:
        for asset in content["files"].values():
            for destination in asset["destinations"].values():
                yield destination["objectKey"], within(directory, folder, asset["source"].get("path"))
    except (KeyError, TypeError, AttributeError) as error:
        raise AssemblyError(f"{artifact['properties'].get('file')}: not a list of assets: {error!r}") from error


def _role(name: str, region: str) -> str:
    return (
        f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role/cdk-hnb659fds-{name}-role-${{AWS::AccountId}}-{region}"
    )


def _stack(directory: Path, folder: Path, place: str, artifact: Mapping[str, Any]) -> Iterator[str]:
    """Where a stack goes, by which roles, and that the template which is uploaded is the one that was judged."""
    properties, target = artifact["properties"], str(artifact.get("environment"))
    region = target.rpartition("/")[2]
    if target.rpartition("/")[0] != "aws://unknown-account":
        yield f"{place}: environment: {target!r}, expected aws://unknown-account/<region>: the account is the caller's"
    wanted = {
        "assumeRoleArn": _role("deploy", region),
        "cloudFormationExecutionRoleArn": _role("cfn-exec", region),
        "bootstrapStackVersionSsmParameter": _VERSION,
    }
    for name, value in wanted.items():
        if properties.get(name, value) != value:
            yield f"{place}: {name}: {properties[name]!r}, expected {value!r}"
    lookup = {"arn": _role("lookup", region), "bootstrapStackVersionSsmParameter": _VERSION}
    for name, value in lookup.items():
        if properties.get("lookupRole", lookup).get(name) != value:
            yield f"{place}: lookupRole.{name}: {properties['lookupRole'].get(name)!r}, expected {value!r}"
    if url := properties.get("stackTemplateAssetObjectUrl"):
        key = str(url).removeprefix(f"s3://{_BUCKET}{region}/")
        filled = [
            source
            for other, _, artifact_id, each in artifacts(directory)
            if other == folder
            and each["type"] == ASSETS
            and artifact_id in properties.get("additionalDependencies", ())
            for name, source in sources(directory, folder, each)
            if name == key
        ]
        if filled != [within(directory, folder, properties.get("templateFile"))]:
            named = properties.get("templateFile")
            yield f"{place}: stackTemplateAssetObjectUrl: {url!r} is not the stack's template {named!r}"


def _assets(directory: Path, folder: Path, place: str, artifact: Mapping[str, Any]) -> Iterator[str]:
    content = load(directory, within(directory, folder, artifact["properties"].get("file")))
    for key in sorted(content.keys() - {"version", "files"}):
        if content[key]:
            yield f"{place}: {key}: expected files alone"
    for name, asset in content.get("files", {}).items():
        source = asset.get("source", {})
        if source.keys() != {"path", "packaging"} or source["packaging"] not in ("file", "zip"):
            yield f"{place}: {name}: source: {source!r}, expected a path in the assembly and its packaging: file or zip"
        for destination in asset.get("destinations", {}).values():
            region = str(destination.get("region"))
            wanted = {"bucketName": f"{_BUCKET}{region}", "assumeRoleArn": _role("file-publishing", region)}
            for key in sorted(destination.keys() - {"objectKey", "region"} | wanted.keys()):
                if destination.get(key) != wanted.get(key):
                    yield f"{place}: {name}: {key}: {destination.get(key)!r}, expected {wanted.get(key)!r}"
