"""Refuses app clients whose end has come by a day, and warns of those whose end is near.

`python -m tools.expiry --on 2027-06-30`: exit 1 when there is an expired client, or a problem in the registry.
"""

import argparse
import sys
from collections.abc import Sequence
from datetime import date

from stacks import registry


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--on", required=True, type=day, metavar="YYYY-MM-DD", help="the day to judge by")
    on = parser.parse_args(arguments).on
    invalid = False
    try:
        groups = registry.load()
    except registry.RegistryError as error:
        print(error, file=sys.stderr)
        # Whatever is wrong elsewhere, a valid client that has ended is told in the same run.
        invalid, groups = True, error.groups
    for client in registry.expiring(groups, on=on):
        text = f"ends in {_days(client, on)} days, on {client.expires}: remove the file by then, or agree a later day"
        print(f"warning: {_place(client)}: {text} with its owner ({client.owner}, {client.contact})")
    expired = registry.expired(groups, on=on)
    for client in expired:
        text = f"{client.expires} is past, expected a day from {on} on: remove the file, or agree a later day"
        print(f"{_place(client)}: {text} with its owner ({client.owner}, {client.contact})", file=sys.stderr)
    return 1 if expired or invalid else 0


def day(text: str) -> date:
    """Read a day that was typed. Raises ArgumentTypeError, which argparse tells with the option's name."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date such as 2027-06-30") from None


def _place(client: registry.AppClient) -> str:
    return f"{client.path}:{client.lines.get('expires', 1)}: expires"


def _days(client: registry.AppClient, on: date) -> int:
    return (client.expires - on).days if client.expires else 0


if __name__ == "__main__":
    sys.exit(main())
