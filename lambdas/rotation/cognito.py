"""App clients in Cognito: their names, and of each its secrets: at most two, chosen by us, never readable."""

import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from .aws import connect, translated
from .credentials import Credentials
from .ports import ClientSecret, Missing, RotationFailed

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

FRESH: Final = 60.0
"""Seconds that a list of names is used for: ten containers then ask for a thousand names 3 times a second, of
Cognito's 5 for a pool (https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html)."""


_MANAGED: Final = "Managed"


@dataclass
class Listing:
    """A pool's app clients as far as they were told. What a page said is kept when the next one is refused: ten that
    begin anew at each refusal would never end."""

    begun: float
    names: dict[str, str] = field(default_factory=dict)
    next: str | None = None
    whole: bool = False


@dataclass
class UserPool:
    """The app clients of one user pool."""

    client: "CognitoIdentityProviderClient"
    pool_id: str
    clock: Callable[[], float] = time.monotonic
    _listing: Listing | None = None

    def __post_init__(self) -> None:
        event = "before-parse.cognito-idp.DescribeUserPoolClient"
        self.client.meta.events.register(event, _keep_arn, unique_id=_MANAGED)

    @classmethod
    def connect(cls, pool_id: str) -> "UserPool":
        return cls(connect("cognito-idp"), pool_id)

    def names(self) -> Mapping[str, str] | None:
        if self._listing is None or self.clock() - self._listing.begun > FRESH:
            self._listing = Listing(begun=self.clock())
        listing = self._listing
        if not listing.whole:
            after = {"NextToken": listing.next} if listing.next else {}
            try:
                with translated("ListUserPoolClients"):
                    page = self.client.list_user_pool_clients(UserPoolId=self.pool_id, MaxResults=60, **after)
            except Missing:
                raise RotationFailed(
                    f"there is no user pool {self.pool_id}: deploy the rotation's stack again"
                ) from None
            listing.names |= {each["ClientId"]: each["ClientName"] for each in page["UserPoolClients"]}
            listing.next = page.get("NextToken")
            listing.whole = not listing.next
        return listing.names if listing.whole else None

    def forget(self) -> None:
        self._listing = None

    def managed(self, client_id: str) -> str | None:
        try:
            with translated("DescribeUserPoolClient"):
                answer = self.client.describe_user_pool_client(UserPoolId=self.pool_id, ClientId=client_id)
        except Missing:
            return None
        return answer.get(_MANAGED)  # type: ignore[return-value]  # put there by _keep_arn

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


def _keep_arn(response_dict: Mapping[str, Any], customized_response_dict: dict[str, Any], **_: object) -> None:
    """Read `ClientSecretArn` from the answer itself: the runtime's SDK may be older than that field."""
    with suppress(ValueError, KeyError, TypeError):
        customized_response_dict[_MANAGED] = json.loads(response_dict["body"])["UserPoolClient"]["ClientSecretArn"]
