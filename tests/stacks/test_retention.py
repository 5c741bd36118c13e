"""Stateful things survive mistakes outside `dev`, keep their logical ids, and leave nothing behind in `dev`."""

import copy
from pathlib import Path

import pytest

from stacks import registry
from stacks.environments import ENVIRONMENTS, Environment
from tests.registry.sample import CLIENT, GROUPS, write
from tests.stacks.synthesis import SynthesizedStack, Template, synthesize_callers

STATEFUL = {
    "AWS::Cognito::UserPool",
    "AWS::Cognito::UserPoolDomain",
    "AWS::Cognito::UserPoolResourceServer",
    "AWS::DynamoDB::Table",
    "AWS::DynamoDB::GlobalTable",
}
PINNED = {
    "identity": {
        "UserPool6BA7E5F2": "AWS::Cognito::UserPool",
        "UserPoolDomainD0EA232A": "AWS::Cognito::UserPoolDomain",
        "UserPoolResourceServer05D1463A": "AWS::Cognito::UserPoolResourceServer",
    },
    "profiles": {"TableCD117FA1": "AWS::DynamoDB::GlobalTable", "ApiRestApiE35FEAFE": "AWS::ApiGateway::RestApi"},
}
OF_A_CLIENT = {
    "leadenricherAppClientAA93C04A": "AWS::Cognito::UserPoolClient",
    "leadenricherCredentials4E8196BA": "AWS::SecretsManager::Secret",
}
"""A changed logical id replaces the resource: callers lose their credentials, or everybody the data."""


def fragile(stack: SynthesizedStack) -> list[str]:
    """Every stateful resource that a deleted or failed stack would take with it, and the stack if it can be deleted."""
    found = [] if stack.termination_protection else ["termination protection is off"]
    for logical_id, resource in stack.of_type(*STATEFUL):
        if (resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy")) != ("RetainExceptOnCreate", "Retain"):
            found.append(f"{logical_id}: not retained")
        properties = resource["Properties"]
        if resource["Type"] == "AWS::Cognito::UserPool" and properties.get("DeletionProtection") != "ACTIVE":
            found.append(f"{logical_id}: no deletion protection")
        for replica in properties.get("Replicas", []):
            if not replica.get("DeletionProtectionEnabled"):
                found.append(f"{logical_id}: no deletion protection")
            if not replica.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled"):
                found.append(f"{logical_id}: no point-in-time recovery")
    return found


def test_stateful_resources_survive_outside_dev(stacks: dict[str, SynthesizedStack]) -> None:
    guarded = [stack for stack in stacks.values() if stack.environment != "dev"]
    assert {stack.name: found for stack in guarded if (found := fragile(stack))} == {}


def test_the_same_stacks_in_dev_are_found_fragile(stacks: dict[str, SynthesizedStack]) -> None:
    assert fragile(stacks["otto-dev-identity"]) == [
        "termination protection is off",
        "UserPool6BA7E5F2: not retained",
        "UserPool6BA7E5F2: no deletion protection",
        "UserPoolDomainD0EA232A: not retained",
        "UserPoolResourceServer05D1463A: not retained",
    ]
    assert fragile(stacks["otto-dev-profiles"]) == [
        "termination protection is off",
        "TableCD117FA1: not retained",
        "TableCD117FA1: no deletion protection",
    ]


def to_pin(stack: SynthesizedStack) -> dict[str, str]:
    """The logical id and type of everything in a stack that a replacement would lose."""
    kinds = STATEFUL | {kind for pinned in (OF_A_CLIENT, *PINNED.values()) for kind in pinned.values()}
    return {logical_id: resource["Type"] for logical_id, resource in stack.of_type(*kinds)}


def unpinned(stacks: dict[str, SynthesizedStack], environment: Environment) -> dict[str, dict[str, str]]:
    """Each stack of an environment, but for those of app clients, whose stateful resources are not those pinned."""
    found = {
        name: to_pin(stack)
        for stack in stacks.values()
        if stack.environment == environment.name
        and not (name := stack.name.removeprefix(environment.stack(""))).startswith("clients-")
    }
    return {name: resources for name, resources in found.items() if resources != PINNED.get(name, {})}


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda environment: environment.name)
def test_every_stateful_resource_keeps_its_logical_id(
    stacks: dict[str, SynthesizedStack], environment: Environment
) -> None:
    assert {environment.stack(name) for name in PINNED} <= stacks.keys()
    assert unpinned(stacks, environment) == {}


def test_an_app_client_keeps_its_logical_ids_in_every_environment(tmp_path: Path) -> None:
    grants = "".join(f"  {environment.name}:\n    scopes: [api.read]\n" for environment in ENVIRONMENTS)
    entry = f"{CLIENT.partition('environments:')[0]}environments:\n{grants}"
    write(tmp_path, {"groups.yaml": GROUPS, "internal/lead-enricher.yaml": entry})
    stacks = synthesize_callers(registry.load(tmp_path))
    for environment in ENVIRONMENTS:
        assert to_pin(stacks[environment.stack("clients-internal")]) == OF_A_CLIENT


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda environment: environment.name)
def test_a_planted_table_that_is_not_pinned_is_found(
    stacks: dict[str, SynthesizedStack], environment: Environment
) -> None:
    planted = copy.deepcopy(stacks[environment.stack("account")])
    planted.template["Resources"]["Planted"] = {"Type": "AWS::DynamoDB::Table"}
    found = unpinned(stacks | {planted.name: planted}, environment)
    assert found == {"account": {"Planted": "AWS::DynamoDB::Table"}}


def short(stack: SynthesizedStack, days: int) -> list[str]:
    """Every log group that is kept for another time than this, or for ever."""
    return [
        f"{logical_id}: {resource['Properties'].get('RetentionInDays')}"
        for logical_id, resource in stack.of_type("AWS::Logs::LogGroup")
        if resource["Properties"].get("RetentionInDays") != days
    ]


def test_logs_are_kept_a_year_outside_dev_but_the_copy_of_the_trails_token_requests(
    stacks: dict[str, SynthesizedStack],
) -> None:
    for environment in ENVIRONMENTS:
        mine = [stack for stack in stacks.values() if stack.environment == environment.name]
        assert any(list(stack.of_type("AWS::Logs::LogGroup")) for stack in mine)
        found = [each for stack in mine for each in short(stack, 30 if environment.name == "dev" else 365)]
        assert found == ([] if environment.name == "dev" else ["AuditTokens12CEEDB2: 30"])


def test_a_planted_log_that_is_kept_for_ever_is_found(stacks: dict[str, SynthesizedStack]) -> None:
    stack = copy.deepcopy(stacks["otto-prod-rotation"])
    [(logical_id, group)] = stack.of_type("AWS::Logs::LogGroup")
    del group["Properties"]["RetentionInDays"]
    assert short(stack, 365) == [f"{logical_id}: None"]


def unrecoverable(template: Template) -> list[str]:
    """Every table that cannot be brought back to a moment, has a fixed capacity, or a key that nobody sees used."""
    found = []
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] not in ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"):
            continue
        properties = resource["Properties"]
        if properties.get("BillingMode") != "PAY_PER_REQUEST":
            found.append(f"{logical_id}: not on demand")
        if properties.get("SSESpecification") != {"SSEEnabled": True, "SSEType": "KMS"}:
            found.append(f"{logical_id}: encryption")
        for part in properties.get("Replicas", [properties]):
            if not part.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled"):
                found.append(f"{logical_id}: no point-in-time recovery")
    return found


def test_tables_are_on_demand_recoverable_and_encrypted_everywhere(stacks: dict[str, SynthesizedStack]) -> None:
    assert {name: found for name, stack in stacks.items() if (found := unrecoverable(stack.template))} == {}


def test_a_planted_table_without_any_of_it_is_found() -> None:
    template = {"Resources": {"Planted": {"Type": "AWS::DynamoDB::Table", "Properties": {}}}}
    assert unrecoverable(template) == [
        "Planted: not on demand",
        "Planted: encryption",
        "Planted: no point-in-time recovery",
    ]
