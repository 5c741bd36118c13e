"""What Lambda does with a function, in a process of its own: `invocation.py <module> <events.json> <requests>`.

Its last line is JSON: milliseconds from the import of the function to its first answer, then of each later request.
"""

import importlib
import json
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

CONTEXT = SimpleNamespace(
    function_name="profiles",
    memory_limit_in_mb=512,
    invoked_function_arn="arn:aws:lambda:us-east-1:000000000000:function:profiles",
    aws_request_id="c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
)


def main(module: str, events: str, requests: str) -> None:
    of_method: dict[str, dict[str, Any]] = json.loads(Path(events).read_text())
    began = time.perf_counter()
    handle = importlib.import_module(module).handle
    answer = handle(of_method["GET"], CONTEXT)
    cold = time.perf_counter() - began
    if answer["statusCode"] != 200:
        sys.exit(f"{module} answered {answer}")
    warm: dict[str, list[float]] = {method: [] for method in of_method}
    for method, event in of_method.items():
        for _ in range(int(requests)):
            before = time.perf_counter()
            answer = handle(event, CONTEXT)
            warm[method].append((time.perf_counter() - before) * 1000)
            if answer["statusCode"] != 200:
                sys.exit(f"{module} answered {answer}")
    sys.stdout.write("\n" + json.dumps({"cold": cold * 1000, "warm": warm}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
