"""`make diff ENV=…`: what a deploy would change in AWS, by `cdk diff` with the caller's own credentials."""

import argparse
import subprocess
import sys

from tools import place, synth


def main() -> None:
    parser = argparse.ArgumentParser(prog="make diff ENV=…", description=__doc__)
    parser.add_argument("environment", nargs="?", default="")
    parser.add_argument("--assembly", default="", help="a folder that `make synth` made (default: make one)")
    arguments = parser.parse_args()
    place.at_aws(arguments.environment, "diff")
    try:
        with synth.assembly(arguments.assembly, validate=False) as (folder, sealed):
            print(f"diff: {arguments.environment}: the assembly {sealed.digest}", flush=True)
            command = ["node_modules/.bin/cdk", "diff", "--method=template", f"{arguments.environment}/*"]
            sys.exit(subprocess.run([*command, "--app", str(folder)], check=False).returncode)
    except synth.SynthesisError as error:
        sys.exit(f"diff: {error}")
    except OSError as error:
        sys.exit(f"diff: {error.filename}: {error.strerror}: `rm .venv/.ready`, and make installs it again")


if __name__ == "__main__":
    main()
