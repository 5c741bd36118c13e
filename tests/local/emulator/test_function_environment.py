"""A function that the emulator runs finds nothing of the developer's, and credentials that nobody else can compute."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.emulator import key, process
from local.emulator.process import Emulator
from tests.local.emulator.requests import signed
from tests.local.emulator.rotation_function import zipped

LOOKING = """
import os, boto3
def handle(event, context):
    home = os.environ["HOME"]
    caller = boto3.client("sts").get_caller_identity()["Account"]
    found = {"home": home, "in_home": os.listdir(home), "folder": os.getcwd(), "caller": caller}
    return found | {"names": dict(os.environ)}
"""
ROLE = f"arn:aws:iam::{key.ACCOUNT}:role/looking"
DEVELOPERS = {
    "HOME": "/home/developer", "SSH_AUTH_SOCK": "/run/agent", "GITHUB_TOKEN": "developers-own", "NPM_TOKEN": "n",
    "AWS_PROFILE": "production", "AWS_ACCESS_KEY_ID": "AKIADEVELOPER", "AWS_SESSION_TOKEN": "developers-own-session",
    "XDG_CONFIG_HOME": "/home/developer/x", "XDG_RUNTIME_DIR": "/run/user/1", "PYTHONPATH": "/home/developer/lib",
    "DOCKER_HOST": "tcp://developer", "HTTPS_PROXY": "http://developer", "KUBECONFIG": "/home/developer/k",
}  # fmt: skip


@pytest.fixture(scope="module", params=[False, True], ids=["", "auth"])
def beside(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An emulator that a developer with a full environment has started."""
    state = tmp_path_factory.mktemp("developer")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in DEVELOPERS.items():
            patch.setenv(name, value)
        running = process.start(state=state, port=process.free_port(), auth=request.param)
    yield running
    process.stop(state)


def look(emulator: Emulator, name: str) -> dict[str, Any]:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    iam = emulator.client("iam")
    if "looking" not in {role["RoleName"] for role in iam.list_roles()["Roles"]}:
        iam.create_role(RoleName="looking", AssumeRolePolicyDocument=policy)
    client = emulator.client("lambda")
    client.create_function(
        FunctionName=name, Runtime="python3.14", Handler="looking.handle", Role=ROLE, Timeout=20,
        Code={"ZipFile": zipped("looking.py", LOOKING)},
    )  # fmt: skip
    answer = client.invoke(FunctionName=name)
    found: dict[str, Any] = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, found
    return found


def test_it_has_an_empty_home_and_a_folder_of_its_own(beside: Emulator) -> None:
    one, other = look(beside, "one"), look(beside, "other")
    assert (one["in_home"], other["in_home"]) == ([], [])
    assert one["home"] != other["home"]
    for found in (one, other):
        assert Path(found["home"]).parent == beside.state / "home"
        assert Path(found["folder"]).is_relative_to(beside.state / "tmp")
        assert found["caller"] == key.ACCOUNT


def test_it_has_nothing_of_the_developers_environment(beside: Emulator) -> None:
    names = look(beside, "third")["names"]
    assert [(name, value) for name, value in names.items() if value and value in DEVELOPERS.values()] == []
    assert names.keys() & {"SSH_AUTH_SOCK", "GITHUB_TOKEN", "AWS_PROFILE", "XDG_RUNTIME_DIR", "PYTHONPATH"} == set()


def test_no_secret_that_ministack_would_compute_signs_for_a_function(beside: Emulator) -> None:
    look(beside, "computed")
    function = f"arn:aws:lambda:us-east-1:{key.ACCOUNT}:function:computed"
    digest = hashlib.sha256(f"{function}:{ROLE}".encode()).hexdigest()
    session = {
        "access_key": f"ASIA{digest[:16].upper()}",
        "secret": hashlib.sha256(f"secret:{digest}".encode()).hexdigest(),
        "token": hashlib.sha256(f"token:{digest}".encode()).hexdigest(),
    }
    answer = signed(beside, **session).send(beside)
    assert (answer.status, "The emulator refused this request" in answer.text) == (403, True)
