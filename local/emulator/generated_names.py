"""A name that CloudFormation generates is another for each resource that it makes, unlike those of ministack 1.5.33.

Extends `services.cloudformation.stacks._provision_keeping_seed`, which starts from no seed: what is deleted and made
anew gets its old name again, and a reference that went stale still works. It extends the handlers of log groups too,
whose names have no seed at all. A seed is kept with its resource, so that updates find the name.

"CloudFormation generates a unique physical ID":
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html (2026-11-25).
"""

import uuid
from collections.abc import Callable
from typing import Any, Final

from local.emulator.actions import Members
from local.emulator.hooks import Hook
from local.emulator.stack_types import Provisioned

_STACKS: Final = "services.cloudformation.stacks"
_PROVISIONERS: Final = "services.cloudformation.provisioners"
_KEEPING: Final = Hook(_STACKS, "_provision_keeping_seed", ("args",))
_PROVISION: Final = Hook(_STACKS, "_provision_resource", ("resource_type", "logical_id", "props"))
_SEED: Final = Hook(_STACKS, "_NAME_SEED")
_NAME: Final = Hook(_PROVISIONERS, "_physical_name", ("stack_name", "logical_id"))
_HANDLERS: Final = Hook(_PROVISIONERS, "_RESOURCE_HANDLERS")
_CREATE_GROUP: Final = Hook(_PROVISIONERS, "_cwlogs_create", ("logical_id", "props", "stack_name"))
_UPDATE_GROUP: Final = Hook(
    _PROVISIONERS, "_cwlogs_update", ("physical_id", "old_props", "new_props", "stack_name", "logical_id")
)
HOOKS: Final = (_KEEPING, _PROVISION, _SEED, _NAME, _HANDLERS, _CREATE_GROUP, _UPDATE_GROUP)


def _seeding(_: Callable[..., Any]) -> Callable[..., tuple[Any, str]]:
    def provision(*arguments: Any) -> tuple[Any, str]:
        token = _SEED.value.set(uuid.uuid4().hex[:8])
        try:
            return _PROVISION(*arguments), _SEED.value.get()
        finally:
            _SEED.value.reset(token)

    return provision


def _create_group(logical_id: str, props: Members, stack_name: str) -> Provisioned:
    generated = {"LogGroupName": _NAME(stack_name, logical_id, max_len=512)}
    made: Provisioned = _CREATE_GROUP(logical_id, generated | props, stack_name)
    return made


def _update_group(name: str, old: Members, new: Members, stack_name: str, logical_id: str | None) -> Provisioned:
    kept = {} if "LogGroupName" in old else {"LogGroupName": name}
    wanted = kept or {"LogGroupName": _NAME(stack_name, logical_id or name, max_len=512)}
    made: Provisioned = _UPDATE_GROUP(name, kept | old, wanted | new, stack_name, logical_id)
    return made


def install() -> None:
    """Give each resource that is made a name of its own."""
    _KEEPING.replace(_seeding)
    _HANDLERS.value["AWS::Logs::LogGroup"] |= {"create": _create_group, "update": _update_group}
