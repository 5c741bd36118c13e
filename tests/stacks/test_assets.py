"""A function's package is the same from every machine: its hash, its files, and the modes of these."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3_assets as assets

from stacks.modes import set_modes

CHECKOUT = Path(__file__).parents[2]
Files = dict[str, int]


def copy(folder: Path, umask: int) -> Path:
    """A checkout that git made under this umask, and that Python has run in."""
    for name in ("stacks", "clients", "lambdas"):
        shutil.copytree(CHECKOUT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("app.py", "cdk.json"):
        shutil.copy(CHECKOUT / name, folder / name)
    for path in folder.rglob("*"):
        path.chmod((0o777 if path.is_dir() else 0o666) & ~umask)
    if umask:
        (folder / "lambdas/rotation/__pycache__").mkdir()
        (folder / "lambdas/rotation/__pycache__/handler.cpython-314.pyc").write_bytes(b"compiled")
    return folder


def packages(folder: Path, umask: int) -> tuple[Files, set[str]]:
    """The mode of each file and folder of each package that `app.py` stages, and the keys that templates name."""
    context = json.dumps(json.loads((folder / "cdk.json").read_text())["context"])
    variables = {"CDK_OUTDIR": str(folder / "out"), "CDK_CONTEXT_JSON": context, "CDK_VALIDATION": "false"}
    command = [sys.executable, "app.py"]
    made = subprocess.run(
        command, cwd=folder, env=os.environ | variables, umask=umask, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr
    staged = [path for asset in (folder / "out").glob("asset.*/") for path in (asset, *asset.rglob("*"))]
    keys = {
        resource["Properties"]["Code"]["S3Key"]
        for template in (folder / "out").glob("assembly-*/*.template.json")
        for resource in json.loads(template.read_text())["Resources"].values()
        if resource["Type"] == "AWS::Lambda::Function"
    }
    return {str(path.relative_to(folder / "out")): path.stat().st_mode & 0o777 for path in staged}, keys


def test_a_package_has_one_hash_and_one_set_of_modes_whatever_the_umask(tmp_path: Path) -> None:
    made = []
    for umask in (0o077, 0o022):
        folder = tmp_path / f"{umask:o}"
        folder.mkdir()
        made.append(packages(copy(folder, umask), umask))
    assert made[0] == made[1]
    files, keys = made[0]
    assert {Path(name).suffix: mode for name, mode in files.items() if name.endswith(".py")} == {".py": 0o644}
    assert {mode for name, mode in files.items() if not name.endswith(".py")} == {0o755}
    assert {f"asset.{key.removesuffix('.zip')}" for key in keys} == {name.partition("/")[0] for name in files}


@pytest.mark.parametrize("mode", [0o600, 0o777])
def test_a_planted_mode_is_put_right_in_packages_and_nowhere_else(tmp_path: Path, mode: int) -> None:
    planted = [tmp_path / "asset.1/package/handler.py", tmp_path / "manifest.json"]
    planted[0].parent.mkdir(parents=True)
    for path in planted:
        path.touch()
        path.chmod(mode)
    set_modes(tmp_path)
    assert [path.stat().st_mode & 0o777 for path in planted] == [0o644, mode]


def test_a_package_that_was_uploaded_without_these_modes_is_not_used_again(cdk_out: Path) -> None:
    """The bucket keeps a package by its hash, and CDK's own hash of the same files says nothing of modes."""
    stack = cdk.Stack(cdk.App(), "Stack")
    for package in ("profiles", "rotation", "rotation_watch"):
        exclude = ["*", f"!{package}", f"{package}/*", f"!{package}/*.py"]
        own = assets.Asset(
            stack, package, path=str(CHECKOUT / "lambdas"), ignore_mode=cdk.IgnoreMode.GIT, exclude=exclude
        )
        assert not (cdk_out / f"asset.{own.asset_hash}").exists()
