"""What services install and run, outside this checkout, against the deployed platform."""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from textwrap import indent

import pytest

from local import cloud
from local.deployment import CHECKOUT
from stacks.registry.own import SMOKE
from tests.local.platform.deployed import Platform

PROFILE = "https://www.linkedin.com/in/arjaynacion"
# The two commands of the AWS CLI that call.sh uses; a machine that runs these tests need not have it.
AWS = f"""#!{sys.executable}
import sys, boto3
service, operation, _, name = sys.argv[1:5]
if (service, operation) == ("ssm", "get-parameter"):
    print(boto3.client(service).get_parameter(Name=name)["Parameter"]["Value"])
else:
    print(boto3.client(service).get_secret_value(SecretId=name)["SecretString"])
"""


def run(*command: str | Path, platform: Platform, folder: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run in a folder of its own, with the emulator as AWS and nothing of this checkout's."""
    environment = cloud.environment(platform.emulator) | variables
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment outside the checkout that holds the wheel, httpx and what they depend on."""
    folder = tmp_path_factory.mktemp("service")
    uv = Path(sys.executable).with_name("uv")
    package = CHECKOUT / "callers" / "python"
    subprocess.run([uv, "build", "--quiet", "--wheel", package, "--out-dir", folder], check=True, cwd=folder)
    [wheel] = folder.glob("*.whl")
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, folder / "venv"], check=True, cwd=folder)
    install: list[str | Path] = [
        uv, "pip", "install", "--quiet", "--python", folder / "venv", "--constraint", CHECKOUT / "requirements-dev.txt",
        f"{wheel}[httpx]",
    ]  # fmt: skip
    # From uv's cache, which the checkout's own installation has filled; from the index where that is gone.
    if subprocess.run([*install, "--offline"], cwd=folder, check=False, capture_output=True).returncode:
        subprocess.run(install, cwd=folder, check=True)
    return folder / "venv" / "bin" / "python"


def test_the_wheel_holds_the_package_and_its_types_alone(installed: Path) -> None:
    script = """
import importlib.metadata, json, otto_m2m
print(json.dumps([otto_m2m.__file__, importlib.metadata.requires("otto-m2m")]))
"""
    shown = subprocess.run([installed, "-c", script], cwd=installed.parent, capture_output=True, text=True, check=True)
    place, needs = json.loads(shown.stdout)
    folders = (Path(place).parent, CHECKOUT / "callers" / "python" / "otto_m2m")
    assert folders[0].is_relative_to(installed.parents[1])
    assert folders[0] != folders[1]
    names = [{path.name for path in folder.iterdir()} - {"__pycache__"} for folder in folders]
    assert names[0] == names[1] >= {"py.typed"}
    assert needs == ["boto3>=1.34", "requests>=2.32", "urllib3>=2", "httpx>=0.27 ; extra == 'httpx'"]


BLOCKS = re.findall(r"^```python\n(.*?)^```", (CHECKOUT / "docs" / "calling.md").read_text(), re.MULTILINE | re.DOTALL)
"""The code of docs/calling.md, as a reader copies it."""
SYNC_HTTPX = BLOCKS[0].replace("from otto_m2m ", "from otto_m2m.httpx ")


def test_the_page_begins_with_the_install_line_and_five_lines_for_each_kind_of_service() -> None:
    page = (CHECKOUT / "docs" / "calling.md").read_text()
    assert re.match(r"# Calling an API\n\n```sh\npip install '[^']+#subdirectory=callers/python'\n```\n\n```py", page)
    assert [len(list(filter(None, block.splitlines()))) for block in BLOCKS] == [4, 4]
    assert SYNC_HTTPX not in BLOCKS


@pytest.mark.parametrize("block", [*BLOCKS, SYNC_HTTPX])
def test_the_installed_package_reads_a_profile_by_the_code_of_the_page(
    platform: Platform, installed: Path, tmp_path: Path, block: str
) -> None:
    awaited = f"import asyncio\nasync def main():\n{indent(block, '  ')}\nasyncio.run(main())\n"
    script = awaited if "await" in block else block
    said = run(installed, "-c", script, platform=platform, folder=tmp_path)
    assert (said.returncode, said.stderr) == (0, "")
    assert ast.literal_eval(said.stdout) == platform.call("GET", PROFILE).json()


def test_the_installed_command_prints_profiles_and_explains_what_is_refused(
    platform: Platform, installed: Path, tmp_path: Path
) -> None:
    unknown, wrong = "https://www.linkedin.com/in/nobody-here", "https://example.com/"
    said = run(installed, "-m", "otto_m2m", "dev", SMOKE, unknown, wrong, PROFILE, platform=platform, folder=tmp_path)
    assert said.returncode == 1
    assert json.loads(said.stdout) == platform.call("GET", PROFILE).json()
    gone, invalid = said.stderr.splitlines()
    assert gone.startswith(f"{unknown}: 404 No profile is kept at this URI. (request ")
    assert invalid.startswith(f"{wrong}: 400 ")
    assert platform.credentials(SMOKE)["client_secret"] not in said.stdout + said.stderr


def test_the_shells_caller_reads_a_profile_and_keeps_its_token(platform: Platform, tmp_path: Path) -> None:
    (tmp_path / "aws").write_text(AWS)
    (tmp_path / "aws").chmod(0o755)
    variables = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "XDG_RUNTIME_DIR": str(tmp_path)}
    tokens = []
    for _ in range(2):
        call = CHECKOUT / "callers" / "shell" / "call.sh"
        said = run(call, "dev", SMOKE, PROFILE, platform=platform, folder=tmp_path, **variables)
        assert (said.returncode, said.stderr) == (0, "")
        assert json.loads(said.stdout) == platform.call("GET", PROFILE).json()
        tokens.append((tmp_path / "otto-m2m" / f"dev-{SMOKE}.token").read_text().split()[-1])
    assert tokens[0] == tokens[1]
