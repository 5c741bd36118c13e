"""Registers resource types with the CloudFormation of ministack 1.5.33, and what its handlers have in common.

Extends `services.cloudformation`: the tables `provisioners._RESOURCE_HANDLERS` (create, update and delete of a type),
`provisioners._REPLACING_PROPERTIES` (what changes only by a new resource) and `drift._DRIFT_READERS`.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

from local.emulator.actions import Members, RefusedError
from local.emulator.hooks import Hook
from local.emulator.secret_versions import RESOLVE

_HANDLERS: Final = Hook("services.cloudformation.provisioners", "_RESOURCE_HANDLERS")
_REPLACING: Final = Hook("services.cloudformation.provisioners", "_REPLACING_PROPERTIES")
_READERS: Final = Hook("services.cloudformation.drift", "_DRIFT_READERS")
HOOKS: Final = (_HANDLERS, _REPLACING, _READERS)

Provisioned = tuple[str, Members]
"""What `Ref` returns, and the attributes that `Fn::GetAtt` returns."""
Reader = Callable[[str, Members], Members | None]
"""A live resource's properties by its `Ref`; None when it is gone."""


def register(
    name: str, *, replacing: Iterable[str], reader: Reader, readable: Iterable[str], **handlers: Callable[..., Any]
) -> None:
    """Make `name` a type that templates may use; `handlers` are its create, update and delete."""
    _HANDLERS.value[name] = {**handlers, "update_with_logical_id": True}
    _REPLACING.value[name] = tuple(replacing)
    _READERS.value[name] = (reader, frozenset(readable))


def refused(refusal: RefusedError) -> ValueError:
    """What ministack's stack engine takes for a resource that could not be made."""
    code, message = refusal.args
    return ValueError(f"{message} (Service: SecretsManager, Status Code: 400, Error Code: {code})")


def is_true(value: Any) -> bool:
    """CloudFormation takes booleans as strings too."""
    return str(value).lower() == "true"


def provisioned(secret_id: str) -> Provisioned:
    """A type of Secrets Manager is known by its secret's ARN."""
    arn = RESOLVE(secret_id)[1]["ARN"]
    return arn, {"Id": arn}
