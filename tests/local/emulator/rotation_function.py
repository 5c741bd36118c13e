"""A small rotation function that records its events, deployed to the emulator."""

import io
import json
import textwrap
import zipfile
from typing import Any

from local.emulator.process import Emulator

# Rotates a plain value and records each event as an SSM parameter; a step named in the parameter `<name>-fails` raises.
ROTATION_FUNCTION = textwrap.dedent(
    """
    import json, os, secrets, time, uuid
    import boto3

    NAME = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
    manager, parameters = boto3.client("secretsmanager"), boto3.client("ssm")

    def handler(event, context):
        secret, token = event["SecretId"], event["ClientRequestToken"]
        labels = manager.describe_secret(SecretId=secret)["VersionIdsToStages"].get(token, [])
        record = {"event": event, "labels": labels, "environment": sorted(os.environ)}
        parameters.put_parameter(Name=f"/{NAME}/{time.time_ns()}", Value=json.dumps(record), Type="String")
        if parameters.get_parameter(Name=f"{NAME}-fails")["Parameter"]["Value"] == event["Step"]:
            raise RuntimeError("told to fail")
        if event["Step"] == "createSecret":
            try:
                manager.get_secret_value(SecretId=secret, VersionId=token, VersionStage="AWSPENDING")
            except manager.exceptions.ResourceNotFoundException:
                manager.put_secret_value(
                    SecretId=secret, ClientRequestToken=token, VersionStages=["AWSPENDING"],
                    SecretString=uuid.uuid4().hex,
                )
        if event["Step"] == "finishSecret":
            versions = manager.describe_secret(SecretId=secret)["VersionIdsToStages"]
            current = next(each for each in versions if "AWSCURRENT" in versions[each])
            manager.update_secret_version_stage(
                SecretId=secret, VersionStage="AWSCURRENT", MoveToVersionId=token, RemoveFromVersionId=current
            )
    """
)


def zipped(name: str, source: str, mode: int = 0o644) -> bytes:
    """The package of a function that is one file."""
    archive, entry = io.BytesIO(), zipfile.ZipInfo(name)
    entry.external_attr = mode << 16
    with zipfile.ZipFile(archive, "w") as bundle:
        bundle.writestr(entry, source)
    return archive.getvalue()


class RotationFunction:
    """A deployed rotation function, and what it was called with."""

    def __init__(self, emulator: Emulator, name: str) -> None:
        self.name = name
        self._lambda, self._parameters = emulator.client("lambda"), emulator.client("ssm")
        self.fail_at("nothing")
        self.arn: str = self._lambda.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role="arn:aws:iam::000000000000:role/rotation",
            Handler="index.handler",
            Code={"ZipFile": zipped("index.py", ROTATION_FUNCTION)},
            Timeout=30,
        )["FunctionArn"]

    def permit(self) -> None:
        self._lambda.add_permission(
            FunctionName=self.name,
            StatementId="rotation",
            Action="lambda:InvokeFunction",
            Principal="secretsmanager.amazonaws.com",
        )

    def fail_at(self, step: str) -> None:
        self._parameters.put_parameter(Name=f"{self.name}-fails", Value=step, Type="String", Overwrite=True)

    def records(self) -> list[dict[str, Any]]:
        pages = self._parameters.get_paginator("get_parameters_by_path").paginate(Path=f"/{self.name}/")
        found = sorted((each["Name"], each["Value"]) for page in pages for each in page["Parameters"])
        return [json.loads(value) for _, value in found]

    def steps(self) -> list[str]:
        return [record["event"]["Step"] for record in self.records()]
