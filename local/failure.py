"""How a local command fails: one message that names the place, the value, what is allowed and the mend."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import urllib3
from botocore.exceptions import BotoCoreError, ClientError

from local.emulator.process import EmulatorError


class CommandError(Exception):
    """Something the person who ran the command can mend; its text is the whole message."""


@contextmanager
def reported(command: str) -> Iterator[None]:
    """Print what went wrong as `<command>: <message>` on standard error and exit with status 1."""
    try:
        yield
    except (CommandError, EmulatorError) as error:
        sys.exit(f"{command}: {error}")
    except (BotoCoreError, ClientError, urllib3.exceptions.HTTPError) as error:
        sys.exit(f"{command}: the emulator did not do what was asked: {error}\n  its log is .local/emulator.log")
    except BrokenPipeError:
        sys.exit(f"{command}: what reads its output has gone")
    except KeyboardInterrupt:
        sys.exit(f"{command}: interrupted; run it again to go on")
