"""Secrets Manager as the rotation needs it."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from .aws import connect, translated
from .ports import Missing, Secret

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_secretsmanager.type_defs import GetSecretValueResponseTypeDef

# The stack sets it. Whoever may tag the secret can change it: binding.py says what is believed.
CLIENT_ID_TAG = "client-id"
_MOVED = {
    "InvalidParameterException": "the label has moved meanwhile",
    "ResourceNotFoundException": "the version lost its last label meanwhile",
}


@dataclass(frozen=True)
class SecretsManager:
    client: "SecretsManagerClient"
    prefix: str
    """What the name of every app client's secret begins with."""

    @classmethod
    def connect(cls, prefix: str) -> "SecretsManager":
        return cls(connect("secretsmanager"), prefix)

    def describe(self, secret: str) -> Secret:
        with translated("DescribeSecret"):
            found = self.client.describe_secret(SecretId=secret)
        tags = {tag.get("Key"): tag.get("Value") for tag in found.get("Tags", [])}
        return Secret(
            name=found["Name"].removeprefix(self.prefix),
            client_id=tags.get(CLIENT_ID_TAG),
            rotates=found.get("RotationEnabled", False),
            deleted="DeletedDate" in found,
            versions={version: frozenset(labels) for version, labels in found.get("VersionIdsToStages", {}).items()},
        )

    def read(self, secret: str, version: str) -> str | None:
        found = self._get(secret, version)
        return found.get("SecretString") if found else None

    def written(self, secret: str, version: str) -> datetime | None:
        found = self._get(secret, version)
        return found["CreatedDate"] if found else None

    def _get(self, secret: str, version: str) -> "GetSecretValueResponseTypeDef | None":
        try:
            with translated("GetSecretValue"):
                return self.client.get_secret_value(SecretId=secret, VersionId=version)
        except Missing:
            return None

    def write_pending(self, secret: str, version: str, text: str) -> None:
        # The same token with another value: a duplicate of this invocation has written its own meanwhile.
        with translated("PutSecretValue", {"ResourceExistsException": "another invocation was faster"}):
            self.client.put_secret_value(
                SecretId=secret, ClientRequestToken=version, SecretString=text, VersionStages=["AWSPENDING"]
            )

    def move(self, secret: str, label: str, *, to: str | None, off: str | None) -> None:
        versions = {"MoveToVersionId": to, "RemoveFromVersionId": off}
        with translated("UpdateSecretVersionStage", _MOVED):
            self.client.update_secret_version_stage(
                SecretId=secret, VersionStage=label, **{name: each for name, each in versions.items() if each}
            )

    def generate(self) -> str:
        with translated("GetRandomPassword"):
            return self.client.get_random_password(PasswordLength=64, ExcludePunctuation=True)["RandomPassword"]
