"""Profiles in a DynamoDB table, one item each. The one module that knows DynamoDB; it reads, puts and deletes only."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar, cast
from zlib import crc32

import boto3
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as ConnectError
from botocore.loaders import Loader
from botocore.parsers import ResponseParserError
from botocore.session import get_session

from . import json_text
from .errors import StoreError, SupersededError, UnavailableError
from .profile import TEXTS, Content, Profile, Value

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef as Attribute

ATTEMPTS: Final = 2
# botocore's defaults outlive the request: 60 s for each of several attempts. Here a call takes at most 2 attempts of
# 1.5 s with a pause of at most 1 s between them: 4 s.
CONFIG: Final = Config(
    connect_timeout=0.5,
    read_timeout=1,
    retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
    parameter_validation=False,  # what is sent is made of our own types: mypy has validated it
)
SECONDS: Final = 4.0
"""No call takes longer. The timeouts above are for silence: an answer that drips, a byte at a time, meets neither."""
THROTTLED: Final = frozenset({"ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded"})
# botocore's parser takes the shape of an answer on trust: a body that is a list, or nested without end, ends in these.
_MISREAD: Final = (AttributeError, LookupError, RecursionError, TypeError, ValueError)
# Field names are DynamoDB's to reserve (`location` is), and never come from a request.
_NAMES: Final = {"#revision": "revision"}

T = TypeVar("T")


class _LateError(BaseException):
    """No Exception: botocore takes every one of those for a broken connection, and asks again."""


def _give_up(*_: object) -> NoReturn:
    raise _LateError


class Table:
    """The store that the domain asks for. Every method raises UnavailableError or StoreError for DynamoDB's faults.

    For a process that answers one request at a time in its main thread, as Lambda's does: it alone meets an alarm.
    """

    def __init__(self, client: DynamoDBClient, name: str) -> None:
        self._client = client
        self._name = name
        signal.signal(signal.SIGALRM, _give_up)

    def get(self, uri: str) -> Profile | None:
        with _faults():
            answer = self._ask(
                self._client.get_item,
                TableName=self._name,
                Key={"uri": {"S": uri}},
                ConsistentRead=True,  # who has written must read what was written
                ReturnConsumedCapacity="TOTAL",
            )
        _require_whole(answer)
        return _profile(answer["Item"]) if "Item" in answer else None

    def put(self, profile: Profile, *, replacing: Profile | None) -> None:
        try:
            with _faults():
                answer = self._ask(
                    self._client.put_item,
                    TableName=self._name,
                    Item=_item(profile),
                    ReturnConsumedCapacity="TOTAL",
                    **_still(replacing),
                )
        except SupersededError as superseded:
            # A first attempt can be carried out though its answer is lost; the second then meets its own write.
            if superseded.current and superseded.current.revision == profile.revision:
                return
            raise
        _require_whole(answer)

    def delete(self, profile: Profile) -> None:
        try:
            with _faults():
                answer = self._ask(
                    self._client.delete_item,
                    TableName=self._name,
                    Key={"uri": {"S": profile.content.uri}},
                    ReturnConsumedCapacity="TOTAL",
                    **_still(profile),
                )
        except SupersededError as superseded:
            # Gone already, by a first attempt whose answer was lost or by another: what was asked for holds.
            if superseded.current is None:
                return
            raise
        _require_whole(answer)

    def _ask(self, operation: Callable[..., T], **parameters: Any) -> T:
        # An alarm, because a thread to wait for costs a tenth of the whole request.
        try:
            signal.setitimer(signal.ITIMER_REAL, SECONDS)
            try:
                return operation(**parameters)
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
        except _LateError:  # a write that was sent may still be carried out: it is conditional as every other
            raise UnavailableError(f"no whole answer within {SECONDS} s") from None


class _Loader(Loader):
    """Finds the one service without a look into the folders of all 400, which is a tenth of a cold start."""

    def list_available_services(self, _type_name: str) -> list[str]:
        return ["dynamodb"]


def connect(table: str) -> Table:
    """A table by name, with region, credentials and endpoint from the environment. Build once: it takes 50 ms."""
    session = get_session()
    session.register_component("data_loader", _Loader())
    client = boto3.Session(botocore_session=session).client("dynamodb", config=CONFIG)
    client.meta.events.register_first("needs-retry.dynamodb", _ask_again)
    return Table(client, table)


def _ask_again(response: tuple[AWSResponse, object] | None, attempts: int, **_: object) -> Any:
    """Have an answer that is not whole asked for again, as botocore has a lost connection: the seconds until then.

    botocore checks DynamoDB's checksum in its legacy retry mode alone, and since 1.44 takes a part for the whole.
    """
    if response is None or _is_whole(response[0]):
        return None
    if attempts == ATTEMPTS:
        raise UnavailableError("an answer that is not what its length or its checksum says")
    return 0.0


def _is_whole(answer: AWSResponse) -> bool:
    length, checksum = answer.headers.get("content-length"), answer.headers.get("x-amz-crc32")
    return length in {None, str(len(answer.content))} and checksum in {None, str(crc32(answer.content))}


def _still(replacing: Profile | None) -> dict[str, Any]:
    condition: dict[str, Any] = {
        "ExpressionAttributeNames": _NAMES,
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    if replacing is None:
        return {**condition, "ConditionExpression": "attribute_not_exists(#revision)"}
    values = {":revision": {"S": replacing.revision}}
    return {**condition, "ConditionExpression": "#revision = :revision", "ExpressionAttributeValues": values}


@contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = error.response["Error"].get("Code", "")
        if code == "ConditionalCheckFailedException":
            item = cast("dict[str, Attribute] | None", error.response.get("Item"))
            raise SupersededError(_profile(item) if item else None) from None
        described = f"{error.operation_name}: {code}: {error.response['Error'].get('Message', '')}"
        if code in THROTTLED or error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:
            raise UnavailableError(described) from error
        raise StoreError(described) from error
    except (HTTPClientError, ConnectError, ResponseParserError, *_MISREAD) as error:
        raise UnavailableError(type(error).__name__) from error
    except BotoCoreError as error:
        raise StoreError(type(error).__name__) from error


def _require_whole(answer: Mapping[str, Any]) -> None:
    # botocore takes a body it cannot parse for an empty success, which here would be "no such profile".
    if "ConsumedCapacity" not in answer:
        raise UnavailableError("a successful answer without the consumed capacity that was asked for")


def _item(profile: Profile) -> dict[str, Attribute]:
    content = profile.content
    texts = {name: text for name in TEXTS if (text := getattr(content, name)) is not None}
    stamp = {"revision": profile.revision, "updated_at": profile.updated_at, "updated_by": profile.updated_by}
    if profile.replaced:
        stamp["replaced"] = profile.replaced
    # As text, because DynamoDB's numbers keep 38 digits and its documents 32 levels; and only the whole is ever read.
    attributes = json_text.encode(dict(content.attributes))
    strings = {"uri": content.uri, **texts, "attributes": attributes, **stamp}
    return {"version": {"N": str(profile.version)}, **{name: {"S": text} for name, text in strings.items()}}


def _profile(item: Mapping[str, Any]) -> Profile:
    def text(name: str) -> str:
        found = item[name]["S"]
        if not isinstance(found, str):
            raise TypeError(name)
        return found

    try:
        texts = {name: text(name) for name in TEXTS if name in item}
        attributes = cast("dict[str, Value]", json_text.decode_kept(text("attributes")))
        return Profile(
            content=Content(uri=text("uri"), attributes=attributes, **texts),
            version=int(item["version"]["N"]),
            revision=text("revision"),
            updated_at=text("updated_at"),
            updated_by=text("updated_by"),
            replaced=text("replaced") if "replaced" in item else "",
        )
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise StoreError("an item of the table is not a profile as this service writes them") from error
