"""`make down`: stops the emulator that `make up` started, and nothing else."""

import argparse
from pathlib import Path

from local.emulator import process
from local.failure import reported


def main() -> None:
    parser = argparse.ArgumentParser(prog="make down", description=__doc__)
    parser.add_argument("--state", type=Path, default=process.STATE)
    state: Path = parser.parse_args().state
    with reported("down", state):
        stopped = process.stop(state)
        for config in state.glob("*.curl"):
            config.unlink()
        print("down: the emulator is stopped" if stopped else "down: no emulator is running")


if __name__ == "__main__":
    main()
