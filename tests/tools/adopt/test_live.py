"""What adoption reads of a live app client, whatever Cognito still shows of its first secret."""

import ast
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest

from tools.adopt.live import align, describe, managed
from tools.adopt.live import listed as list_ids
from tools.adopt.plan import CLIENT, Adopted

ROOT = Path(__file__).parents[3]
PUBLISH = "PublishSecretsInAWSSecretsManager"
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


@pytest.mark.parametrize("listed", [0, 1, 2])
def test_a_client_whose_secret_cognito_keeps_has_one_so_that_nothing_says_it_would_be_replaced(listed: int) -> None:
    cognito = MagicMock()
    cognito.exceptions = SimpleNamespace(ResourceNotFoundException=KeyError, InvalidParameterException=RefusedError)
    cognito.describe_user_pool_client.side_effect = lambda **_: {
        "UserPoolClient": {"ClientName": "x", "ClientSecretArn": "arn"}
    }
    cognito.list_user_pool_client_secrets.return_value = {
        "ClientSecrets": [{"ClientSecretId": f"{number}", "ClientSecretCreateDate": NOW} for number in range(listed)]
    }
    assert describe(cognito, ADOPTED) == {"ClientName": "x", "GenerateSecret": True}
    assert managed(cognito, IDENTIFIER) == "arn"
    assert len(list_ids(cognito, IDENTIFIER)) == listed


def test_no_command_sends_the_setting_that_deletes_a_managed_secret() -> None:
    """What is aligned is the template's, which has no word for it; and no code but what tells people of it names it."""
    sent = MagicMock()
    adopted = replace(ADOPTED, wanted={"ClientName": "x", "GenerateSecret": True, "UserPoolId": "p"})
    align(sent, adopted)
    sent.update_user_pool_client.assert_called_once_with(**IDENTIFIER, ClientName="x")
    assert [str(path) for folder in ("tools", "lambdas", "stacks") for path in sending(ROOT / folder)] == []


def sending(folder: Path) -> Iterator[Path]:
    """Modules in which the setting is a keyword of a call or a key, and no word of a docstring."""
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            keys = node.keys if isinstance(node, ast.Dict) else []
            named = {each.value for each in keys if isinstance(each, ast.Constant)}
            if (isinstance(node, ast.keyword) and node.arg == PUBLISH) or PUBLISH in named:
                yield path


def test_a_planted_command_that_sends_it_is_found(tmp_path: Path) -> None:
    (tmp_path / "keyword.py").write_text(f"cognito.update_user_pool_client({PUBLISH}=False)\n")
    (tmp_path / "key.py").write_text(f'asked = {{"{PUBLISH}": False}}\n')
    (tmp_path / "told.py").write_text(f'"""Never send {PUBLISH}."""\n')
    assert [path.name for path in sending(tmp_path)] == ["key.py", "keyword.py"]
