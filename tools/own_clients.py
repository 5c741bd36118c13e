"""Refuses a registry that has lost what the platform's own commands act as: part of `make check`."""

import sys

from stacks.registry.own import lacking
from tools import declared


def main() -> None:
    if problems := lacking(declared.groups()):
        sys.exit("\n".join(map(str, problems)))


if __name__ == "__main__":
    main()
