"""A function reserves of the account's concurrency what may be reserved, and what is over it is throttled."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from local.emulator import process
from local.emulator.key import ACCOUNT
from local.emulator.process import Emulator
from tests.local.emulator.rotation_function import zipped
from tests.local.waiting import wait

REFUSED = (
    "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its "
    "minimum value of [{}]."
)
SOURCE = """
import os, pathlib, time

def handle(event, context):
    pathlib.Path(event["began"], context.aws_request_id).touch()
    while not os.path.exists(event["end"]):
        time.sleep(0.01)
"""
ROLE = f"arn:aws:iam::{ACCOUNT}:role/reserving"


@pytest.fixture(scope="module", params=[1000, 10])
def limited(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[tuple[Emulator, int]]:
    state = tmp_path_factory.mktemp("limited")
    yield process.start(state=state, port=process.free_port(), concurrency=request.param), request.param
    process.stop(state)


@pytest.fixture
def functions(limited: tuple[Emulator, int]) -> Iterator[Any]:
    client = limited[0].client("lambda")
    yield client
    for each in client.list_functions()["Functions"]:
        client.delete_function(FunctionName=each["FunctionName"])


def create(functions: Any, name: str) -> None:
    code = {"ZipFile": zipped("packed.py", SOURCE)}
    functions.create_function(
        FunctionName=name, Runtime="python3.14", Handler="packed.handle", Role=ROLE, Code=code, Timeout=60
    )


def test_all_but_the_minimum_can_be_reserved(limited: tuple[Emulator, int], functions: Any) -> None:
    limit = limited[1]
    least = min(limit, 100)
    for name in ("one", "two"):
        create(functions, name)
    reserve = functions.put_function_concurrency
    if limit > least:
        reserve(FunctionName="one", ReservedConcurrentExecutions=limit - least - 1)
        reserve(FunctionName="two", ReservedConcurrentExecutions=1)
    settings = functions.get_account_settings()["AccountLimit"]
    assert (settings["ConcurrentExecutions"], settings["UnreservedConcurrentExecutions"]) == (limit, least)
    with pytest.raises(functions.exceptions.InvalidParameterValueException) as refused:
        reserve(FunctionName="two", ReservedConcurrentExecutions=2)
    assert refused.value.response["Error"]["Message"] == REFUSED.format(least)
    # Whoever reserves nothing at all may always be stopped.
    reserve(FunctionName="two", ReservedConcurrentExecutions=0)


@pytest.fixture
def template(name: str) -> dict[str, Any]:
    properties = {"FunctionName": name, "Runtime": "python3.14", "Handler": "index.handle", "Role": ROLE}
    function = {"Type": "AWS::Lambda::Function", "Properties": properties | {"Code": {"ZipFile": SOURCE}}}
    return {"Resources": {"Function": function}}


def with_reserved(template: dict[str, Any], reserved: int | None) -> str:
    changed = json.loads(json.dumps(template))
    if reserved is not None:
        changed["Resources"]["Function"]["Properties"]["ReservedConcurrentExecutions"] = reserved
    return json.dumps(changed)


def test_a_stack_reserves_what_its_template_says(
    emulator: Emulator, name: str, template: dict[str, Any], deploy: Any
) -> None:
    functions = emulator.client("lambda")
    for reserved in (3, 5, None):
        deploy(with_reserved(template, reserved))
        assert functions.get_function_concurrency(FunctionName=name).get("ReservedConcurrentExecutions") == reserved


def test_a_stack_that_reserves_too_much_is_rolled_back(
    emulator: Emulator, name: str, template: dict[str, Any], deploy: Any
) -> None:
    with pytest.raises(AssertionError, match="below its minimum value of"):
        deploy(with_reserved(template, 901))
    functions = emulator.client("lambda")
    assert name not in {each["FunctionName"] for each in functions.list_functions()["Functions"]}


def test_what_is_over_the_reservation_is_throttled(emulator: Emulator, name: str, tmp_path: Path) -> None:
    functions = emulator.client("lambda")
    create(functions, name)
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    event = json.dumps({"began": str(tmp_path), "end": str(tmp_path / "end")})
    with ThreadPoolExecutor() as pool:
        running = pool.submit(functions.invoke, FunctionName=name, Payload=event)
        wait(lambda: list(tmp_path.iterdir()))
        with pytest.raises(functions.exceptions.TooManyRequestsException):
            functions.invoke(FunctionName=name, Payload=event)
        (tmp_path / "end").touch()
        assert "FunctionError" not in running.result()
    functions.delete_function(FunctionName=name)
