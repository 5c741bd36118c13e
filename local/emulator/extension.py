"""Everything that the emulator has beyond ministack, installed together or not at all."""

from local.emulator import addresses, client_secrets, hooks, rotation, secret_resources, secret_versions, user_pools


def install(endpoint: str) -> None:
    """Extend ministack in this process. Raises MissingHookError, having changed nothing, if it cannot be extended."""
    modules = (addresses, client_secrets, rotation, secret_resources, secret_versions, user_pools)
    hooks.check(hook for module in modules for hook in module.HOOKS)
    addresses.install(endpoint)
    client_secrets.install()
    user_pools.install()
    secret_versions.install()
    rotation.install()
    secret_resources.install()
