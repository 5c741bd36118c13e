"""docs/restoring.md, rehearsed: a table made as the deployed one is, lost data brought back, traffic moved to it."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from lambdas.profiles.profile import Content, Number, Profile
from lambdas.profiles.store import Table
from local.emulator.process import Emulator
from tests.instructions import DOCS, commands, run
from tests.stacks.synthesis import SynthesizedStack

URI = "https://www.linkedin.com/in/arjaynacion"


def profile(version: int) -> Profile:
    content = Content(uri=URI, full_name=f"Name {version}", attributes={"version": Number(str(version))})
    return Profile(content=content, version=version, revision=str(version), updated_at="2026-01-01", updated_by="me")


def follow(emulator: Emulator, operation: str, table: str, new: str, **filled: str) -> Any:
    """Do the page's one command of this operation, as the AWS CLI would."""
    values = {"table": table, "new": new, "profile": URI} | filled
    [words] = commands("restoring.md", operation, **values)
    return run(emulator.client("dynamodb"), words)


def restore(emulator: Emulator, table: str) -> str:
    """Step 2: a new table, to the present moment."""
    new = f"{table}-restored"
    now = datetime.now(UTC).isoformat()
    follow(emulator, "restore-table-to-point-in-time", table, new, moment=now)
    wait_until_active(emulator, new)
    return new


def wait_until_active(emulator: Emulator, table: str) -> None:
    emulator.client("dynamodb").get_waiter("table_exists").wait(TableName=table, WaiterConfig={"Delay": 1})


def protection(emulator: Emulator, table: str) -> tuple[bool, str]:
    """Whether it is protected against deletion, and the state of its point-in-time recovery."""
    database = emulator.client("dynamodb")
    found = database.describe_table(TableName=table)["Table"]
    backups = database.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    recovery = backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
    return bool(found.get("DeletionProtectionEnabled")), recovery


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
    restored = restore(emulator, table)
    Table(database, table).delete(profile(1))
    assert Table(database, table).get(URI) is None
    assert follow(emulator, "get-item", table, restored)["Item"]["revision"] == {"S": profile(1).revision}
    assert Table(database, restored).get(URI) == profile(1)
    # What reads and writes go on with: the conditions of callers hold, for the revisions came along.
    Table(database, restored).put(profile(2), replacing=profile(1))
    assert Table(database, restored).get(URI) == profile(2)


def test_a_restored_table_is_protected_as_the_deployed_one_before_it_is_imported(
    emulator: Emulator, table: str
) -> None:
    """A restore brings neither protection along, and an import would apply neither.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/pointintimerecovery_restores.html
    """
    assert protection(emulator, table) == (True, "ENABLED")
    restored = restore(emulator, table)
    assert protection(emulator, restored) == (False, "DISABLED")
    follow(emulator, "update-table", table, restored)
    follow(emulator, "update-continuous-backups", table, restored)
    assert protection(emulator, restored) == (True, "ENABLED")
    page = (DOCS / "restoring.md").read_text()
    steps = ["update-table ", "update-continuous-backups ", "cdk import ", "detect-stack-drift "]
    assert [page.count(step) for step in steps] == [1, 1, 1, 1]
    assert sorted(steps, key=page.index) == steps


def test_a_backup_on_demand_restores_as_well(emulator: Emulator, table: str) -> None:
    database = emulator.client("dynamodb")
    Table(database, table).put(profile(1), replacing=None)
    arn = follow(emulator, "create-backup", table, "", what="a-risk")["BackupDetails"]["BackupArn"]
    Table(database, table).delete(profile(1))
    database.restore_table_from_backup(TargetTableName=f"{table}-restored", BackupArn=arn)
    wait_until_active(emulator, f"{table}-restored")
    assert Table(database, f"{table}-restored").get(URI) == profile(1)
