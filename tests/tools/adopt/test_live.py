"""What adoption reads of a live app client, whatever Cognito still shows of its first secret."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest

from tools.adopt.live import describe
from tools.adopt.plan import CLIENT, Adopted

IDENTIFIER = {"UserPoolId": "us-east-1_Ab1Cd2Ef3", "ClientId": "1example23456789"}
ADOPTED = Adopted(
    stack="dev/s",
    stack_name="otto-dev-s",
    logical_id="L",
    type=CLIENT,
    identifier=IDENTIFIER,
    wanted={},
    template=Path(),
    importable={},
)


NOW = datetime(2027, 1, 31, tzinfo=UTC)


class RefusedError(Exception):
    """What Cognito answers for an app client that was made without a secret."""


@pytest.mark.parametrize("shown", [{}, {"ClientSecret": "CANARY"}], ids=["not shown", "shown"])
@pytest.mark.parametrize(("secrets", "generated"), [(0, False), (1, True), (2, True)])
def test_a_client_has_a_secret_when_one_is_listed(shown: dict[str, str], secrets: int, generated: bool) -> None:
    cognito = MagicMock()
    cognito.exceptions = SimpleNamespace(ResourceNotFoundException=KeyError, InvalidParameterException=RefusedError)
    cognito.describe_user_pool_client.return_value = {"UserPoolClient": {"ClientName": "x"} | shown}
    listed: Any = {"ClientSecrets": [{"ClientSecretCreateDate": NOW}] * secrets}
    cognito.list_user_pool_client_secrets.side_effect = [listed] if secrets else RefusedError
    assert describe(cognito, ADOPTED) == {"ClientName": "x", "GenerateSecret": generated}
    cognito.list_user_pool_client_secrets.assert_called_once_with(**IDENTIFIER)
