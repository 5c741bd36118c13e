"""The two locks agree, a deploy installs what synth, the report and it need, and one requirement alone is overruled."""

import ast
import importlib.metadata
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text()
OURS = {"app", "stacks", "lambdas", "tools", "local", "otto_m2m"}
Pins = dict[str, frozenset[str]]


def pins(lock: str) -> Pins:
    """Each pinned package, with where it is needed, and the hashes that it may have."""
    found: Pins = {}
    for entry in re.split(r"\n(?=\S)", re.sub(r"(?m)^\s*#.*\n?", "", lock)):
        if entry.strip():
            found[entry.split("\\")[0].strip()] = frozenset(re.findall(r"--hash=(\S+)", entry))
    return found


def apart(deploy: Pins, everything: Pins) -> list[str]:
    """What the lock of a deploy pins, and that of everything does not pin in the same way."""
    return [package for package, hashes in deploy.items() if everything.get(package) != hashes]


def test_what_a_deploy_installs_is_pinned_alike_in_both_locks() -> None:
    deploy, everything = (pins((ROOT / name).read_text()) for name in ("requirements.txt", "requirements-dev.txt"))
    assert all(hashes for hashes in [*deploy.values(), *everything.values()])
    assert apart(deploy, everything) == []
    assert len(deploy) < len(everything)


def test_a_planted_pin_of_one_lock_alone_is_found() -> None:
    lock = (ROOT / "requirements-dev.txt").read_text()
    deploy = pins((ROOT / "requirements.txt").read_text())
    [version] = re.findall(r"(?m)^aws-cdk-lib==(\S+)", lock)
    assert apart(deploy, pins(lock.replace(f"aws-cdk-lib=={version}", "aws-cdk-lib==9.9.9"))) == [
        f"aws-cdk-lib=={version}"
    ]
    boto3 = next(name for name in deploy if name.startswith("boto3=="))
    assert apart(deploy, pins(lock.replace(min(deploy[boto3]), "sha256:0"))) == [boto3]


def test_the_npm_packages_of_a_deploy_are_the_cdk_cli_alone() -> None:
    wanted = json.loads((ROOT / "package.json").read_text())
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert set(wanted["dependencies"]) == {"aws-cdk"}
    assert locked[""]["dependencies"] == wanted["dependencies"]
    assert {name for name, package in locked.items() if name and not package.get("dev")} <= {
        "node_modules/aws-cdk",
        "node_modules/fsevents",
    }


def imported(module: str, seen: set[str]) -> Iterator[tuple[str, str]]:
    """Each package that a module of ours loads, with the module that names it."""
    if module not in seen:
        seen.add(module)
        for path in filter(Path.is_file, _files(module)):
            yield from _imported_by(path, module, seen)


def _imported_by(path: Path, module: str, seen: set[str]) -> Iterator[tuple[str, str]]:
    tree = ast.parse(path.read_text())
    for checked in [
        node for node in ast.walk(tree) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
    ]:
        checked.body = [ast.Pass()]
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = module if path.name.startswith("__") else module.rpartition(".")[0]
                base = f"{package}.{base}".rstrip(".")
            names = [base, *(f"{base}.{alias.name}" for alias in node.names)]
        for name in names:
            top = name.split(".")[0]
            if top in OURS:
                parts = name.split(".")
                for length in range(1, len(parts) + 1):
                    yield from imported(".".join(parts[:length]), seen)
            elif top not in sys.stdlib_module_names:
                yield top, module


def _files(module: str) -> Iterator[Path]:
    for root in (ROOT, ROOT / "callers/python"):
        path = root / module.replace(".", "/")
        yield from (path / "__main__.py", path / "__init__.py", path.with_suffix(".py"))


def unpinned(modules: set[str], deploy: Pins) -> set[str]:
    """Each package that one of the modules loads and the lock of a deploy does not pin."""
    provided = importlib.metadata.packages_distributions()
    named = {_normalized(re.split(r"[=\s\[]", pin)[0]) for pin in deploy}
    seen: set[str] = set()
    found = {top for module in modules for top, _ in imported(module, seen)}
    assert len(seen) > 20
    return {top for top in found if not set(map(_normalized, provided.get(top, ["none"]))) & named}


def _normalized(name: str) -> str:
    """https://packaging.python.org/en/latest/specifications/name-normalization/"""
    return re.sub(r"[-_.]+", "-", name).lower()


def modules(makefile: str) -> set[str]:
    """What the targets run that install what a deploy needs alone."""
    recipes = re.findall(r"(?m)^[a-z-]+: \$\((?:DEPLOY|THERE)\).*\n((?:\t.*\n)+)", makefile)
    return {module for recipe in recipes for module in re.findall(r"-m (tools\.[\w.]+)", recipe)}


def test_what_a_deploy_runs_loads_what_it_installs() -> None:
    run = modules(MAKEFILE) | {"tools.at_aws", "app"}
    assert {"tools.synth", "tools.deploy", "tools.report", "tools.report.judge", "tools.smoke", "tools.diff"} <= run
    deploy = pins((ROOT / "requirements.txt").read_text())
    assert unpinned(run, deploy) == set()
    assert unpinned({*run, "local.up"}, deploy) == {"psutil"}


def test_the_one_overruled_requirement_is_ministacks() -> None:
    uv = Path(sys.executable).parent / "uv"
    done = subprocess.run([uv, "pip", "check"], cwd=ROOT, capture_output=True, text=True, check=False)
    wrong = [line for line in done.stderr.splitlines() if line.startswith("The package")]
    [overruled] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["uv"]["override-dependencies"]
    name, _, version = overruled.partition("==")
    assert wrong == [f"The package `ministack` requires `{name}==1.43.106`, but `{version}` is installed"], (
        "pyproject.toml: take override-dependencies away as soon as ministack takes the botocore that boto3 needs"
    )
