"""The same API in the field's usual way: AWS Powertools for logs, metrics, traces, routes and validation."""

import json
import os
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import uuid4

import boto3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext
from boto3.dynamodb.conditions import Attr
from pydantic import BaseModel, ConfigDict, Field

logger = Logger(service="profiles")
metrics = Metrics(namespace="Otto", service="profiles")
tracer = Tracer(service="profiles")
app = APIGatewayRestResolver(enable_validation=True)
table = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])

Uri = Annotated[str, Query(pattern=r"^https://www\.linkedin\.com/(in|company)/[^/]+$", max_length=2048)]


class Profile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    full_name: str = Field(min_length=1, max_length=200)
    headline: str | None = Field(default=None, max_length=500)
    company: str | None = Field(default=None, max_length=200)
    location: str | None = Field(default=None, max_length=200)
    attributes: dict[str, Any] = {}


def _item(uri: str) -> dict[str, Any] | None:
    answer = table.get_item(Key={"uri": uri}, ConsistentRead=True, ReturnConsumedCapacity="TOTAL")
    return dict(answer["Item"]) if "Item" in answer else None


def _answer(item: dict[str, Any]) -> Response[str]:
    shown = item | {"version": int(item["version"]), "attributes": json.loads(str(item["attributes"]))}
    return Response(200, "application/json", json.dumps(shown), headers={"ETag": f'"{item["revision"]}"'})


@app.get("/profiles")
@tracer.capture_method
def read(uri: Uri) -> Response[str]:
    item = _item(uri)
    if item is None:
        raise NotFoundError
    metrics.add_metric(name="Reads", unit=MetricUnit.Count, value=1)
    return _answer(item)


@app.put("/profiles")
@tracer.capture_method
def write(uri: Uri, profile: Profile) -> Response[str]:
    current = _item(uri)
    content = profile.model_dump(exclude_none=True) | {"attributes": json.dumps(profile.attributes)}
    stamp = {"revision": uuid4().hex, "updated_at": datetime.now(UTC).isoformat()}
    item: dict[str, Any] = {"uri": uri, "version": int(current["version"]) + 1 if current else 1} | content | stamp
    unchanged = Attr("revision").eq(current["revision"]) if current else Attr("revision").not_exists()
    table.put_item(Item=item, ConditionExpression=unchanged, ReturnConsumedCapacity="TOTAL")
    metrics.add_metric(name="Writes", unit=MetricUnit.Count, value=1)
    return _answer(item)


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@metrics.log_metrics(capture_cold_start_metric=True)
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
