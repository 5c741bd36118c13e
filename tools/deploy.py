"""`make deploy ENV=…`: `cdk deploy` of one environment to AWS, with the caller's own credentials."""

import argparse
import subprocess
import sys

from stacks.environments import ENVIRONMENTS
from tools import declared
from tools.place import Place


def main() -> None:
    names = [environment.name for environment in ENVIRONMENTS]
    parser = argparse.ArgumentParser(prog="make deploy ENV=…", description=__doc__)
    parser.add_argument("environment", nargs="?", default="")
    parser.add_argument("--require-approval", default="broadening")
    arguments = parser.parse_args()
    if arguments.environment not in names:
        example = Place(environment=ENVIRONMENTS[0]).make("deploy")
        sys.exit(f"deploy: ENV={arguments.environment!r}: expected {', '.join(names)}; for example {example}")
    declared.groups()
    command = ["node_modules/.bin/cdk", "deploy", f"{arguments.environment}/*"]
    command += ["--require-approval", arguments.require_approval]
    try:
        status = subprocess.run(command, check=False).returncode
    except OSError as error:
        sys.exit(f"deploy: {error.filename}: {error.strerror}: `rm .venv/.ready`, and make installs it again")
    if status:
        # CloudFormation says that a secret's name is taken, and not whose: this names it, with the mend.
        explain = [sys.executable, "-m", "tools.credentials", arguments.environment, "--seconds", "0"]
        subprocess.run(explain, check=False)
    sys.exit(status)


if __name__ == "__main__":
    main()
