"""The registry as a command reads it: what is wrong with it is told in the same words by all of them."""

import sys

from stacks import registry


def groups() -> tuple[registry.Group, ...]:
    """Every group. Ends the command as `make check` ends, with every problem, when there is one."""
    try:
        return registry.load()
    except registry.RegistryError as error:
        sys.exit(str(error))
