"""The floor with botocore alone: boto3 is what the platform uses, and this is what it costs."""

import json
import os
from typing import Any

import botocore.session

TABLE: Any = botocore.session.get_session().create_client("dynamodb")


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    answer = TABLE.get_item(
        TableName=os.environ["TABLE_NAME"],
        Key={"uri": {"S": event["queryStringParameters"]["uri"]}},
        ConsistentRead=True,
        ReturnConsumedCapacity="TOTAL",
    )
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(answer["Item"])}
