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
from local.emulator.process import ACCOUNT, REGION, Emulator
from stacks import scopes

ABOUT = """\
The emulator is one Python process that also answers for DynamoDB: what a read of the table costs here it costs in
the very process that the callers wait for. In AWS that read is a few milliseconds beside the gateway's own. A caller
that is answered 503 asks again, and waits for both answers."""

CONSTANT: Final = """
def handle(event, context):
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": "{}"}
"""


BUSY: Final = urllib3.Retry(total=20, status_forcelist=[503], respect_retry_after_header=False)


def measure(rounds: int) -> Iterator[Finding]:
    with _platform() as emulator:
        urls = {"ours": f"{guide.discover(emulator, 'profiles-api-url')}?uri={guide.PROFILE}"}
        urls["floor"] = _deploy_constant(emulator)
        token = guide.request_token(emulator, guide.credentials(emulator, "generic"), scopes.READ)["access_token"]
        for callers, calls in ((1, 60), (50, 300)):
            get = {name: partial(_milliseconds, url, str(token), callers, calls) for name, url in urls.items()}
            results = take_turns(rounds, get)
            for at, reach, bound in ((50, 1.3, 3.0), (99, None, None)):
                ours, floor = (
                    Series(tuple(quantiles(values, n=100)[at - 1] for values in results[name]), "ms") for name in urls
                )
                yield Finding(
                    what=f"GET, p{at}, {callers} caller{'s' if callers > 1 else ''}",
                    measured=str(ours),
                    against=f"a function that returns a constant behind the same authorizer: {floor}",
                    value=ours.over(floor),
                    reach=reach,
                    bound=bound,
                )


def _milliseconds(url: str, token: str, callers: int, calls: int) -> list[float]:
    with urllib3.PoolManager(maxsize=callers) as pool, ThreadPoolExecutor(callers) as threads:

        def get(_: int) -> float:
            began = time.perf_counter()
            answer = pool.request("GET", url, headers={"Authorization": f"Bearer {token}"}, retries=BUSY)
            if answer.status != 200:
                raise RuntimeError(f"{url} answered {answer.status} {answer.data.decode()}")
            return (time.perf_counter() - began) * 1000

        return list(threads.map(get, range(calls)))


def _deploy_constant(emulator: Emulator) -> str:
    """A function and a REST API with the platform's own pool and scope, and nothing else of ours."""
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("constant.py", CONSTANT)
    function = emulator.client("lambda").create_function(
        FunctionName="constant",
        Runtime="python3.14",
        Handler="constant.handle",
        Role=f"arn:aws:iam::{ACCOUNT}:role/constant",
        Code={"ZipFile": package.getvalue()},
        MemorySize=512,
        Timeout=10,
    )["FunctionArn"]
    gateway = emulator.client("apigateway")
    api = gateway.create_rest_api(name="constant")["id"]
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
