"""The limits of one method apply to that method.

Extends `services.cloudformation.provisioners._apigw_method_settings` of ministack 1.5.33, which keeps a path as the
template writes it, and then finds no method there: every method got the limits of the whole stage. In a template
"forward slashes (/) are encoded as ~1":
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-apigateway-stage-methodsetting.html
(2026-11-25).
"""

from collections.abc import Callable
from typing import Any, Final

from local.emulator.actions import Members
from local.emulator.hooks import Hook

_SETTINGS: Final = Hook("services.cloudformation.provisioners", "_apigw_method_settings", ("raw",))
HOOKS: Final = (_SETTINGS,)


def _decoding(original: Callable[[Any], Members]) -> Callable[[Any], Members]:
    def decode(raw: Any) -> Members:
        # "/~1things/GET": API Gateway's own key of the method is "/things/GET".
        return {name.replace("/~1", "/", 1).replace("~1", "/"): each for name, each in original(raw).items()}

    return decode


def install() -> None:
    """Read paths as CloudFormation does."""
    _SETTINGS.replace(_decoding)
