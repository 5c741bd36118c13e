"""How a local command fails: one message that names the place, the value, what is allowed and the mend."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import urllib3
from botocore.exceptions import BotoCoreError, ClientError

from local.emulator import process
from local.emulator.private import NotPrivateError
from local.emulator.process import EmulatorError
from stacks.registry import RegistryError


class CommandError(Exception):
    """Something the person who ran the command can mend; its text is the whole message."""


@contextmanager
def reported(command: str, state: Path) -> Iterator[None]:
    """Print what went wrong as `<command>: <message>` on standard error and exit with status 1.

    Where the emulator of `state` has died, that is why, and its log's last lines say of what.
    """
    try:
        yield
    except (EmulatorError, NotPrivateError) as error:
        sys.exit(f"{command}: {error}")
    except RegistryError as error:
        sys.exit(str(error))
    except CommandError as error:
        sys.exit("\n  ".join(filter(None, (f"{command}: {error}", process.death(state)))))
    except (BotoCoreError, ClientError, urllib3.exceptions.HTTPError) as error:
        where = process.death(state) or f"its log is {process.log(state)}"
        sys.exit(f"{command}: the emulator did not do what was asked: {error}\n  {where}")
    except BrokenPipeError:
        sys.exit(f"{command}: what reads its output has gone")
    except OSError as error:  # a program or a file that is not there, or not to be used
        sys.exit(f"{command}: {error}")
    except KeyboardInterrupt:
        sys.exit(f"{command}: interrupted; run it again to go on")
