"""A GET through gateway, authorizer, function and table, on the emulator: `python -m benchmarks whole_path`."""

import io
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Final

import urllib3

from benchmarks.measurement import CHECKOUT, Finding, Series, take_turns
from local import guide
from local.emulator import process
from local.emulator.key import ACCOUNT
from local.emulator.process import REGION, Emulator
from stacks import scopes
from tools import declared

ABOUT = """\
The emulator is one Python process that also answers for DynamoDB: what a read of the table costs here it costs in
the very process that the callers wait for, and as much as the gateway itself. So a function that does nothing but read
the same item stands beside the constant: what is ours is what is left. In AWS that read is a few milliseconds beside
the gateway's own. A caller that is answered 503 asks again, and waits for both answers."""

CONSTANT: Final = """
def handle(event, context):
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": "{}"}
"""


READS: Final = CHECKOUT / "benchmarks" / "subjects" / "bare_handler.py"
SUBJECTS: Final = {"floor": "a function that returns a constant", "reads": "a function that only reads the item"}
BUSY: Final = urllib3.Retry(total=20, status_forcelist=[503], respect_retry_after_header=False)


def measure(rounds: int) -> Iterator[Finding]:
    with _platform() as emulator:
        urls = {"ours": f"{guide.discover(emulator, 'profiles-api-url')}?uri={guide.PROFILE}"}
        urls["floor"] = _deploy(emulator, "constant", CONSTANT)
        urls["reads"] = f"{_deploy(emulator, 'bare_handler', READS.read_text())}?uri={guide.PROFILE}"
        token = guide.request_token(emulator, guide.credentials(emulator, _client()), scopes.READ)["access_token"]
        for callers, calls in ((1, 60), (50, 300)):
            get = {name: partial(_milliseconds, url, str(token), callers, calls) for name, url in urls.items()}
            results = take_turns(rounds, get)
            of = {
                (name, at): Series(tuple(quantiles(values, n=100)[at - 1] for values in runs), "ms")
                for name, runs in results.items()
                for at in (50, 99)
            }
            what = f"{callers} caller{'s' if callers > 1 else ''}"
            for at, against, reach, bound in (
                (50, "floor", 1.3, 3.0), (50, "reads", None, 1.8), (99, "floor", None, None), (99, "reads", None, None),
            ):  # fmt: skip
                yield Finding(
                    what=f"GET, p{at}, {what}",
                    measured=str(of["ours", at]),
                    against=f"{SUBJECTS[against]} behind the same authorizer: {of[against, at]}",
                    value=of["ours", at].over(of[against, at]),
                    reach=reach,
                    bound=bound,
                )


def _client() -> str:
    chosen = guide.choose(declared.groups())
    return chosen.name if chosen else sys.exit("no app client may read")


def _milliseconds(url: str, token: str, callers: int, calls: int) -> list[float]:
    with urllib3.PoolManager(maxsize=callers) as pool, ThreadPoolExecutor(callers) as threads:

        def get(_: int) -> float:
            began = time.perf_counter()
            answer = pool.request("GET", url, headers={"Authorization": f"Bearer {token}"}, retries=BUSY)
            if answer.status != 200:
                raise RuntimeError(f"{url} answered {answer.status} {answer.data.decode()}")
            return (time.perf_counter() - began) * 1000

        return list(threads.map(get, range(calls)))


def _deploy(emulator: Emulator, name: str, source: str) -> str:
    """A function and a REST API with the platform's own pool, scope and table, and nothing else of ours: its URL."""
    package, entry = io.BytesIO(), zipfile.ZipInfo(f"{name}.py")
    entry.external_attr = 0o644 << 16
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr(entry, source)
    [table] = emulator.client("dynamodb").list_tables()["TableNames"]
    function = emulator.client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.14",
        Handler=f"{name}.handle",
        Role=f"arn:aws:iam::{ACCOUNT}:role/{name}",
        Code={"ZipFile": package.getvalue()},
        Environment={"Variables": {"TABLE_NAME": table}},
        MemorySize=512,
        Timeout=10,
    )["FunctionArn"]
    gateway = emulator.client("apigateway")
    api = gateway.create_rest_api(name=name)["id"]
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    path = gateway.create_resource(restApiId=api, parentId=root, pathPart="profiles")["id"]
    pool = guide.discover(emulator, "user-pool-id")
    authorizer = gateway.create_authorizer(
        restApiId=api,
        name="pool",
        type="COGNITO_USER_POOLS",
        providerARNs=[f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{pool}"],
        identitySource="method.request.header.Authorization",
    )["id"]
    gateway.put_method(
        restApiId=api,
        resourceId=path,
        httpMethod="GET",
        authorizationType="COGNITO_USER_POOLS",
        authorizerId=authorizer,
        authorizationScopes=[f"{guide.ENVIRONMENT.resource_server}/{scopes.READ}"],
    )
    gateway.put_integration(
        restApiId=api,
        resourceId=path,
        httpMethod="GET",
        type="AWS_PROXY",
        integrationHttpMethod="POST",
        uri=f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{function}/invocations",
    )
    gateway.create_deployment(restApiId=api, stageName="dev")
    [ours] = (item["id"] for item in gateway.get_rest_apis()["items"] if item["name"] == "otto-dev-profiles")
    return guide.discover(emulator, "profiles-api-url").replace(ours, api)


@contextmanager
def _platform() -> Iterator[Emulator]:
    """`make up` on a free port, in an empty directory of its own."""
    with TemporaryDirectory() as directory:
        state = Path(directory)
        command = [sys.executable, "-m", "local.up", "--port", str(process.free_port()), "--state", str(state)]
        try:
            up = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
            emulator = process.find(state)
            if up.returncode or emulator is None:
                raise RuntimeError(f"make up: {up.stdout}{up.stderr}")
            yield emulator
        finally:
            process.stop(state)
