"""What EventBridge sends to a topic arrives where the topic's policy, and its key's, let EventBridge in as itself.

Extends `services.eventbridge._dispatch_to_sns` of ministack 1.5.33, which asks no policy. "You can't use Condition
blocks in Amazon SNS topic policies for EventBridge":
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html (2026-11-25). Of an encrypted topic
its key is asked too, and takes no condition either: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html.
"""

import logging
from collections.abc import Callable, Iterator
from typing import Any, Final

from local.emulator.actions import Members
from local.emulator.hooks import Hook

_DISPATCH: Final = Hook("services.eventbridge", "_dispatch_to_sns", ("arn", "payload"))
_TOPICS: Final = Hook("services.sns", "_topics")
_KEY: Final = Hook("services.kms", "_resolve_key", ("key_id_or_arn",))
_CONTEXT: Final = Hook("core.iam_evaluator", "EvalContext")
_DECIDE: Final = Hook("core.iam_evaluator", "evaluate_resource_policy", ("doc", "ctx", "service"))
HOOKS: Final = (_DISPATCH, _TOPICS, _KEY, _CONTEXT, _DECIDE)

_SERVICE: Final = "events.amazonaws.com"
_LOG: Final = logging.getLogger(__name__)


def _asked(arn: str, topic: Members) -> Iterator[tuple[str, str, Any]]:
    """Each action that a delivery takes, on what, and the policy that decides."""
    attributes = topic.get("attributes", {})
    yield "sns:Publish", arn, attributes.get("Policy")
    if name := attributes.get("KmsMasterKeyId"):
        key = _KEY(name) or {"Arn": name}
        for action in ("kms:GenerateDataKey", "kms:Decrypt"):
            yield action, key["Arn"], key.get("Policy")


def _allowed(action: str, resource: str, policy: Any) -> bool:
    """Decide for a caller that is no principal of an account, and brings no condition key."""
    region = resource.split(":")[3] if resource.startswith("arn:") else ""
    asking = _CONTEXT(
        principal_arn=_SERVICE,
        principal_type="Service",
        principal_account="",
        action=action,
        resource_arn=resource,
        region=region,
        source_ip="",
        secure_transport=True,
    )
    return str(_DECIDE(policy, asking, _SERVICE).decision) == "Allow"


def _asking(original: Callable[[str, Any], None]) -> Callable[[str, Any], None]:
    def dispatch(arn: str, payload: Any) -> None:
        asked = _asked(arn, _TOPICS.value.get(arn) or {})
        if refused := [
            f"{action} on {resource}" for action, resource, policy in asked if not _allowed(action, resource, policy)
        ]:
            _LOG.warning("EventBridge may not %s: the event is lost", ", nor ".join(refused))
            return
        original(arn, payload)

    return dispatch


def install() -> None:
    """Ask before a delivery."""
    _DISPATCH.replace(_asking)
