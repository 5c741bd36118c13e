"""The shell example against the deployed platform; the Python one is what the rotation's load runs."""

import json
import os
import subprocess
import sys
from pathlib import Path

from local import cloud
from local.deployment import CHECKOUT
from tests.local.platform.deployed import Platform

PROFILE = "https://www.linkedin.com/in/arjaynacion"
# The two commands of the AWS CLI that it uses; a machine that runs these tests need not have it.
AWS = f"""#!{sys.executable}
import sys, boto3
service, operation, _, name = sys.argv[1:5]
if (service, operation) == ("ssm", "get-parameter"):
    print(boto3.client(service).get_parameter(Name=name)["Parameter"]["Value"])
else:
    print(boto3.client(service).get_secret_value(SecretId=name)["SecretString"])
"""


def test_the_shell_example_reads_a_profile_and_keeps_its_token(platform: Platform, tmp_path: Path) -> None:
    (tmp_path / "aws").write_text(AWS)
    (tmp_path / "aws").chmod(0o755)
    variables = cloud.environment(platform.emulator.endpoint)
    variables |= {"PATH": f"{tmp_path}:{os.environ['PATH']}", "XDG_RUNTIME_DIR": str(tmp_path)}
    tokens = []
    for _ in range(2):
        said = subprocess.run(
            [CHECKOUT / "examples" / "call.sh", "dev", "generic", PROFILE],
            env=variables, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (said.returncode, said.stderr) == (0, "")
        assert json.loads(said.stdout) == platform.call("GET", PROFILE).json()
        tokens.append((tmp_path / "otto-m2m" / "dev-generic.token").read_text().split()[-1])
    assert tokens[0] == tokens[1]
