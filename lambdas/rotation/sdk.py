"""The AWS SDK that Lambda's runtime brings: its version decides whether it can register a second secret at all."""

import functools
from typing import Final

import boto3
import botocore

from .aws import CONFIG

OPERATION: Final = "add_user_pool_client_secret"
"""The newest of the calls that a rotation makes (API of February 2026)."""


@functools.cache
def describe_sdk() -> dict[str, str | bool]:
    """The SDK's versions, and whether it knows `OPERATION`. Makes no call to AWS."""
    return {
        "boto3": boto3.__version__,
        "botocore": botocore.__version__,
        OPERATION: hasattr(boto3.client("cognito-idp", config=CONFIG), OPERATION),
    }
