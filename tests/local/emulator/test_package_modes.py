"""A function whose files are its owner's alone does not run, and one whose files everybody may read does."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from local.emulator.key import ACCOUNT
from local.emulator.process import Emulator
from tests.local.emulator.rotation_function import zipped

SOURCE = "def handle(event, context):\n    return 'ran'\n"


@pytest.fixture
def functions(emulator: Emulator, name: str) -> Iterator[Any]:
    client = emulator.client("lambda")
    client.create_function(
        FunctionName=name,
        Runtime="python3.14",
        Handler="packed.handle",
        Role=f"arn:aws:iam::{ACCOUNT}:role/packed",
        Code={"ZipFile": zipped("packed.py", SOURCE, 0o600)},
    )
    yield client
    client.delete_function(FunctionName=name)


def invoke(functions: Any, name: str) -> tuple[bool, Any]:
    """Whether it failed, and what it answered."""
    answer = functions.invoke(FunctionName=name)
    return "FunctionError" in answer, json.load(answer["Payload"])


def test_an_unreadable_file_fails_every_invocation_until_the_code_is_updated(functions: Any, name: str) -> None:
    denied = {"errorMessage": "[Errno 13] Permission denied: '/var/task/packed.py'", "errorType": "PermissionError"}
    assert invoke(functions, name) == (True, denied)
    functions.update_function_code(FunctionName=name, ZipFile=zipped("packed.py", SOURCE, 0o644))
    assert invoke(functions, name) == (False, "ran")


def test_code_that_stands_in_a_template_is_readable(emulator: Emulator, name: str, deploy: Any) -> None:
    function = {"Handler": "index.handle", "Runtime": "python3.14", "Code": {"ZipFile": SOURCE}, "FunctionName": name}
    function["Role"] = f"arn:aws:iam::{ACCOUNT}:role/inline"
    deploy({"Resources": {"Inline": {"Type": "AWS::Lambda::Function", "Properties": function}}})
    assert invoke(emulator.client("lambda"), name) == (False, "ran")
