"""The key of one run: a file that only its user can read, and the address that follows from it.

The file is one of AWS credentials, so that boto3, the CDK and the AWS CLI sign with it by themselves, and the key is in
no request, no argument and no environment variable:
https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
"""

import configparser
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from local.emulator import private

FILE: Final = "credentials"
PROFILE: Final = "emulator"
"""Beside the default one: a shell that has keys or a profile of its own is told this name."""
ACCOUNT: Final = "000000000000"


@dataclass(frozen=True)
class Key:
    secret: str = field(repr=False)

    def derive(self, purpose: str) -> str:
        """A secret of its own, from which nobody can tell the key or another one."""
        return hmac.new(self.secret.encode(), purpose.encode(), hashlib.sha256).hexdigest()

    @property
    def path(self) -> str:
        """The first segment of the addresses that are called unsigned."""
        return self.derive("address")[:32]


def make(state: Path) -> Key:
    """Write a new key for a run that begins."""
    key = Key(secrets.token_urlsafe(32))
    lines = (f"aws_access_key_id = {ACCOUNT}", f"aws_secret_access_key = {key.secret}")
    new = state / f"{FILE}.new"
    private.write(new, "\n".join(line for name in ("default", PROFILE) for line in (f"[{name}]", *lines, "")))
    new.rename(state / FILE)
    return key


def read(state: Path) -> Key:
    """Read the key of the run of `state`. Raises FileNotFoundError where none has begun."""
    parser = configparser.RawConfigParser()
    parser.read_string((state / FILE).read_text())
    return Key(parser[PROFILE]["aws_secret_access_key"])
