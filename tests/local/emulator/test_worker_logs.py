"""What a function writes is in the log of the request that it wrote it for, and a request without a log waits for none.

https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html: `LogResult` is the end of this invocation's log.
"""

import base64
import json
from typing import Any

import pytest

from local.emulator.key import ACCOUNT
from local.emulator.process import Emulator
from local.emulator.worker_logs import END
from tests.local.emulator.rotation_function import zipped

SOURCE = """
import sys, time

def handle(event, context):
    time.sleep(event.get("sleep", 0))
    sys.stderr.write(event["write"])
    if event.get("fail"):
        raise RuntimeError("as asked")
    return "x" * event.get("answer", 0)
"""


@pytest.fixture(scope="module")
def function(emulator: Emulator) -> str:
    made = emulator.client("lambda").create_function(
        FunctionName="writer",
        Runtime="python3.14",
        Handler="writer.handle",
        Role=f"arn:aws:iam::{ACCOUNT}:role/writer",
        Code={"ZipFile": zipped("writer.py", SOURCE)},
    )
    return str(made["FunctionArn"])


def log(emulator: Emulator, function: str, **event: Any) -> str:
    answer = emulator.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event), LogType="Tail")
    return base64.b64decode(answer.get("LogResult", "")).decode()


@pytest.mark.parametrize(
    "event",
    [
        {"write": "one line\n"},
        {"write": "no end of line"},
        {"write": "".join(f"line {number}\n" for number in range(100))},
        {"write": "late\n", "sleep": 0.2},
        {"write": "large answer\n", "answer": 200_000},
        {"write": "failed\n", "fail": True},
    ],
)
def test_all_that_a_request_writes_is_in_its_log_and_nothing_of_another(
    emulator: Emulator, function: str, event: dict[str, Any]
) -> None:
    assert event["write"].rstrip() in log(emulator, function, **event)
    silent = log(emulator, function, write="")
    assert event["write"].rstrip() not in silent
    assert END not in silent
