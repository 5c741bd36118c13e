"""docs/restoring.md, rehearsed: a table made as the deployed one is, lost data brought back, traffic moved to it."""

import time
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from lambdas.profiles.profile import Content, Profile
from lambdas.profiles.store import Table
from local.emulator.process import Emulator
from tests.stacks.synthesis import SynthesizedStack

URI = "https://www.linkedin.com/in/arjaynacion"


def profile(version: int) -> Profile:
    content = Content(uri=URI, full_name=f"Name {version}", attributes={"version": version})
    return Profile(content=content, version=version, revision=str(version), updated_at="2026-01-01", updated_by="me")


def wait_until_active(database: Any, table: str) -> None:
    deadline = time.monotonic() + 30
    while database.describe_table(TableName=table)["Table"]["TableStatus"] != "ACTIVE":
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def table(emulator: Emulator, stacks: dict[str, SynthesizedStack]) -> str:
    """As in `prod`: its keys, its protection against deletion, its point-in-time recovery."""
    [(_, resource)] = stacks["otto-prod-profiles"].of_type("AWS::DynamoDB::GlobalTable")
    properties = resource["Properties"]
    [replica] = properties["Replicas"]
    database = emulator.client("dynamodb")
    name = f"profiles-{uuid4().hex}"
    database.create_table(
        TableName=name,
        DeletionProtectionEnabled=replica["DeletionProtectionEnabled"],
        **{key: properties[key] for key in ("KeySchema", "AttributeDefinitions", "BillingMode")},
    )
    database.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification=replica["PointInTimeRecoverySpecification"]
    )
    return name


def test_a_protected_table_cannot_be_deleted(emulator: Emulator, table: str) -> None:
    with pytest.raises(ClientError, match=r"[Dd]eletion protection"):
        emulator.client("dynamodb").delete_table(TableName=table)


def test_a_restored_table_serves_what_was_lost_with_its_revisions(emulator: Emulator, table: str) -> None:
    database = emulator.client("dynamodb")
    Table(database, table).put(profile(1), replacing=None)
    backups = database.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    restored = f"{table}-restored"
    database.restore_table_to_point_in_time(
        SourceTableName=table, TargetTableName=restored, UseLatestRestorableTime=True
    )
    wait_until_active(database, restored)
    Table(database, table).delete(profile(1))
    assert Table(database, table).get(URI) is None
    assert Table(database, restored).get(URI) == profile(1)
    # What reads and writes go on with: the conditions of callers hold, for the revisions came along.
    Table(database, restored).put(profile(2), replacing=profile(1))
    assert Table(database, restored).get(URI) == profile(2)
    # Neither comes with a restore: docs/restoring.md turns both on by importing the table into the stack.
    found = database.describe_table(TableName=restored)["Table"]
    assert found.get("DeletionProtectionEnabled") in (None, False)
    description = database.describe_continuous_backups(TableName=restored)["ContinuousBackupsDescription"]
    assert description["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "DISABLED"


def test_a_backup_on_demand_restores_as_well(emulator: Emulator, table: str) -> None:
    database = emulator.client("dynamodb")
    Table(database, table).put(profile(1), replacing=None)
    arn = database.create_backup(TableName=table, BackupName="before-a-risk")["BackupDetails"]["BackupArn"]
    Table(database, table).delete(profile(1))
    database.restore_table_from_backup(TargetTableName=f"{table}-restored", BackupArn=arn)
    wait_until_active(database, f"{table}-restored")
    assert Table(database, f"{table}-restored").get(URI) == profile(1)
