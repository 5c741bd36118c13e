"""A trail logs management events: without one EventBridge gets no token event, and no foreign hand is reported.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
"""

from collections.abc import Iterator, Mapping
from typing import Any

from tools.preflight.plan import Plan
from tools.row import Row, judge


def look(plan: Plan) -> Iterator[Row]:
    trails = plan.cloud.client("cloudtrail")
    logging = []
    for trail in trails.describe_trails(includeShadowTrails=True)["trailList"]:
        arn = trail["TrailARN"]
        if not trails.get_trail_status(Name=arn)["IsLogging"]:
            continue
        if _writes(trails.get_event_selectors(TrailName=arn)):
            logging.append(trail["Name"])
    yield judge(
        "trail",
        found=", ".join(sorted(logging)) or "no trail logs management events",
        expected="a trail that logs management events",
        good=bool(logging),
        fix="aws cloudtrail create-trail --name management --is-multi-region-trail --s3-bucket-name <bucket>, then "
        "aws cloudtrail start-logging --name management",
    )


def _writes(selectors: Mapping[str, Any]) -> bool:
    """Tell whether writes are logged: adding a secret is one, and the documented token event has `readOnly` false."""
    plain = selectors.get("EventSelectors") or []
    if any(each.get("IncludeManagementEvents", True) and each.get("ReadWriteType") != "ReadOnly" for each in plain):
        return True
    for each in selectors.get("AdvancedEventSelectors") or []:
        fields = {field["Field"]: field for field in each["FieldSelectors"]}
        if "Management" in fields.get("eventCategory", {}).get("Equals", []) and "true" not in fields.get(
            "readOnly", {}
        ).get("Equals", []):
            return True
    return False
