"""CloudFormation is asked with pauses and to its last page, and a client that has no room for our secret is refused."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pytest

from stacks.environments import ENVIRONMENTS
from tools.adopt import __main__ as command
from tools.adopt.cloud import Cloud
from tools.adopt.plan import CLIENT, Adopted, AdoptionError
from tools.place import Place


class CloudFormation:
    """Detects for two questions, and answers with one drift a page."""

    def __init__(self, *logical_ids: str) -> None:
        self.logical_ids = list(logical_ids)
        self.statuses = ["DETECTION_IN_PROGRESS", "DETECTION_IN_PROGRESS", "DETECTION_COMPLETE"]

    def detect_stack_drift(self, **_: Any) -> dict[str, Any]:
        return {"StackDriftDetectionId": "id"}

    def describe_stack_drift_detection_status(self, **_: Any) -> dict[str, Any]:
        return {"DetectionStatus": self.statuses.pop(0)}

    def describe_stack_resource_drifts(self, NextToken: str = "0", **_: Any) -> dict[str, Any]:  # noqa: N803
        index = int(NextToken)
        drift = {"LogicalResourceId": self.logical_ids[index], "StackResourceDriftStatus": "MODIFIED"}
        more = {"NextToken": str(index + 1)} if index + 1 < len(self.logical_ids) else {}
        return {"StackResourceDrifts": [drift]} | more


def test_drift_is_awaited_with_pauses_and_read_to_the_last_page(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    assert Cloud("", CloudFormation("A", "B")).drifted(["s"]) == ["s: A: MODIFIED", "s: B: MODIFIED"]
    assert pauses == [2, 2]


class Cognito:
    """App clients by id, each with the number of its secrets, made `age` ago; `names` are the pool's, by id."""

    exceptions = SimpleNamespace(ResourceNotFoundException=KeyError, InvalidParameterException=ValueError)

    names: Mapping[str, str] = MappingProxyType({})
    age = timedelta(days=1)

    def __init__(self, **secrets: int) -> None:
        self.secrets = secrets

    def get_paginator(self, operation: str) -> Any:
        assert operation == "list_user_pool_clients"
        pages = [{"UserPoolClients": [{"ClientId": each, "ClientName": name}]} for each, name in self.names.items()]
        return SimpleNamespace(paginate=lambda *, UserPoolId: pages)  # noqa: ARG005, N803

    def list_user_pool_client_secrets(self, *, UserPoolId: str, ClientId: str) -> dict[str, Any]:  # noqa: N803
        assert UserPoolId == "pool"
        made = datetime.now(UTC) - self.age
        return {"ClientSecrets": [{"ClientSecretCreateDate": made}] * self.secrets[ClientId]}


AT = Place(environment=ENVIRONMENTS[0])


def client(name: str) -> Adopted:
    return Adopted(
        stack="dev/s",
        stack_name="s",
        logical_id=name,
        type=CLIENT,
        identifier={"UserPoolId": "pool", "ClientId": name},
        wanted={"ClientName": name},
        template=Path(),
        importable={},
    )


@pytest.mark.parametrize(("held", "refused"), [((), ["full"]), (("full",), [])])
def test_a_client_with_two_secrets_is_refused_until_its_stack_holds_it(
    monkeypatch: pytest.MonkeyPatch, held: tuple[str, ...], refused: list[str]
) -> None:
    cloud = Cloud("", None)
    monkeypatch.setattr(cloud, "resources", lambda _: set(held))
    told = []
    try:
        command.require_room(Cognito(full=2, usual=1), cloud, [client("full"), client("usual"), client("none")], {}, AT)
    except AdoptionError as error:
        told = str(error).splitlines()[1:]
    assert [line.split(":")[0] for line in told] == [f"UserPoolClient {name}" for name in refused]
    assert all("delete the other (docs/adopting.md)" in line for line in told)


def test_a_client_whose_name_another_of_the_pool_has_is_refused_with_both() -> None:
    cognito = Cognito()
    cognito.names = {"usual": "usual", "stranger": "full", "full": "full"}
    with pytest.raises(AdoptionError, match="UserPoolClient full: the pool has full as stranger too: rename or delete"):
        command.require_own_names(cognito, [client("full"), client("usual")])
    command.require_own_names(cognito, [client("usual")])


@pytest.mark.parametrize(("seconds", "waits"), [(0, True), (100, True), (181, False), (86400, False)])
def test_a_client_that_was_made_a_moment_ago_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, seconds: int, waits: bool
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    cognito = Cognito(usual=1)
    cognito.age = timedelta(seconds=seconds)
    command.wait_for_age(cognito, [client("usual"), client("none")])
    assert [180 - seconds - pause < 60 for pause in pauses] == [True] * waits
