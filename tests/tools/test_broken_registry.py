"""Every command that reads the registry tells what is wrong with it in the words of `make check`."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("tools", "local", "benchmarks")
READING = {"load", "declarations"}
COMMANDS = {
    "tools.expiry": ["--on", "2026-11-25"],
    "tools.catalogue": [],
    "tools.client": ["NAME=one-more", "GROUP=internal"],
    "tools.credentials": ["dev"],
    "tools.deploy": ["dev"],
    "tools.own_clients": [],
    "tools.preflight": ["dev"],
    "tools.scale": [],
    "tools.scan": [],
    "tools.security": [],
    "tools.undeclared": ["dev"],
    "tools.verify": ["dev"],
    "local.up": ["--port", "1"],
}
"""The commands that read it, and with what. `make client` tells what is wrong with its own file alone."""


def careless(source: str) -> bool:
    """True for a module that reads the registry and would end in a traceback."""
    reads = any(
        isinstance(node, ast.Attribute)
        and node.attr in READING
        and isinstance(node.value, ast.Name)
        and node.value.id == "registry"
        for node in ast.walk(ast.parse(source))
    )
    return reads and "RegistryError" not in source


def test_no_command_reads_the_registry_without_telling_what_is_wrong() -> None:
    # local/failure.py tells it for every command of local/.
    modules = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    found = {path.relative_to(ROOT).as_posix() for path in modules if careless(path.read_text())}
    assert found - {"local/up.py"} == set()
    assert "with reported(" in (ROOT / "local/up.py").read_text()


def test_a_planted_careless_command_is_found() -> None:
    assert careless("from stacks import registry\nregistry.load()")
    assert not careless("import json\njson.load(x)")


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout with a misspelt scope."""
    copy = tmp_path_factory.mktemp("broken")
    for name in ("stacks", "clients", "lambdas", "tools", "local", "callers", "docs"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("app.py", "cdk.json"):
        shutil.copy(ROOT / name, copy / name)
    file = copy / "clients/internal/smoke.yaml"
    file.write_text(file.read_text().replace("api.read,", "api.raed,", 1))
    return copy


@pytest.mark.parametrize("module", sorted(COMMANDS.keys() - {"tools.client"}))
def test_a_misspelt_scope_is_one_message_and_one_status(broken: Path, module: str) -> None:
    command = [sys.executable, "-m", module, *COMMANDS[module]]
    ended = subprocess.run(command, cwd=broken, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (
        1,
        "",
        "clients/internal/smoke.yaml:8: environments.dev.scopes: unknown scope 'api.raed', expected api.read or "
        "api.write (did you mean 'api.read'?)\n",
    )


def test_the_commands_here_are_all_that_read_it() -> None:
    readers = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__main__")
        for folder in ("tools", "local")
        for path in (ROOT / folder).rglob("*.py")
        if "registry.load(" in (text := path.read_text()) or "declared.groups(" in text
    }
    assert readers - {"tools.declared", "tools.strays"} == COMMANDS.keys()
