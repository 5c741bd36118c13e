"""What is deployed, whatever the checkout says: read from AWS alone."""

from typing import Any

from stacks.environments import Environment


def secrets(manager: Any, environment: Environment) -> list[str]:
    """The app clients of an environment that have credentials, sorted: a boto3 client of Secrets Manager is asked."""
    prefix = environment.credentials("")
    pages = manager.get_paginator("list_secrets").paginate(Filters=[{"Key": "name", "Values": [prefix]}])
    names = (secret["Name"] for page in pages for secret in page["SecretList"])
    return sorted(name.removeprefix(prefix) for name in names if name.startswith(prefix))
