"""An app client's secrets in Cognito: at most two, chosen by us, never readable."""

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3

from .aws import CONFIG, translated
from .credentials import Credentials
from .ports import ClientSecret, Missing, RotationFailed

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient


@dataclass(frozen=True)
class UserPool:
    """The app clients of one user pool."""

    client: "CognitoIdentityProviderClient"
    pool_id: str

    @classmethod
    def connect(cls, pool_id: str) -> "UserPool":
        return cls(boto3.client("cognito-idp", config=CONFIG), pool_id)

    def secrets(self, client_id: str) -> tuple[ClientSecret, ...]:
        try:
            with translated("ListUserPoolClientSecrets"):
                answer = self.client.list_user_pool_client_secrets(UserPoolId=self.pool_id, ClientId=client_id)
        except Missing:
            raise RotationFailed(
                f"app client {client_id} is not in user pool {self.pool_id}: "
                "remove its file and deploy, then add it again and deploy"
            ) from None
        found = [
            ClientSecret(each["ClientSecretId"], each["ClientSecretCreateDate"]) for each in answer["ClientSecrets"]
        ]
        return tuple(sorted(found, key=lambda each: (each.created, each.id)))

    def add(self, credentials: Credentials) -> None:
        with translated("AddUserPoolClientSecret"):
            self.client.add_user_pool_client_secret(
                UserPoolId=self.pool_id, ClientId=credentials.client_id, ClientSecret=credentials.client_secret
            )

    def delete(self, client_id: str, secret_id: str) -> None:
        with suppress(Missing), translated("DeleteUserPoolClientSecret"):
            self.client.delete_user_pool_client_secret(
                UserPoolId=self.pool_id, ClientId=client_id, ClientSecretId=secret_id
            )
