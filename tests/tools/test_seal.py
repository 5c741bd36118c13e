"""The digest of an assembly holds all that a deploy reads, and what lets a deploy do more than ours is refused."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tools import assembly, seal
from tools.assembly import AssemblyError
from tools.seal import SealError

PROFILES = "otto-prod-profiles"
Json = dict[str, Any]


@pytest.fixture
def folder(cdk_out: Path, tmp_path: Path) -> Path:
    """A copy of the assembly that a test writes to."""
    shutil.copytree(cdk_out, tmp_path / "assembly")
    return tmp_path / "assembly"


def change(path: Path, edit: Callable[[Json], object]) -> None:
    content = json.loads(path.read_text())
    edit(content)
    path.write_text(json.dumps(content))


def artifact(manifest: Json, name: str = PROFILES) -> Json:
    [found] = [each for each in manifest["artifacts"].values() if each["properties"].get("stackName") == name]
    properties: Json = found["properties"]
    return properties


def in_manifest(**values: object) -> Callable[[Path], None]:
    """Set properties of the stack's artifact."""
    return lambda folder: change(folder / "assembly-prod/manifest.json", lambda each: artifact(each).update(values))


def assets(folder: Path) -> Path:
    [found] = (folder / "assembly-prod").glob("prodprofiles*.assets.json")
    return found


def in_assets(edit: Callable[[Json, Json], object]) -> Callable[[Path], None]:
    """Edit the function's asset, and its only destination."""

    def apply(content: Json) -> None:
        [asset] = [each for each in content["files"].values() if each["source"]["packaging"] == "zip"]
        [destination] = asset["destinations"].values()
        edit(asset, destination)

    return lambda folder: change(assets(folder), apply)


def with_other_template(folder: Path) -> None:
    """Upload another template under the key that CloudFormation is told, beside the one that is judged."""
    template = next((folder / "assembly-prod").glob("prodprofiles*.template.json"))
    (folder / "assembly-prod/other.json").write_text(template.read_text())

    def apply(content: Json) -> None:
        for each in content["files"].values():
            if each["source"]["path"] == template.name:
                each["source"]["path"] = "other.json"

    change(assets(folder), apply)


PLANTED: dict[str, tuple[Callable[[Path], None], str]] = {
    "another role to deploy by": (
        in_manifest(assumeRoleArn="arn:aws:iam::111122223333:role/admin"),
        "assumeRoleArn: 'arn:aws:iam::111122223333:role/admin', expected 'arn:",
    ),
    "another role of CloudFormation": (
        in_manifest(cloudFormationExecutionRoleArn="arn:aws:iam::111122223333:role/admin"),
        "cloudFormationExecutionRoleArn: ",
    ),
    "another role to look up by": (in_manifest(lookupRole={"arn": "x"}), "lookupRole.arn: 'x', expected 'arn:"),
    "another bootstrap": (
        in_manifest(bootstrapStackVersionSsmParameter="/x"),
        "bootstrapStackVersionSsmParameter: '/x'",
    ),
    "a template by another address": (
        in_manifest(stackTemplateAssetObjectUrl="s3://mine/x.json"),
        "stackTemplateAssetObjectUrl: 's3://mine/x.json' is not the stack's template",
    ),
    "another template under its key": (with_other_template, "stackTemplateAssetObjectUrl: "),
    "a property that ours have not": (in_manifest(notificationArns=["x"]), "notificationArns: expected additionalDep"),
    "a named account": (
        lambda folder: change(
            folder / "assembly-prod/manifest.json",
            lambda each: [a.update(environment="aws://111122223333/us-east-1") for a in each["artifacts"].values()],
        ),
        "environment: 'aws://111122223333/us-east-1', expected aws://unknown-account/",
    ),
    "a question to AWS": (
        lambda folder: change(folder / "manifest.json", lambda each: each.update(missing=[{"key": "x"}])),
        "manifest.json: missing: expected a synth that asks nothing outside the checkout",
    ),
    "an artifact of another type": (
        lambda folder: change(
            folder / "manifest.json", lambda each: each["artifacts"].update(X={"type": "cdk:plugin", "properties": {}})
        ),
        "X: an artifact of type 'cdk:plugin', expected aws:cloudformation:stack, ",
    ),
    "a program that makes an asset": (
        in_assets(lambda asset, _: asset.update(source={"executable": ["sh", "-c", "id"]})),
        "None: expected the name of a file in the assembly",
    ),
    "an asset from outside": (
        in_assets(lambda asset, _: asset["source"].update(path="../../../etc")),
        "'../../../etc'",
    ),
    "a bucket of another name": (in_assets(lambda _, to: to.update(bucketName="mine")), "bucketName: 'mine', expected"),
    "a role to publish by": (in_assets(lambda _, to: to.update(assumeRoleArn="x")), "assumeRoleArn: 'x', expected"),
    "an option of publishing": (
        in_assets(lambda _, to: to.update(assumeRoleExternalId="x")),
        "assumeRoleExternalId: 'x'",
    ),
    "an image": (
        lambda folder: change(assets(folder), lambda each: each.update(dockerImages={"x": {}})),
        "dockerImages: expected files alone",
    ),
    "a template out of the folder": (
        in_manifest(templateFile="../../x.json"),
        "'../../x.json': expected the name of a",
    ),
    "a stack's tag of another digest": (
        in_manifest(tags={"digest": "sha256:0"}),
        "its tag digest is 'sha256:0', expected",
    ),
    "a tag more": (
        in_manifest(tags={"digest": "sha256:0", "environment": "dev"}),
        "its tag digest is 'sha256:0', expec",
    ),
    "another stack's name": (
        in_manifest(stackName="otto-prod-identity"),
        "another stack is named 'otto-prod-identity'",
    ),
    "a link": (lambda folder: (folder / "x").symlink_to("/etc/passwd"), "x: expected files and folders alone"),
}


def test_the_assembly_is_sealed_and_each_stack_carries_its_own_digest(cdk_out: Path) -> None:
    sealed = seal.check(cdk_out)
    assert sealed.stacks.keys() == assembly.read(cdk_out).stacks.keys()
    assert len(set(sealed.stacks.values())) == len(sealed.stacks)
    assert all(
        digest.startswith("sha256:") and len(digest) == 71 for digest in [sealed.digest, *sealed.stacks.values()]
    )


@pytest.mark.parametrize("name", PLANTED)
def test_what_a_deploy_would_believe_and_no_report_reads_is_refused(folder: Path, name: str) -> None:
    plant, said = PLANTED[name]
    plant(folder)
    with pytest.raises(SealError) as raised:
        seal.check(folder)
    assert said in str(raised.value)


def test_closing_anew_hides_none_of_it(folder: Path) -> None:
    for name, (plant, said) in PLANTED.items():
        if "tag" in name:  # these are what closing writes
            continue
        shutil.copytree(folder, folder.with_name(name))
        plant(folder.with_name(name))
        with pytest.raises(SealError) as raised:
            seal.close(folder.with_name(name))
        assert said in str(raised.value)


@pytest.mark.parametrize("pattern", ["manifest.json", "assembly-dev/*.template.json", "asset.*/*/*.py", "tree.json"])
def test_no_file_changes_and_leaves_the_digest_as_it_was(folder: Path, pattern: str) -> None:
    before = seal.check(folder)
    path = next(folder.glob(pattern))
    path.write_text(path.read_text() + " ")
    if "template" in pattern or "asset" in pattern:
        with pytest.raises(SealError, match="its tag digest is"):
            seal.check(folder)
        seal.close(folder)
    after = seal.check(folder)
    assert after.digest != before.digest
    changed = {name for name, digest in after.stacks.items() if before.stacks[name] != digest}
    # A function's files are of each environment's stack, a template of its own, and the rest of the whole alone.
    assert len(changed) == {"asset.*/*/*.py": 3, "assembly-dev/*.template.json": 1}.get(pattern, 0)


def test_a_copy_is_the_same_assembly_whatever_the_modes(folder: Path, tmp_path: Path) -> None:
    for path in folder.rglob("*.py"):
        path.chmod(0o600)
    assert seal.copy(folder, tmp_path / "copy") == seal.check(folder)
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "copy").rglob("*.py")} == {0o644}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"Resources": {}, "Resources": {}}', "the key 'Resources' stands twice in one object"),
        ("[" * 100_000, "cannot be read: "),
        ("\xff", "cannot be read: "),
        ('{"Resources": {"X": []}}', "not a stack: "),
        ('{"Resources": {"X": {"Type": 1}}}', "not a stack: "),
        ("[]", "not a stack: "),
    ],
)
def test_a_template_that_readers_could_read_in_two_ways_is_none(folder: Path, text: str, said: str) -> None:
    next((folder / "assembly-prod").glob("prodprofiles*.template.json")).write_text(text, encoding="latin-1")
    with pytest.raises(AssemblyError) as raised:
        assembly.read(folder)
    assert said in str(raised.value)


@pytest.mark.parametrize("text", ["", "[]", '{"artifacts": []}', '{"artifacts": {"x": 1}}', '{"artifacts": {"x": {}}}'])
def test_a_manifest_that_is_none_is_named(folder: Path, text: str) -> None:
    (folder / "assembly-dev/manifest.json").write_text(text)
    with pytest.raises(AssemblyError, match=r"^assembly-dev/manifest\.json: "):
        assembly.read(folder)


def test_a_template_that_is_a_link_is_not_followed(folder: Path) -> None:
    path = next((folder / "assembly-prod").glob("prodprofiles*.template.json"))
    path.rename(folder / "moved.json")
    path.symlink_to(folder / "moved.json")
    with pytest.raises(AssemblyError, match="expected the name of a file in the assembly"):
        assembly.read(folder)
