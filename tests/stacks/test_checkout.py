"""What synth may depend on: the checkout, the recommended flags, and layers that point one way."""

import ast
import json
import os
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

import aws_cdk as cdk

import app
from stacks import registry
from stacks.registry import Group
from tests.registry.sample import CLIENT, GROUPS, write
from tests.stacks.synthesis import synthesize_callers
from tools.synthesis import CONTEXT

CHECKOUT = Path(__file__).parents[2]

ALLOWED = {
    "stacks": {"stacks"},
    "lambdas": {"lambdas"},
    "local": {"local", "stacks"},
    "tools": {"tools", "stacks", "lambdas", "app", "otto_m2m"},
    "benchmarks": {"benchmarks", "tools", "local", "lambdas", "stacks", "app", "otto_m2m"},
    "callers": {"otto_m2m"},
}
OURS = ("app", "stacks", "lambdas", "local", "tools", "benchmarks", "tests", "otto_m2m")


def imports(source: str) -> Iterator[str]:
    """The top-level packages of this repository that a module imports."""
    for node in ast.walk(ast.parse(source)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        yield from (top for name in names if (top := name.split(".")[0]) in OURS)


def test_layers_import_in_one_direction() -> None:
    for folder, allowed in ALLOWED.items():
        assert any((CHECKOUT / folder).rglob("*.py")), folder
        for path in (CHECKOUT / folder).rglob("*.py"):
            assert set(imports(path.read_text())) <= allowed, path


def test_a_planted_import_is_found() -> None:
    assert set(imports("from stacks import scopes\nimport local.up, json\nfrom . import x\n")) == {"stacks", "local"}


OUTSIDE = {
    "boto3", "botocore", "http", "importlib", "os", "platform", "random", "requests", "secrets", "socket", "subprocess",
    "tempfile", "time", "urllib", "urllib3", "uuid",
}  # fmt: skip
"""Modules by which a synth would depend on more than the checkout."""
ASKED = {"now", "today", "utcnow", "home", "cwd", "from_lookup", "value_from_lookup", "from_docker_build", "bundling"}
"""Attributes and arguments that ask the clock, the machine, AWS or Docker."""


def asks(source: str) -> list[str]:
    """What a module uses to learn of anything but the checkout, by line."""
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                used = {alias.name.split(".")[0] for alias in names} & OUTSIDE
            case ast.ImportFrom(module=str(module)):
                used = {module.split(".")[0]} & OUTSIDE
            case ast.Attribute(attr=name):
                used = {name} & ASKED
            case ast.Call(keywords=keywords):
                used = {str(keyword.arg) for keyword in keywords} & ASKED
            case _:
                continue
        found += [(node.lineno, name) for name in sorted(used)]
    return [name for _, name in sorted(found)]


def test_synth_asks_the_checkout_alone() -> None:
    sources = [CHECKOUT / "app.py", *(CHECKOUT / "stacks").rglob("*.py")]
    assert {path: found for path in sources if (found := asks(path.read_text()))} == {}


def test_planted_questions_to_the_world_are_found() -> None:
    planted = """
import json, os.path
from subprocess import run
day = datetime.date.today()
code = lambda_.Code.from_asset(".", bundling=options)
zone = route53.HostedZone.from_lookup(scope, "Zone")
"""
    assert asks(planted) == ["os", "subprocess", "today", "bundling", "from_lookup"]


def test_the_app_without_its_settings_says_what_to_run() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CDK_CONTEXT")}
    command = [sys.executable, "app.py"]
    ended = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)
    said = "app: cdk.json was not read: run make synth, or node_modules/.bin/cdk synth, which read it first"
    assert (ended.returncode, ended.stderr.strip().splitlines()[-1]) == (1, said)


def test_a_day_that_comes_changes_no_template(tmp_path: Path) -> None:
    made = []
    for day in ("2020-01-01", "2027-06-30"):
        write(tmp_path, {"groups.yaml": GROUPS, "internal/lead-enricher.yaml": CLIENT.replace("2027-06-30", day)})
        made.append(synthesize_callers(registry.load(tmp_path)))
    assert made[0] == made[1]
    assert list(made[0]["otto-dev-clients-internal"].of_type("AWS::Cognito::UserPoolClient"))


def cdk_modules(source: str) -> set[str]:
    """The modules of the CDK library that a module imports whole, as the house's style is."""
    return {
        f"{node.module}.{alias.name}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and node.module == "aws_cdk"
        for alias in node.names
        if alias.name.islower()
    }


def test_mypy_reads_every_cdk_module_that_is_imported() -> None:
    settings = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"]["mypy"]
    [_, read] = settings["overrides"]
    sources = [CHECKOUT / "app.py", *(path for name in settings["files"] for path in (CHECKOUT / name).rglob("*.py"))]
    used = set().union(*(cdk_modules(path.read_text()) for path in sources))
    assert used == set(read["module"]) - {"aws_cdk", "aws_cdk.interfaces.*"}
    assert cdk_modules("from aws_cdk import aws_s3 as s3\nfrom aws_cdk import App\n") == {"aws_cdk.aws_s3"}


def test_every_recommended_feature_flag_is_set() -> None:
    [package] = (Path(cdk.__file__).parent / "_jsii").glob("aws-cdk-lib@*.jsii.tgz")
    with tarfile.open(package) as archive:
        file = archive.extractfile("package/recommended-feature-flags.json")
        assert file is not None
        recommended = json.load(file)
    # The partitions we deploy to (the flag's recommended value names China as well), templates of half the size, and a
    # CLI that tells nobody of its use.
    ours = {"@aws-cdk/core:target-partitions": ["aws"], "@aws-cdk/core:suppressTemplateIndentation": True}
    assert recommended | ours | {"cli-telemetry": False} == CONTEXT


def test_a_function_ships_its_own_python_files_and_nothing_else(groups: tuple[Group, ...], tmp_path: Path) -> None:
    cache = CHECKOUT / "lambdas" / "profiles" / "__pycache__"
    cache.mkdir(exist_ok=True)
    assembly = cdk.App(context=CONTEXT, outdir=str(tmp_path))
    app.build(assembly, groups)
    assembly.synth()
    shipped = {
        str(file.relative_to(asset))
        for asset in tmp_path.glob("asset.*")
        for file in asset.rglob("*")
        if file.is_file()
    }
    sources = {str(file.relative_to(CHECKOUT / "lambdas")) for file in (CHECKOUT / "lambdas").glob("*/*.py")}
    assert shipped == sources
