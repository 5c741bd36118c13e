"""The profiles function and its peers as Lambda would run them, each in a process of its own, with a local table."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from benchmarks.measurement import CHECKOUT
from benchmarks.synthesis import environment
from local import cloud

SUBJECTS: Final = CHECKOUT / "benchmarks" / "subjects"
OURS, FLOOR, BOTOCORE, PEER, COMPILED = "ours", "floor", "botocore", "peer", "compiled"
MODULES: Final = {
    OURS: "profiles.handler",
    FLOOR: "bare_handler",
    BOTOCORE: "bare_botocore_handler",
    PEER: "powertools_handler",
    COMPILED: "profiles.handler",
}
UNCHECKED: Final = {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any"}
"""Enough for the table's stub, which looks at no signature."""
BODY: Final = {"full_name": "Arjay Nacion", "headline": "As it is now", "company": "Otto", "attributes": {"a": [1, 2]}}


def events() -> dict[str, Any]:
    """A GET and a PUT as API Gateway sends them: the event that the function's tests use."""
    get = json.loads((CHECKOUT / "tests" / "lambdas" / "profiles" / "event.json").read_text())
    typed = {"Content-Type": "application/json"}
    put = get | {
        "httpMethod": "PUT",
        "body": json.dumps(BODY),
        "headers": get["headers"] | typed,
        "multiValueHeaders": get["multiValueHeaders"] | {name: [value] for name, value in typed.items()},
        "requestContext": get["requestContext"] | {"httpMethod": "PUT"},
    }
    return {"GET": get, "PUT": put}


@dataclass(frozen=True)
class Invocation:
    """Milliseconds from import to the first answer, and of each later request by method."""

    cold: float
    warm: dict[str, list[float]]


@dataclass(frozen=True)
class Functions:
    """The packages on disk as Lambda unpacks them, and the table that they find."""

    packages: Path
    table: str

    def invoke(self, subject: str, *, requests: int = 0, write_bytecode: bool = False) -> Invocation:
        """Start the function and send it a first request and then `requests` of each method."""
        package = self.packages / (COMPILED if subject == COMPILED else "plain")
        # Lambda's /var/task is read-only: the function's own code is compiled at each start, the runtime's is not.
        own = {"PYTHONPATH": str(package), "TABLE_NAME": "profiles", "AWS_LAMBDA_FUNCTION_NAME": "profiles"}
        own |= {} if write_bytecode else {"PYTHONDONTWRITEBYTECODE": "1"}
        # Where Powertools looks whether it runs in Lambda; it then loads X-Ray, which samples nothing here.
        lambda_ = {"LAMBDA_TASK_ROOT": str(package), "_X_AMZN_TRACE_ID": f"Root=1-{0:08x}-{0:024x};Sampled=0"}
        done = subprocess.run(
            [
                *(sys.executable, str(SUBJECTS / "invocation.py"), MODULES[subject]),
                *(str(self.packages / "events.json"), str(requests)),
            ],
            env=environment() | cloud.isolated(self.table) | UNCHECKED | own | lambda_,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{subject}: {done.stderr[-2000:]}")
        return Invocation(**json.loads(done.stdout.splitlines()[-1]))


@contextmanager
def functions() -> Iterator[Functions]:
    """Unpack the packages and start the table; the libraries' bytecode is there, as it is in Lambda's runtime."""
    with TemporaryDirectory() as directory, _table() as table:
        packages = Path(directory)
        (packages / "events.json").write_text(json.dumps(events()))
        for name in ("plain", COMPILED):
            shutil.copytree(CHECKOUT / "lambdas" / "profiles", packages / name / "profiles", ignore=_no_bytecode)
            for handler in SUBJECTS.glob("*_handler.py"):
                shutil.copy(handler, packages / name)
        made = Functions(packages, table)
        for subject in MODULES:
            made.invoke(subject, write_bytecode=True)
        for cache in (packages / "plain").rglob("__pycache__"):
            shutil.rmtree(cache)
        yield made


_no_bytecode = shutil.ignore_patterns("__pycache__")


@contextmanager
def _table() -> Iterator[str]:
    stub = [sys.executable, str(SUBJECTS / "table_stub.py")]
    with subprocess.Popen(stub, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None  # noqa: S101
        assert process.stdout is not None  # noqa: S101
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.stdin.close()
