"""The deployed function killed between its changes: Secrets Manager calls it again, and it ends as if nothing was.

tests/lambdas/rotation has every point of every kind of rotation in memory; here are, for real, those of a usual
rotation, of one after a restore, and of a first one.
"""

import json
from collections.abc import Iterator

import pytest

from tests.lambdas.rotation.test_crashes import CHANGES
from tests.local.platform.deployed import READ
from tests.local.rotation.fleet import ATTEMPTS, CLIENTS, Fleet, Started
from tests.local.rotation.test_hands import restore
from tests.local.rotation.wire import KILL, Call
from tests.local.waiting import wait


def points(rotation: str) -> list[str]:
    """Every change of a kind of rotation, as the wire sees it."""
    return [change.partition(": ")[2] for change in CHANGES[rotation]]


# Those of a usual rotation, each with the client that is killed there.
POINTS = dict(zip(points("third"), CLIENTS, strict=False))


class Killer:
    """Kills the function the first `times` times that it has just made a change."""

    def __init__(self, client: str, operation: str, times: int = 1) -> None:
        self.client, self.operation, self.left = client, operation, times

    def __call__(self, call: Call) -> str | None:
        if (call.client, call.operation, call.moment) != (self.client, self.operation, "after") or not self.left:
            return None
        self.left -= 1
        return KILL


def ended_like_any_other(fleet: Fleet, client: str, previous: dict[str, str]) -> None:
    assert fleet.refusal(fleet.held(client)) is None
    assert fleet.held(client) != previous
    assert fleet.held(client, "AWSPREVIOUS") == previous, "one rotation, not two"
    assert fleet.refusal(previous) is None
    assert fleet.pending(client) is None


def test_killed_after_each_of_its_changes_it_ends_as_if_nothing_was(fleet: Fleet) -> None:
    fleet.rotate(POINTS.values())
    held = {client: fleet.held(client) for client in POINTS.values()}
    killers = [Killer(client, change) for change, client in POINTS.items()]
    undisturbed: list[str] = []

    def record(call: Call) -> None:
        if (call.client, call.moment) == (CLIENTS[9], "before") and call.operation in POINTS:
            undisturbed.append(call.operation)

    fleet.rotate([CLIENTS[9]])
    fleet.wire.rules += [*killers, record]
    fleet.rotate([*POINTS.values(), CLIENTS[9]])
    assert [killer.operation for killer in killers if killer.left] == [], "each was killed where it was meant to be"
    assert undisturbed == list(POINTS), "the table is what the function does"
    for client in POINTS.values():
        ended_like_any_other(fleet, client, held[client])
    # And the next rotation knows which secret is which.
    fleet.wire.rules.clear()
    held = {client: fleet.held(client) for client in POINTS.values()}
    fleet.rotate(POINTS.values())
    for client in POINTS.values():
        ended_like_any_other(fleet, client, held[client])


def test_killed_after_each_of_its_changes_once_a_version_was_restored_it_ends_as_if_nothing_was(fleet: Fleet) -> None:
    killed = dict(zip(points("after a person restored the previous version"), CLIENTS, strict=False))
    fleet.rotate(killed.values())
    held = {client: restore(fleet, client) for client in killed.values()}
    killers = [Killer(client, change) for change, client in killed.items()]
    fleet.wire.rules += killers
    fleet.rotate(killed.values())
    assert [killer.operation for killer in killers if killer.left] == []
    for client in killed.values():
        ended_like_any_other(fleet, client, held[client])


@pytest.fixture
def newcomers(fleet: Fleet) -> Iterator[dict[str, dict[str, str]]]:
    """App clients that were never rotated, as CloudFormation makes them, one for each change of a first rotation: the
    credentials of each by the secret that Cognito made."""
    cognito, generated = fleet.platform.emulator.client("cognito-idp"), {}
    pool = fleet.platform.parameter("user-pool-id")
    for number, _ in enumerate(points("first")):
        made = cognito.create_user_pool_client(
            UserPoolId=pool,
            ClientName=f"newcomer-{number}",
            GenerateSecret=True,
            AllowedOAuthFlowsUserPoolClient=True,
            AllowedOAuthFlows=["client_credentials"],
            AllowedOAuthScopes=[READ],
        )["UserPoolClient"]
        fleet.values.add(made["ClientSecret"])
        generated[made["ClientName"]] = {"client_id": made["ClientId"], "client_secret": made["ClientSecret"]}
        fleet.wire.names[made["ClientId"]] = made["ClientName"]
        fleet.secrets.create_secret(
            Name=f"otto/dev/clients/{made['ClientName']}",
            SecretString=json.dumps({"client_id": made["ClientId"], "client_secret": "A" * 64}),
            Tags=[{"Key": "client-id", "Value": made["ClientId"]}],
        )
    yield generated
    for name, credentials in generated.items():
        fleet.secrets.delete_secret(SecretId=f"otto/dev/clients/{name}", ForceDeleteWithoutRecovery=True)
        cognito.delete_user_pool_client(UserPoolId=pool, ClientId=credentials["client_id"])


def test_killed_after_each_change_of_its_first_rotation_it_ends_with_ours_alone(
    fleet: Fleet, newcomers: dict[str, dict[str, str]]
) -> None:
    function = fleet.secrets.describe_secret(SecretId=f"otto/dev/clients/{CLIENTS[0]}")["RotationLambdaARN"]
    killers = [Killer(client, change) for change, client in zip(points("first"), newcomers, strict=True)]
    fleet.wire.rules += killers
    first = {}
    for client in newcomers:
        version = fleet.secrets.rotate_secret(
            SecretId=f"otto/dev/clients/{client}",
            RotationLambdaARN=function,
            RotationRules={"AutomaticallyAfterDays": 90},
        )["VersionId"]
        first[client] = Started(client, version, log=0)
    for client, started in first.items():
        assert fleet.ended_well(started), started
        assert fleet.refusal(fleet.held(client)) is None
        assert fleet.refusal(newcomers[client]) == "invalid_client", "what Cognito made is gone"
    wait(lambda: not any(killer.left for killer in killers))
    fleet.wire.rules.clear()
    held = {client: fleet.held(client) for client in newcomers}
    fleet.rotate(newcomers)
    for client in newcomers:
        ended_like_any_other(fleet, client, held[client])


def test_killed_until_secrets_manager_gives_up_the_old_secret_works_and_the_next_rotation_ends_it(fleet: Fleet) -> None:
    client = CLIENTS[7]
    held = fleet.held(client)
    killer = Killer(client, "AddUserPoolClientSecret", ATTEMPTS)
    # The retry finds its value registered, so it is killed at its next call.
    fleet.wire.rules += [killer, lambda call: KILL if call.client == client and killer.left < ATTEMPTS else None]
    assert not fleet.ended_well(fleet.start(client))
    assert fleet.pending(client)
    assert fleet.refusal(fleet.held(client)) is None
    assert fleet.held(client) == held
    fleet.wire.rules.clear()
    fleet.rotate([client])
    ended_like_any_other(fleet, client, held)


@pytest.mark.parametrize("operation", ["PutSecretValue", "AddUserPoolClientSecret"])
def test_a_rotation_asked_for_during_another_is_refused_and_harms_nothing(fleet: Fleet, operation: str) -> None:
    client = CLIENTS[8]
    held = fleet.held(client)
    reached: list[Call] = []
    again: list[object] = []

    def ask_again(call: Call) -> None:
        if (call.client, call.operation, call.moment) == (client, operation, "before") and not reached:
            reached.append(call)
            again.append(fleet.start(client).version)

    fleet.wire.rules.append(ask_again)
    started = fleet.start(client)
    assert fleet.ended_well(started)
    wait(lambda: again)
    assert again == [started.version], "the same rotation, not a second one"
    ended_like_any_other(fleet, client, held)
