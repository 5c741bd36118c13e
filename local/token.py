"""`make token CLIENT=…`: prints an access token of one app client of the local environment, and nothing else."""

import argparse
from pathlib import Path

from local import cloud, guide
from local.emulator import process
from local.failure import CommandError, reported


def main() -> None:
    parser = argparse.ArgumentParser(prog="make token CLIENT=…", description=__doc__)
    parser.add_argument("client", nargs="?", default="")
    parser.add_argument("--state", type=Path, default=process.STATE)
    arguments = parser.parse_args()
    with reported("token", arguments.state):
        emulator = process.find(arguments.state)
        if emulator is None:
            raise CommandError("no emulator is running: make up")
        cloud.enter(emulator.endpoint)
        print(guide.request_token(emulator, guide.credentials(emulator, arguments.client))["access_token"])


if __name__ == "__main__":
    main()
