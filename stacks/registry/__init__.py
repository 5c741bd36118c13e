"""The registry of app clients: `clients/<group>/<client>.yaml`, one file a client, read and checked before synth.

It imports nothing of CDK: an editor, a report or a check reads the registry in milliseconds.
"""

from stacks.registry.expiry import WARNING_DAYS, expired, expiring
from stacks.registry.limits import GROUP_CAPACITY, POOL_CAPACITY
from stacks.registry.model import AppClient, ClientFile, Declaration, Grant, Group, by_stack
from stacks.registry.problems import RegistryError
from stacks.registry.reader import CLIENTS, declarations, load

__all__ = [
    "AppClient",
    "CLIENTS",
    "ClientFile",
    "Declaration",
    "GROUP_CAPACITY",
    "Grant",
    "Group",
    "POOL_CAPACITY",
    "RegistryError",
    "WARNING_DAYS",
    "by_stack",
    "declarations",
    "expired",
    "expiring",
    "load",
]
