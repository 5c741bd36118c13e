"""`python -m local.at_emulator <command …>`: runs a command that is made for AWS at the running emulator instead."""

import argparse
import os
from pathlib import Path

from local import cloud
from local.emulator import process
from local.failure import CommandError, reported


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m local.at_emulator", description=__doc__)
    parser.add_argument("--state", type=Path, default=process.STATE)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    with reported("local", arguments.state):
        emulator = process.find(arguments.state)
        if emulator is None:
            raise CommandError("no emulator is running: make up")
        os.execvpe(arguments.command[0], arguments.command, cloud.environment(emulator))  # noqa: S606


if __name__ == "__main__":
    main()
