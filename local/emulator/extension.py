"""Everything that the emulator has beyond ministack, installed together or not at all."""

from pathlib import Path
from typing import Final

from local.emulator import (
    actions,
    addresses,
    adoption,
    client_secrets,
    concurrency,
    deletion_protection,
    event_delivery,
    function_environment,
    generated_names,
    guard,
    hooks,
    left_out,
    managed_secrets,
    method_authorization,
    method_settings,
    package_modes,
    resource_policy_type,
    rotation,
    rotation_schedule,
    rotation_schedule_type,
    secret_type,
    secret_versions,
    stack_types,
    taken_names,
    user_pools,
    worker_logs,
    workers,
)
from local.emulator.key import Key

HOOKS: Final = (
    *actions.HOOKS,
    *addresses.HOOKS,
    *adoption.HOOKS,
    *client_secrets.HOOKS,
    *concurrency.HOOKS,
    *deletion_protection.HOOKS,
    *event_delivery.HOOKS,
    *function_environment.HOOKS,
    *generated_names.HOOKS,
    *guard.HOOKS,
    *left_out.HOOKS,
    *managed_secrets.HOOKS,
    *method_authorization.HOOKS,
    *method_settings.HOOKS,
    *package_modes.HOOKS,
    *resource_policy_type.HOOKS,
    *rotation.HOOKS,
    *rotation_schedule.HOOKS,
    *secret_type.HOOKS,
    *secret_versions.HOOKS,
    *stack_types.HOOKS,
    *taken_names.HOOKS,
    *user_pools.HOOKS,
    *worker_logs.HOOKS,
    *workers.HOOKS,
)


def install(endpoint: str, key: Key, state: Path) -> None:
    """Extend ministack in this process. Raises MissingHookError, having changed nothing, if it cannot be extended."""
    hooks.check(HOOKS)
    guard.install(key, state)
    addresses.install(f"{endpoint}/{key.path}")
    function_environment.install(key, state / "home")
    adoption.install()
    client_secrets.install()
    user_pools.install()
    secret_versions.install()
    rotation.install()
    managed_secrets.install()  # after what it builds on
    rotation_schedule.install()
    secret_type.install()
    rotation_schedule_type.install()
    resource_policy_type.install()
    left_out.install()
    worker_logs.install()
    workers.install()
    concurrency.install()
    deletion_protection.install()
    event_delivery.install()
    method_authorization.install()
    method_settings.install()
    package_modes.install()
    generated_names.install()
    taken_names.install()  # beside the generated names, which replace the same hook
