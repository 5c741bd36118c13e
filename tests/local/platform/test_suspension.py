"""The commands of an alarm's message, pasted into a shell: the client that they name gets no flow and no scope more."""

import os
import subprocess
import sys
from pathlib import Path

from local import cloud
from stacks.environments import ENVIRONMENTS
from stacks.observability import suspension
from tests.local.platform.deployed import Platform

ROOT = Path(__file__).parents[3]
# The AWS CLI is nothing that the platform needs: this takes its options by the same models, and prints as it does.
AWS = f"""#!{sys.executable}
import sys
import boto3, jmespath
from tests.instructions import run
words = ["aws", *sys.argv[1:]]
client = boto3.client(words[1])
query = words[words.index("--query") + 1] if "--query" in words else "@"
options = [word for at, word in enumerate(words) if not {{"--query", "--output"}} & {{word, words[at - 1]}}]
answer = jmespath.search(query, run(client, options))
print(answer if isinstance(answer, str) else "\\t".join(answer) if isinstance(answer, list) else "")
"""


def test_the_message_of_an_alarm_suspends_the_client_that_is_named_and_no_other(
    platform: Platform, tmp_path: Path
) -> None:
    cognito = platform.emulator.client("cognito-idp")
    *_, command = suspension.commands(ENVIRONMENTS[0]).splitlines()
    pool = platform.parameter("user-pool-id")
    made = [
        cognito.create_user_pool_client(
            UserPoolId=pool,
            ClientName=name,
            GenerateSecret=True,
            AllowedOAuthFlows=["client_credentials"],
            AllowedOAuthFlowsUserPoolClient=True,
            AllowedOAuthScopes=["otto-dev-api-resource-server/api.read"],
        )["UserPoolClient"]["ClientId"]
        for name in ("stolen", "honest")
    ]
    variables = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    try:
        aws = tmp_path / "aws"
        aws.write_text(AWS)
        aws.chmod(0o755)
        subprocess.run(
            ["/bin/bash", "-euc", command.replace("<id>", made[0])],
            env=cloud.environment(platform.emulator) | variables,
            check=True,
            capture_output=True,
        )
        after = [cognito.describe_user_pool_client(UserPoolId=pool, ClientId=each)["UserPoolClient"] for each in made]
        assert [each["ClientName"] for each in after] == ["stolen", "honest"]
        assert [each.get("AllowedOAuthFlowsUserPoolClient") for each in after] == [False, True]
    finally:
        for each in made:
            cognito.delete_user_pool_client(UserPoolId=pool, ClientId=each)
