"""`make deploy ENV=…`: `cdk deploy` of one environment to AWS, with the caller's own credentials.

It deploys one assembly, and nothing else: this checkout's, or the one in the folder ASSEMBLY, whose digest must be
DIGEST, as the access report says it. First it looks at what would stop the deploy (tools/preflight), and changes
nothing where something would.
"""

import argparse
import subprocess
import sys
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from stacks.environments import Environment
from tools import assembly, declared, recovery, refusal, strays, synth, undeclared
from tools.place import Place, at_aws
from tools.seal import Seal
from tools.template import Assembly


def clear_failed_creations(environment: Environment) -> None:
    """Say and do what the stacks need whose first creation failed. Exits with what stands in the way."""
    try:
        client = recovery.clients(environment)
        failed = recovery.failed(environment, client)
    except (BotoCoreError, ClientError) as error:
        # Who may not look may still deploy: the CDK CLI takes roles of its own, and says what it cannot do.
        print(f"deploy: not looking for stacks whose first creation failed: {error}", file=sys.stderr)
        return
    try:
        for stack in failed:
            for line in recovery.clear(stack, client):
                print(f"deploy: {line}", flush=True)
    except ClientError as error:
        place = Place(environment=environment)
        sys.exit(f"deploy: {refusal.explain(error, place, place.make('deploy'))}")
    except (BotoCoreError, recovery.StuckError) as error:
        sys.exit(f"deploy: {error}")


def make_way(place: Place) -> None:
    """End what is declared no more, before a new client may take its name. Exits with what keeps the deploy back."""
    try:
        session = boto3.Session(region_name=place.environment.region)
        found = undeclared.find(place, session)
    except undeclared.RefusedError as error:
        sys.exit(f"deploy: nothing is deployed:\n{error}")
    except (BotoCoreError, ClientError) as error:
        print(f"deploy: not looking for app clients that are declared no more: {error}", file=sys.stderr)
        return
    try:
        for stack in found:
            for line in undeclared.remove(stack, session.client("cloudformation")):
                print(f"deploy: {line}", flush=True)
    except ClientError as error:
        sys.exit(f"deploy: {refusal.explain(error, place, place.make('deploy'))}")
    except (BotoCoreError, undeclared.RefusedError) as error:
        sys.exit(f"deploy: {error}")


def tell_strays(place: Place, made: Assembly) -> None:
    """Exit naming what is deployed and no longer declared, and may hold data."""
    try:
        found = strays.find(place.environment, made, boto3.Session(region_name=place.environment.region))
    except (BotoCoreError, ClientError) as error:
        print(f"deploy: not looking for stacks that are declared no more: {error}", file=sys.stderr)
        return
    if found:
        told = [
            f"{name}: deployed and not declared: {place.aws('cloudformation', 'delete-stack', '--stack-name', name)}"
            for name in found
        ]
        sys.exit("\n".join(["deploy: done, and what a person must decide about:", *told]))


def main() -> None:
    parser = argparse.ArgumentParser(prog="make deploy ENV=…", description=__doc__)
    parser.add_argument("environment", nargs="?", default="")
    parser.add_argument("--require-approval", default="broadening")
    parser.add_argument("--despite", default="", help="rows of `make preflight` that may be wrong")
    parser.add_argument("--assembly", default="", help="a folder that `make synth` made (default: make one)")
    parser.add_argument("--digest", default="", help="what was judged, as the access report says it: sha256:…")
    arguments = parser.parse_args()
    at = at_aws(arguments.environment, "deploy")
    if arguments.assembly and not arguments.digest:
        sys.exit("deploy: ASSEMBLY: say which was judged: DIGEST=sha256:…, as the access report says it")
    declared.groups()
    try:
        with synth.assembly(arguments.assembly, arguments.digest) as (folder, sealed):
            sys.exit(deploy(at, folder, sealed, arguments))
    except synth.SynthesisError as error:
        sys.exit(f"deploy: nothing is deployed: {error}")


def deploy(place: Place, folder: Path, sealed: Seal, arguments: argparse.Namespace) -> int:
    """Deploy an environment from an assembly. Returns the CDK CLI's status, and exits with what keeps it back."""
    name = place.environment.name
    print(f"deploy: {name}: the assembly {sealed.digest}")
    made = assembly.read(folder)
    for stack in made.stacks.values():
        if stack.environment == name:
            print(f"deploy: {stack.name}: {sealed.stacks[stack.name]}", flush=True)
    if not _is_clear(name, arguments.despite, folder):
        sys.exit("deploy: nothing was changed: fix what is wrong above, or name it: DESPITE=<row>,<row>")
    clear_failed_creations(place.environment)
    make_way(place)
    command = ["node_modules/.bin/cdk", "deploy", f"{name}/*", "--app", str(folder)]
    command += ["--require-approval", arguments.require_approval]
    try:
        status = subprocess.run(command, check=False).returncode
    except OSError as error:
        sys.exit(f"deploy: {error.filename}: {error.strerror}: `rm .venv/.ready`, and make installs it again")
    if status:
        # CloudFormation says that a secret's name is taken, and not whose: this names it, with the mend.
        explain = [sys.executable, "-m", "tools.credentials", name, "--seconds", "0"]
        subprocess.run(explain, check=False)
    else:
        tell_strays(place, made)
    return status


def _is_clear(environment: str, despite: str, folder: Path) -> bool:
    """Tell whether nothing is known to be wrong. What could not be read is no reason to stop."""
    look = [sys.executable, "-m", "tools.preflight", environment, "--despite", despite, "--assembly", str(folder)]
    return subprocess.run(look, cwd=Path(__file__).parents[1], check=False).returncode != 1


if __name__ == "__main__":
    main()
