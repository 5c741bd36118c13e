"""The codes with which Cognito and Secrets Manager refuse, of which our commands and functions make decisions."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any, Final

from botocore.exceptions import ClientError

from tools.row import Row, judge
from tools.verify import throwaway
from tools.verify.deployment import Deployment

_NOBODY: Final = "1" * 26
"""No app client has this id."""
_Call = tuple[str, str, Callable[[], Any]]


def look(deployment: Deployment) -> Iterator[Row]:
    """Two rows: make each mistake on a throw-away app client and on a throw-away secret."""
    for service, calls in (("client refusals", _clients(deployment)), ("secret refusals", _secrets(deployment))):
        asked, wrong = 0, []
        for what, expected, call in calls:
            asked += 1
            if (code := _code(call)) != expected:
                wrong.append(f"{what}: {code}, not {expected}")
        yield judge(
            service,
            found="; ".join(wrong) or f"{asked} of {asked} as expected",
            expected="each mistake is refused with the code that we take it for",
            good=not wrong,
            fix="docs/assumptions.md says what rests on these codes",
        )


def _code(call: Callable[[], Any]) -> str:
    try:
        call()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "taken"


def _clients(deployment: Deployment) -> Iterator[_Call]:
    users, made = deployment.client("cognito-idp"), throwaway.create(deployment)
    whose = {"UserPoolId": deployment.user_pool, "ClientId": made.client_id}
    unknown = whose | {"ClientId": _NOBODY}
    first, *_ = [each["ClientSecretId"] for each in users.list_user_pool_client_secrets(**whose)["ClientSecrets"]]

    def add(**more: str) -> Any:
        return users.add_user_pool_client_secret(**whose, **more)

    def delete(secret: str) -> Any:
        return users.delete_user_pool_client_secret(**whose, ClientSecretId=secret)

    yield "an unknown client", "ResourceNotFoundException", lambda: users.list_user_pool_client_secrets(**unknown)
    yield "characters that no secret has", "InvalidParameterException", lambda: add(ClientSecret="!" * 24)
    yield "its last secret", "InvalidParameterException", lambda: delete(first)
    add()
    yield "a third secret", "LimitExceededException", add
    yield "an unknown secret", "ResourceNotFoundException", lambda: delete("nobodys")


def _secrets(deployment: Deployment) -> Iterator[_Call]:
    manager = deployment.client("secretsmanager")
    name = deployment.environment.credentials(f"{throwaway.MARK}{uuid.uuid4().hex}")
    token = str(uuid.uuid4())

    def create() -> Any:
        return manager.create_secret(Name=name, SecretString="{}")

    def write(text: str) -> Any:
        return manager.put_secret_value(SecretId=name, SecretString=text, ClientRequestToken=token)

    def move(version: str) -> Any:
        """Move the current label to a version, from that version, which has it not."""
        there = {"MoveToVersionId": version, "RemoveFromVersionId": version}
        return manager.update_secret_version_stage(SecretId=name, VersionStage="AWSCURRENT", **there)

    nowhere = deployment.environment.parameter("no-such-name")
    yield "an unknown parameter", "ParameterNotFound", lambda: deployment.client("ssm").get_parameter(Name=nowhere)
    yield "an unknown secret", "ResourceNotFoundException", lambda: manager.describe_secret(SecretId=name)
    first = create()["VersionId"]
    yield "a name that is taken", "ResourceExistsException", create
    pending = {"SecretId": name, "VersionStage": "AWSPENDING"}
    yield "a version that is missing", "ResourceNotFoundException", lambda: manager.get_secret_value(**pending)
    write("[]")
    yield "another value for a version", "ResourceExistsException", lambda: write("[1]")
    yield "a label that has moved", "InvalidParameterException", lambda: move(first)
    yield "a rotation without a function", "InvalidRequestException", lambda: manager.rotate_secret(SecretId=name)
