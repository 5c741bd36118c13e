"""Two secrets a client: botocore's cognito-idp model, AddUserPoolClientSecret and its two siblings.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AddUserPoolClientSecret.html
"""

from typing import Literal

import pytest

from tests.local.emulator.app_client import Client

CHOSEN = "a_chosen+VALUE_0123456789"


@pytest.mark.parametrize("form", ["basic", "post"])
def test_either_of_two_secrets_gets_a_token(client: Client, form: Literal["basic", "post"]) -> None:
    client.cognito.add_user_pool_client_secret(**client.names, ClientSecret=CHOSEN)
    assert [client.token(secret, form) for secret in (client.secret, CHOSEN)] == [(200, ""), (200, "")]
    assert client.token("b" * 24, form) == (400, "invalid_client")


def test_a_deleted_secret_is_an_invalid_client_and_the_other_goes_on(client: Client) -> None:
    client.cognito.add_user_pool_client_secret(**client.names, ClientSecret=CHOSEN)
    client.cognito.delete_user_pool_client_secret(**client.names, ClientSecretId=client.ids()[0])
    assert client.token(client.secret) == (400, "invalid_client")
    assert client.token(CHOSEN) == (200, "")


def test_a_third_secret_exceeds_the_limit(client: Client) -> None:
    client.cognito.add_user_pool_client_secret(**client.names)
    with pytest.raises(client.cognito.exceptions.LimitExceededException):
        client.cognito.add_user_pool_client_secret(**client.names)
    assert len(client.ids()) == 2


def test_the_last_secret_cannot_be_deleted(client: Client) -> None:
    with pytest.raises(client.cognito.exceptions.InvalidParameterException, match="last remaining secret"):
        client.cognito.delete_user_pool_client_secret(**client.names, ClientSecretId=client.ids()[0])
    assert client.token(client.secret) == (200, "")


@pytest.mark.parametrize("value", ["a" * 65, "a" * 23 + "-", "a" * 23 + "é"])
def test_a_value_that_the_model_does_not_allow_is_refused(client: Client, value: str) -> None:
    with pytest.raises(client.cognito.exceptions.InvalidParameterException, match="24 to 64"):
        client.cognito.add_user_pool_client_secret(**client.names, ClientSecret=value)


def test_a_chosen_value_is_never_returned_and_a_generated_one_only_once(client: Client) -> None:
    chosen = client.cognito.add_user_pool_client_secret(**client.names, ClientSecret=CHOSEN)["ClientSecretDescriptor"]
    assert sorted(chosen) == ["ClientSecretCreateDate", "ClientSecretId"]
    client.cognito.delete_user_pool_client_secret(**client.names, ClientSecretId=chosen["ClientSecretId"])
    generated = client.cognito.add_user_pool_client_secret(**client.names)["ClientSecretDescriptor"]
    assert client.token(generated["ClientSecretValue"]) == (200, "")


def test_list_names_each_secret_and_shows_no_value(client: Client) -> None:
    added = client.cognito.add_user_pool_client_secret(**client.names)["ClientSecretDescriptor"]
    listed = client.cognito.list_user_pool_client_secrets(**client.names)["ClientSecrets"]
    assert [sorted(each) for each in listed] == [["ClientSecretCreateDate", "ClientSecretId"]] * 2
    assert listed[1]["ClientSecretId"] == added["ClientSecretId"]
    assert all(each["ClientSecretId"].startswith(f"{client.id}--") for each in listed)


def test_describe_keeps_the_first_value_until_that_secret_is_deleted(client: Client) -> None:
    def described() -> str | None:
        return client.cognito.describe_user_pool_client(**client.names)["UserPoolClient"].get("ClientSecret")  # type: ignore[no-any-return]

    client.cognito.add_user_pool_client_secret(**client.names, ClientSecret=CHOSEN)
    assert described() == client.secret
    client.cognito.delete_user_pool_client_secret(**client.names, ClientSecretId=client.ids()[0])
    assert described() is None
    updated = client.cognito.update_user_pool_client(**client.names, ClientName="renamed")["UserPoolClient"]
    assert "ClientSecret" not in updated


def test_unknown_pool_client_and_secret_are_not_found(client: Client) -> None:
    missing = client.cognito.exceptions.ResourceNotFoundException
    with pytest.raises(missing, match="User pool us-east-1_none"):
        client.cognito.list_user_pool_client_secrets(UserPoolId="us-east-1_none", ClientId=client.id)
    with pytest.raises(missing, match="User pool client nobody"):
        client.cognito.add_user_pool_client_secret(UserPoolId=client.pool, ClientId="nobody")
    with pytest.raises(missing, match="Client secret nothing"):
        client.cognito.delete_user_pool_client_secret(**client.names, ClientSecretId="nothing")


def test_a_public_client_gets_no_secret(client: Client) -> None:
    public = client.cognito.create_user_pool_client(UserPoolId=client.pool, ClientName="p")["UserPoolClient"][
        "ClientId"
    ]
    with pytest.raises(client.cognito.exceptions.InvalidParameterException, match="public client"):
        client.cognito.add_user_pool_client_secret(UserPoolId=client.pool, ClientId=public)


def test_a_client_without_a_flow_is_unauthorized_only_with_its_right_secret(client: Client) -> None:
    """RFC 6749 §5.2 and https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html."""
    client.cognito.update_user_pool_client(**client.names, AllowedOAuthFlowsUserPoolClient=False, AllowedOAuthFlows=[])
    assert client.token(client.secret) == (400, "unauthorized_client")
    assert client.token("b" * 24) == (400, "invalid_client")
