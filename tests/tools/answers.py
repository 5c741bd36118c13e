"""AWS as a table of answers made by hand, each held to botocore's own model of the service."""

import functools
import io
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.exceptions import ClientError
from botocore.response import StreamingBody
from botocore.validate import validate_parameters

from tools.cloud import Cloud

_LOCK = threading.Lock()


@dataclass(frozen=True, kw_only=True)
class Answers(Cloud):
    """Every call is answered by the line `<service>.<Operation>`: a value, an error, or a function of the request."""

    region: str = "us-east-1"
    emulated: bool = False
    lines: Mapping[str, Any] = field(default_factory=dict)
    asked: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    def client(self, service: str) -> Any:
        with _LOCK:
            made = _made(service, self.region)
        client = object.__new__(type(made))  # a copy: making one takes 0.1 s
        vars(client).update(vars(made))

        def call(operation: str, request: Mapping[str, Any]) -> Any:
            model = client.meta.service_model.operation_model(operation)
            if model.input_shape:
                validate_parameters(request, model.input_shape)
            line = f"{service}.{operation}"
            self.asked.append((line, request))
            answer = self.lines[line]
            answer = answer(request) if callable(answer) else answer
            if isinstance(answer, Error):
                raise ClientError({"Error": {"Code": answer.code, "Message": answer.message}}, operation)
            if model.output_shape:
                validate_parameters(answer, model.output_shape)
            return answer

        client._make_api_call = call
        return client


@functools.cache
def _made(service: str, region: str) -> Any:
    make: Any = boto3.client
    return make(service, region_name=region, aws_access_key_id="a", aws_secret_access_key="b")


@dataclass(frozen=True)
class Error:
    """What an AWS service answers instead."""

    code: str
    message: str = ""


def denied(action: str) -> Error:
    """As IAM's documentation quotes it, read 2026-11-25.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
    """
    return Error(
        "AccessDenied", f"User: arn:aws:iam::123456789012:user/mateojackson is not authorized to perform: {action}"
    )


def payload(told: Any) -> Any:
    """What a function answers, as Invoke streams it."""
    text = json.dumps(told).encode()
    return lambda _: {"Payload": StreamingBody(io.BytesIO(text), len(text))}
