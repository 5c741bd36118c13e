"""The floor of a request: one DynamoDB client, made once, and the same calls to the table; nothing is checked."""

import json
import os
from typing import Any

import boto3

TABLE = boto3.client("dynamodb")


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    uri = {"S": event["queryStringParameters"]["uri"]}
    name = os.environ["TABLE_NAME"]
    item: dict[str, Any] = dict(
        TABLE.get_item(TableName=name, Key={"uri": uri}, ConsistentRead=True, ReturnConsumedCapacity="TOTAL")["Item"]
    )
    if event["httpMethod"] == "PUT":
        item |= {name: {"S": value} for name, value in json.loads(event["body"]).items() if isinstance(value, str)}
        TABLE.put_item(TableName=name, Item=item, ReturnConsumedCapacity="TOTAL")
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(item)}
