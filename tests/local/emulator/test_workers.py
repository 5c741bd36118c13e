"""A function that is updated while a request runs: the request ends as it began, and the next one runs the new code.

An update is no interruption: "Function states during updates",
https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html.
"""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

from local.emulator.key import ACCOUNT
from local.emulator.process import Emulator
from tests.local.emulator.rotation_function import zipped
from tests.local.waiting import wait

NAME = "updated"
SOURCE = """
import pathlib, os, time

def handle(event, context):
    pathlib.Path(event["began"]).touch()
    while not os.path.exists(event["end"]):
        time.sleep(0.01)
    return {"code": CODE, "process": os.getpid()}
"""


def package(code: int) -> bytes:
    return zipped("updated.py", SOURCE.replace("CODE", str(code)))


@pytest.fixture
def functions(emulator: Emulator) -> Iterator[Any]:
    client = emulator.client("lambda")
    client.create_function(
        FunctionName=NAME,
        Runtime="python3.14",
        Handler="updated.handle",
        Role=f"arn:aws:iam::{ACCOUNT}:role/updated",
        Timeout=20,
        Code={"ZipFile": package(1)},
    )
    yield client
    client.delete_function(FunctionName=NAME)


def invoke(functions: Any, **event: Any) -> dict[str, int]:
    answer = functions.invoke(FunctionName=NAME, Payload=json.dumps(event))
    assert "FunctionError" not in answer, answer["Payload"].read()
    answered: dict[str, int] = json.load(answer["Payload"])
    return answered


def test_a_request_that_has_begun_ends_on_the_code_that_it_began_on(functions: Any, tmp_path: Path) -> None:
    began, end = tmp_path / "began", tmp_path / "end"
    with ThreadPoolExecutor() as pool:
        running = pool.submit(invoke, functions, began=str(began), end=str(end))
        wait(began.exists)
        functions.update_function_code(FunctionName=NAME, ZipFile=package(2))
        assert not running.done()
        end.touch()
        old = running.result()
    assert old["code"] == 1
    assert invoke(functions, began=str(began), end=str(end))["code"] == 2
    wait(lambda: not psutil.pid_exists(old["process"]))
