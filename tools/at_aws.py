"""`python -m tools.at_aws <command …>`: runs a command at AWS itself, with the caller's own credentials."""

import os
import sys
from collections.abc import Mapping

_ENDPOINT = "AWS_ENDPOINT_URL"


def environment(caller: Mapping[str, str]) -> dict[str, str]:
    """The caller's environment without any endpoint of its own: what is meant for AWS never reaches an emulator.

    https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
    """
    kept = {name: value for name, value in caller.items() if not name.startswith(_ENDPOINT)}
    return kept | {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}


def main() -> None:
    command = sys.argv[1:]
    os.execvpe(command[0], command, environment(os.environ))  # noqa: S606


if __name__ == "__main__":
    main()
