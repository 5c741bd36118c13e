"""An app client whose secret Cognito keeps is taken over: killed at each call, while its callers call all the time."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import boto3
import pytest

import otto_m2m
from lambdas.rotation.token_endpoint import OAuthTokenEndpoint
from local import cloud
from otto_m2m import token
from stacks.environments import ENVIRONMENTS
from tests.local.rotation.fleet import CLIENTS, Fleet
from tests.local.waiting import wait
from tools.adopt import live, managed
from tools.adopt.managed import TakeOver
from tools.adopt.plan import CLIENT, Adopted
from tools.place import Place

NAME: Final = CLIENTS[14]
SECRET: Final = f"otto/dev/clients/{NAME}"
PROFILE: Final = "https://www.linkedin.com/in/arjaynacion"
PUBLISH: Final = "PublishSecretsInAWSSecretsManager"
SETTINGS: Final = ("ClientName", "AllowedOAuthFlows", "AllowedOAuthFlowsUserPoolClient", "AllowedOAuthScopes")


class Killed(BaseException):
    """The process is gone, between two instructions."""


class Mortal:
    """The clients of one run, which dies at a call: before it is sent, or after it was answered."""

    def __init__(self, number: int, *, after: bool) -> None:
        self._left, self._event = number, "needs-retry" if after else "before-send"

    def client(self, service: str) -> Any:
        make: Any = boto3.client
        client = make(service)
        client.meta.events.register(self._event, self._live)
        return client

    def _live(self, **_: object) -> None:
        self._left -= 1
        if not self._left:
            raise Killed


@pytest.fixture(autouse=True)
def _at_emulator(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in cloud.environment(fleet.platform.emulator).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    monkeypatch.setattr(token, "RENEW_AT", (0.0001, 0.0003))  # of an hour: each call of a second or so renews


@pytest.fixture
def adopted(fleet: Fleet) -> Adopted:
    """A client as an import leaves it: Cognito keeps its one secret, and ours is generated and not registered."""
    pool, client_id = fleet.platform.parameter("user-pool-id"), fleet.held(NAME)["client_id"]
    made = Adopted(
        stack="dev/clients-fleet",
        stack_name="otto-dev-clients-fleet",
        logical_id=NAME,
        type=CLIENT,
        identifier={"UserPoolId": pool, "ClientId": client_id},
        wanted={"ClientName": NAME},
        template=Path(),
        importable={},
    )
    cognito = fleet.platform.emulator.client("cognito-idp")
    set_publishing(cognito, made, wanted=True)
    for older in live.listed(cognito, made.identifier)[:-1]:
        cognito.delete_user_pool_client_secret(**made.identifier, ClientSecretId=older)
    generated = {"client_id": client_id, "client_secret": "G" * 64}
    fleet.secrets.put_secret_value(SecretId=SECRET, SecretString=json.dumps(generated))
    return made


def set_publishing(cognito: Any, adopted: Adopted, *, wanted: bool) -> None:
    shown = cognito.describe_user_pool_client(**adopted.identifier)["UserPoolClient"]
    kept = {name: shown[name] for name in SETTINGS}
    cognito.update_user_pool_client(**adopted.identifier, **kept, **{PUBLISH: wanted})


def take_over(fleet: Fleet, adopted: Adopted) -> str | None:
    """Run it until a run lives: each of those before dies a call later than the one before it."""
    endpoint = OAuthTokenEndpoint(fleet.platform.parameter("token-endpoint"))
    for number in range(2, 200):
        run = Mortal(number // 2, after=number % 2 == 1)
        try:
            cognito, secrets = run.client("cognito-idp"), run.client("secretsmanager")
            managed.hold(secrets, managed.arns(cognito, [adopted]))
            return TakeOver(cognito, secrets, endpoint, Place(environment=ENVIRONMENTS[0]), adopted).advance()
        except Killed:
            continue
    raise AssertionError


@contextmanager
def calling(met: Counter[str], **options: str) -> Iterator[None]:
    """A service that calls the API twice a second, until the block ends."""
    over = threading.Event()

    def call() -> None:
        session, url = otto_m2m.connect("dev", NAME, **options)
        while not over.wait(0.5):
            try:
                met[str(session.get(url, params={"uri": PROFILE}).status_code)] += 1
            except Exception as error:  # noqa: BLE001 - whatever a service would meet is a failed call
                met[f"{type(error).__name__}: {error}"] += 1

    thread = threading.Thread(target=call)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_it_is_taken_over_by_runs_that_are_killed_at_each_call_and_no_call_of_a_caller_fails(
    fleet: Fleet, adopted: Adopted
) -> None:
    cognito = fleet.platform.emulator.client("cognito-idp")
    arn = str(live.managed(cognito, adopted.identifier))
    before, after, late = Counter[str](), Counter[str](), Counter[str]()
    with calling(before, secret=arn):
        wait(lambda: before.total() > 2)
        told = str(take_over(fleet, adopted))
        assert f"{SECRET} and {arn} both work now" in told
        assert fleet.secrets.describe_secret(SecretId=arn)["RotationRules"] == managed.HELD
        with calling(after):  # its callers move
            wait(lambda: after.total() > 4)
            assert take_over(fleet, adopted) == told, "it waits for a person"
    with calling(after):
        set_publishing(cognito, adopted, wanted=False)  # the person's own act: nobody reads the ARN any more
        assert take_over(fleet, adopted) is None
        wait(lambda: NAME not in fleet.platform.unready(NAME), seconds=60)
        with calling(late):
            wait(lambda: late.total() > 2)
        assert take_over(fleet, adopted) is None
    assert (set(before), set(after), set(late)) == ({"200"}, {"200"}, {"200"})
    assert len(live.listed(cognito, adopted.identifier)) == 2
    fleet.rotate([NAME])
    assert fleet.refusal(fleet.held(NAME)) is None


def test_a_rotation_of_cognitos_all_the_same_is_repaired(fleet: Fleet, adopted: Adopted) -> None:
    """Somebody rotates the managed secret by hand between the last look and its end: ours is the older then."""
    cognito = fleet.platform.emulator.client("cognito-idp")
    arn = str(live.managed(cognito, adopted.identifier))
    assert take_over(fleet, adopted)
    fleet.secrets.rotate_secret(SecretId=arn)
    set_publishing(cognito, adopted, wanted=False)
    assert take_over(fleet, adopted) is None
    wait(lambda: NAME not in fleet.platform.unready(NAME), seconds=60)
    assert fleet.refusal(fleet.held(NAME)) is None
