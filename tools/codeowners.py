"""`.github/CODEOWNERS` from `clients/groups.yaml`: a group's approvers approve its clients, the platform all else."""

from collections.abc import Mapping
from typing import Final

from stacks.registry import Declaration

PLATFORM: Final = "@sellwithotto/platform"
_HEADER: Final = """\
# Written by `make catalogue` from clients/groups.yaml. The last line that matches a file decides, so the platform team
# owns whatever is not a group's folder: clients/groups.yaml and this file too.
"""


def render(groups: Mapping[str, Declaration]) -> str:
    lines = [("*", PLATFORM), *((f"/clients/{name}/", groups[name].approvers) for name in sorted(groups))]
    width = max(len(pattern) for pattern, _ in lines)
    return _HEADER + "".join(f"{pattern:<{width}}  {owners}\n" for pattern, owners in lines)
