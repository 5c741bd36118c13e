"""What is installed is what every library asks for, but for the one that a lock overrules."""

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_one_overruled_requirement_is_ministacks() -> None:
    uv = Path(sys.executable).parent / "uv"
    done = subprocess.run([uv, "pip", "check"], cwd=ROOT, capture_output=True, text=True, check=False)
    wrong = [line for line in done.stderr.splitlines() if line.startswith("The package")]
    [overruled] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["uv"]["override-dependencies"]
    name, _, version = overruled.partition("==")
    assert wrong == [f"The package `ministack` requires `{name}==1.43.106`, but `{version}` is installed"], (
        "pyproject.toml: take override-dependencies away as soon as ministack takes the botocore that boto3 needs"
    )
