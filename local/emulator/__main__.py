"""Runs the emulator in the foreground: `python -m local.emulator --port 4566`. Ctrl-C ends it."""

import argparse
import importlib
import os
import shutil
import sys
from pathlib import Path

from local.emulator import extension, key, private, process
from local.emulator.hooks import MissingHookError
from local.emulator.private import NotPrivateError


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m local.emulator", description=__doc__)
    parser.add_argument("--port", type=process.port_number, default=4566, help="loopback port (default 4566)")
    parser.add_argument("--auth", action="store_true", help="enforce IAM policies")
    parser.add_argument(
        "--concurrency", type=int, default=process.CONCURRENCY, help="Lambda executions at once (default 1000)"
    )
    parser.add_argument("--state", type=Path, default=Path(".local"), help="directory for temporary files")
    options = parser.parse_args()
    try:
        private.make(options.state)
        process.require_alone(options.state)
        process.require_free(options.port)
    except (process.EmulatorError, NotPrivateError) as error:
        sys.exit(str(error))
    state = options.state.resolve()
    os.umask(process.OWNER_ONLY)
    for name in ("tmp", "home"):  # nothing of an earlier run
        shutil.rmtree(state / name, ignore_errors=True)
        (state / name).mkdir()
    own = key.make(state)
    # ministack reads the environment when it is imported, and hands all of it to its Lambda functions.
    settings = process.environment(port=options.port, state=state, auth=options.auth, concurrency=options.concurrency)
    os.environ.clear()
    os.environ.update(settings)
    try:
        extension.install(process.endpoint(options.port), own, state)
    except MissingHookError as error:
        sys.exit(str(error))
    sys.argv = ["ministack"]
    importlib.import_module("ministack.app").main()


if __name__ == "__main__":
    main()
