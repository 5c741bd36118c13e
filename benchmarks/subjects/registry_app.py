"""This repository's own app with a registry of any size: `registry_app.py <clients> <environment>…`.

It leaves out cdk-nag's rule packs, which what it is compared with has not either.
"""

import gc
import sys

import aws_cdk as cdk

from app import build
from stacks.registry import GROUP_CAPACITY, AppClient, Grant, Group


def groups(clients: int, environments: list[str]) -> tuple[Group, ...]:
    """Groups as full as the registry lets them be, made from its models: its files stop at 1,000 clients."""
    held = [
        AppClient(
            name=f"service-{number:05d}",
            group=f"group-{number // GROUP_CAPACITY:03d}",
            path=f"clients/service-{number:05d}.yaml",
            owner="growth",
            contact="#otto-growth",
            purpose="Stands for one of many services that call Otto's APIs.",
            environments={name: Grant(scopes=("api.read",)) for name in environments},
        )
        for number in range(clients)
    ]
    return tuple(
        Group(
            name=members[0].group,
            approvers="@sellwithotto/platform",
            purpose="Stands for one of many groups of app clients.",
            clients=tuple(members),
        )
        for members in (held[start : start + GROUP_CAPACITY] for start in range(0, clients, GROUP_CAPACITY))
    )


def main(clients: str, *environments: str) -> None:
    gc.disable()  # as app.py does
    app = cdk.App()
    build(app, groups(int(clients), list(environments)))
    app.synth()


if __name__ == "__main__":
    main(*sys.argv[1:])
